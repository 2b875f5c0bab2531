import { errorOf, type GatehouseError, systemCode } from '@gatehouse/kit';

/** OpenSSL's and Node's reasons not to trust the other end. */
const untrusted = {
  CERT_HAS_EXPIRED: 'UPLINK_CERTIFICATE/expired',
  CERT_NOT_YET_VALID: 'UPLINK_CERTIFICATE/early',
  ERR_TLS_CERT_ALTNAME_INVALID: 'UPLINK_CERTIFICATE/other-name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'UPLINK_CERTIFICATE/self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'UPLINK_CERTIFICATE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'UPLINK_CERTIFICATE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'UPLINK_CERTIFICATE',
} as const;

/**
 * An alert by which the other end says that it does not take our certificate, or wants one (RFC 8446, 6.2).
 */
const refusesOurs =
  /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)|CERTIFICATE_REQUIRED/;

/** One line for people if `cause` is about TLS, else `undefined`. */
export function tlsError(url: string, cause: unknown): GatehouseError | undefined {
  const code = systemCode(cause) ?? '';
  if (isUntrusted(code)) return errorOf(untrusted[code], { url, reason: code }, { cause });
  if (refusesOurs.test(code)) return errorOf('UPLINK_CERTIFICATE_REFUSED', { url, code }, { cause });
  if (/CERT|TLS|SSL|VERIFY/.test(code)) return errorOf('UPLINK_TLS', { url, code }, { cause });
  return undefined;
}

function isUntrusted(code: string): code is keyof typeof untrusted {
  return Object.hasOwn(untrusted, code);
}
