import { GatehouseError, systemCode } from '@gatehouse/kit';

/** OpenSSL's and Node's reasons not to trust the other end, and the remedy for each. */
const untrusted: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  CERT_HAS_EXPIRED: ['has expired', 'Renew it there, or set the date of this box.'],
  CERT_NOT_YET_VALID: ['is not valid yet', 'Set the date of this box.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'is for another host name',
    'Put the name that stands in the certificate into "uplink.url".',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['is signed by itself', 'Put its authority into "uplink.tls.ca".'],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'is signed by an authority that this box does not know',
    'Put that authority into "uplink.tls.ca".',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'is signed by an authority that this box does not know',
    'Put that authority into "uplink.tls.ca".',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'is signed by an authority that this box does not know',
    'Put that authority into "uplink.tls.ca".',
  ],
};

/**
 * An alert by which the other end says that it does not take our certificate, or wants one (RFC 8446, 6.2).
 */
const refusesOurs =
  /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)|CERTIFICATE_REQUIRED/;

/** One line for people if `cause` is about TLS, else `undefined`. */
export function tlsError(url: string, cause: unknown): GatehouseError | undefined {
  const code = systemCode(cause) ?? '';
  const known = untrusted[code];
  if (known)
    return new GatehouseError(
      'UPLINK_CERTIFICATE',
      'environment',
      `the certificate of ${url} ${known[0]} (${code}).`,
      known[1],
      { cause },
    );
  if (refusesOurs.test(code))
    return new GatehouseError(
      'UPLINK_CERTIFICATE_REFUSED',
      'input',
      `${url} refuses the certificate of this box, or wants one (${code}).`,
      'Check "uplink.tls.cert" and "uplink.tls.key", and that the platform trusts their authority.',
      { cause },
    );
  if (/CERT|TLS|SSL|VERIFY/.test(code))
    return new GatehouseError(
      'UPLINK_TLS',
      'environment',
      `no TLS connection to ${url} (${code}).`,
      'Check that TLS is spoken on that port, "uplink.tls", and the date of this box.',
      { cause },
    );
  return undefined;
}
