import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readSecret, type SecretSource, type SiteFault, type UplinkTls } from '@gatehouse/contracts';
import { errorOf, GatehouseError, type HealthLine, healthLine } from '@gatehouse/kit';

/** Options of a TLS connection, as Node takes them. PEM texts; the key is in no error and no log. */
export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** When the box's own certificate ends, epoch milliseconds. */
  readonly certEndsMs?: number;
}

/** People are told so long before a certificate ends. */
export const certWarnDays = 30;
const dayMs = 86_400_000;

/**
 * Reads and checks the PEM files that a site names; called for each connection, so that a renewed certificate
 * is taken without a restart. Throws `SECRET_MISSING`, `UPLINK_TLS_FILE` or `UPLINK_TLS_MISMATCH`, naming the
 * file.
 */
export function readClientTls(tls: UplinkTls, siteFile: string, env = process.env): ClientTls {
  const read = (source: SecretSource | undefined) => source && readSecret(source, siteFile, env);
  const texts = { ca: read(tls.ca), cert: read(tls.cert), key: read(tls.key) };
  const { wrong, certEndsMs } = inspected(texts);
  const [first] = wrong;
  if (first === 'mismatch')
    throw errorOf('UPLINK_TLS_MISMATCH', { key: place(tls.key), cert: place(tls.cert) });
  if (first) throw errorOf('UPLINK_TLS_FILE', { file: place(tls[first]), content: contents[first] });
  const { ca, cert, key } = texts;
  return {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(certEndsMs === undefined ? {} : { certEndsMs }),
  };
}

/**
 * Errors of `readClientTls` about files that are there, as faults of the site file; `path`: of the "tls"
 * section.
 */
export function tlsFaults(
  tls: UplinkTls,
  path: SiteFault['path'],
  siteFile: string,
  env = process.env,
): SiteFault[] {
  const read = (source: SecretSource | undefined) => {
    try {
      return source && readSecret(source, siteFile, env);
    } catch (error) {
      // Told as a secret that is missing.
      if (error instanceof GatehouseError) return undefined;
      throw error;
    }
  };
  const { wrong } = inspected({ ca: read(tls.ca), cert: read(tls.cert), key: read(tls.key) });
  return wrong.map((one): SiteFault => {
    if (one !== 'mismatch')
      return {
        path: [...path, one],
        code: one === 'key' ? 'tls-no-key' : 'tls-no-certificate',
        values: { place: place(tls[one]) },
      };
    const values = { key: place(tls.key), cert: place(tls.cert) };
    return { path: [...path, 'key'], code: 'tls-mismatch', values };
  });
}

const contents = { ca: 'a certificate', cert: 'a certificate', key: 'an unencrypted private key' } as const;

/**
 * Texts that are no PEM, and the end of the box's own certificate. OpenSSL's words are left out: they could
 * quote a key.
 */
function inspected({ ca, cert, key }: Readonly<Record<'ca' | 'cert' | 'key', string | undefined>>) {
  const wrong: ('ca' | 'cert' | 'key' | 'mismatch')[] = [];
  const parsed = <T>(name: 'ca' | 'cert' | 'key', parse: () => T): T | undefined => {
    try {
      return parse();
    } catch {
      wrong.push(name);
      return undefined;
    }
  };
  if (ca) parsed('ca', () => new X509Certificate(ca));
  const own = cert ? parsed('cert', () => new X509Certificate(cert)) : undefined;
  const secret = key ? parsed('key', () => createPrivateKey(key)) : undefined;
  if (own && secret && !own.checkPrivateKey(secret)) wrong.push('mismatch');
  return { wrong, certEndsMs: own && Date.parse(own.validTo) };
}

/** One line for people when a certificate has less than 30 days left (or none), else `undefined`. */
export function certificateWarning(
  what: string,
  endsMs: number | undefined,
  nowMs: number,
): HealthLine | undefined {
  if (endsMs === undefined || endsMs - nowMs > certWarnDays * dayMs) return undefined;
  const day = new Date(endsMs).toISOString().slice(0, 10);
  const days = Math.floor((endsMs - nowMs) / dayMs);
  if (days < 0) return healthLine('UPLINK_CERT_EXPIRED', { what, day });
  return healthLine('UPLINK_CERT_EXPIRES', { what, day, days });
}

function place(source: SecretSource | undefined): string {
  if (!source) return 'nothing';
  return 'file' in source ? source.file : `environment variable ${source.env}`;
}
