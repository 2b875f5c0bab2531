import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorOf, systemCode } from '@gatehouse/kit';
import type { SecretSource } from '../site/secret-source.ts';
import type { Site } from '../site/site.ts';
import type { SiteCheck, SiteFault } from './fault.ts';

export type SecretFault = Pick<SiteFault, 'code' | 'values'>;

/** Reads a secret, or says why it cannot be had; the place is named, the secret never. */
function secretOf(
  source: SecretSource,
  siteFile: string,
  env: NodeJS.ProcessEnv,
): { readonly secret: string } | { readonly fault: SecretFault; readonly cause?: unknown } {
  if ('env' in source) {
    const secret = env[source.env];
    return secret ? { secret } : { fault: { code: 'secret-env-missing', values: { variable: source.env } } };
  }
  const file = resolve(dirname(siteFile), source.file);
  try {
    const secret = readFileSync(file, 'utf8').trim();
    return secret ? { secret } : { fault: { code: 'secret-file-empty', values: { file } } };
  } catch (cause) {
    const why = systemCode(cause) ?? 'error';
    return { fault: { code: 'secret-file-missing', values: { file, why } }, cause };
  }
}

/**
 * Reads a secret from the place that the site file names. Throws `SECRET_MISSING`, naming the place but never
 * the secret.
 */
export function readSecret(
  source: SecretSource,
  siteFile: string,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const read = secretOf(source, siteFile, env);
  if ('secret' in read) return read.secret;
  const { file, why, variable } = read.fault.values ?? {};
  if (variable !== undefined) throw errorOf('SECRET_MISSING/variable', { variable: String(variable) });
  if (why === undefined) throw errorOf('SECRET_MISSING/empty', { file: String(file) });
  throw errorOf('SECRET_MISSING', { file: String(file), reason: String(why) }, { cause: read.cause });
}

/** Secrets by the path of their reference in the site file. */
export type SecretPaths = readonly (readonly [
  path: readonly PropertyKey[],
  source: SecretSource | undefined,
])[];

/** One fault for each secret that this process cannot read here as its user. */
export function secretFaults(secrets: SecretPaths, siteFile: string, env = process.env): SiteFault[] {
  return secrets.flatMap(([path, source]) => {
    const read = source && secretOf(source, siteFile, env);
    return read && 'fault' in read ? [{ path, ...read.fault }] : [];
  });
}

/** The passwords of cameras: without one the vision service starts, and this one camera stays dark. */
export function cameraSecrets(siteFile: string, env = process.env): SiteCheck<Site> {
  return ({ cameras }) =>
    secretFaults(
      cameras.map(({ password }, c) => [['cameras', c, 'password'], password] as const),
      siteFile,
      env,
    );
}
