import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorOf, GatehouseError, systemCode, writeDurably } from '@gatehouse/kit';

/** The ready flows a new box starts with, in the order of their tabs. */
const readyFlows = ['illegal-parking', 'help-emergency', 'gate-schedule'].map((name) =>
  join(import.meta.dirname, '..', 'examples', `${name}.json`),
);

function readyText(): string {
  return JSON.stringify(
    readyFlows.flatMap((file) => JSON.parse(readFileSync(file, 'utf8'))),
    undefined,
    4,
  );
}

const secretLength = 64;

/**
 * Makes Node-RED's user directory: private to this service, with a credential secret of its own and, on the
 * very first start, the ready flows. Flows that an installer has deployed are never touched.
 */
export function prepareUserDir(userDir: string): { readonly credentialSecret: string } {
  try {
    mkdirSync(userDir, { recursive: true, mode: 0o700 });
    const credentialSecret = credentialSecretIn(userDir);
    const flowFile = join(userDir, 'flows.json');
    if (!existsSync(flowFile)) writeDurably(flowFile, readyText(), 0o600);
    return { credentialSecret };
  } catch (cause) {
    if (cause instanceof GatehouseError) throw cause;
    throw errorOf('FLOWS_DIR_UNUSABLE', { folder: userDir, reason: systemCode(cause) ?? 'error' }, { cause });
  }
}

/**
 * Credentials in flows are encrypted with it. A damaged secret must stop the start: a new one in its place
 * would lose them.
 */
function credentialSecretIn(userDir: string): string {
  const path = join(userDir, 'credential-secret');
  if (!existsSync(path)) writeDurably(path, randomBytes(secretLength / 2).toString('hex'), 0o600);
  chmodSync(path, 0o600);
  const secret = readFileSync(path, 'utf8').trim();
  if (secret.length !== secretLength || (statSync(path).mode & 0o077) !== 0)
    throw errorOf('CREDENTIAL_SECRET_DAMAGED', { path, length: secretLength });
  return secret;
}
