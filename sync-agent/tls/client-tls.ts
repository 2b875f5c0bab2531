import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readSecret, type SecretSource, type UplinkTls } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';

/** What a TLS connection is made with, as Node takes it. PEM texts; the key is in no error and no log. */
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
 * Reads and checks the PEM files that a site names; called for each connection, so that a renewed certificate is taken
 * without a restart. Throws `SECRET_MISSING`, `UPLINK_TLS_FILE` or `UPLINK_TLS_MISMATCH`, naming the file.
 */
export function readClientTls(tls: UplinkTls, siteFile: string, env = process.env): ClientTls {
  const read = (source: SecretSource | undefined) => source && readSecret(source, siteFile, env);
  const ca = read(tls.ca);
  const cert = read(tls.cert);
  const key = read(tls.key);
  if (tls.ca && ca) parsed(() => new X509Certificate(ca), place(tls.ca), 'a certificate');
  const own = tls.cert && cert && parsed(() => new X509Certificate(cert), place(tls.cert), 'a certificate');
  const secret =
    tls.key && key && parsed(() => createPrivateKey(key), place(tls.key), 'an unencrypted private key');
  if (own && secret && tls.cert && tls.key && !own.checkPrivateKey(secret))
    throw new GatehouseError(
      'UPLINK_TLS_MISMATCH',
      'input',
      `${place(tls.key)} is not the key of the certificate in ${place(tls.cert)}.`,
      'Put the two that belong together below "uplink.tls".',
    );
  return {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(own ? { certEndsMs: Date.parse(own.validTo) } : {}),
  };
}

/** One line for people when a certificate has less than 30 days left (or none), else `undefined`. */
export function certificateWarning(
  what: string,
  endsMs: number | undefined,
  nowMs: number,
): string | undefined {
  if (endsMs === undefined || endsMs - nowMs > certWarnDays * dayMs) return undefined;
  const day = new Date(endsMs).toISOString().slice(0, 10);
  const days = Math.floor((endsMs - nowMs) / dayMs);
  if (days < 0) return `UPLINK_CERT_EXPIRED: ${what} ended on ${day}. Renew it.`;
  return `UPLINK_CERT_EXPIRES: ${what} ends on ${day}, in ${days} days. Renew it.`;
}

function place(source: SecretSource): string {
  return 'file' in source ? source.file : `environment variable ${source.env}`;
}

/** The cause is left out on purpose: what OpenSSL says of a key could quote it. */
function parsed<T>(parse: () => T, where: string, what: string): T {
  try {
    return parse();
  } catch {
    throw new GatehouseError(
      'UPLINK_TLS_FILE',
      'input',
      `${where} does not hold ${what}.`,
      'Put a PEM file there.',
    );
  }
}
