import { z } from 'zod';
import { SecretSource } from './secret-source.ts';

/** PEM files of a TLS connection, each where a secret may be: a file relative to the site file, or the environment. */
export const UplinkTls = z.strictObject({
  ca: SecretSource.optional().describe(
    "Authorities that may sign the platform's certificate; the system's if absent",
  ),
  cert: SecretSource.optional().describe("This box's certificate, with what leads to its authority"),
  key: SecretSource.optional().describe('The private key of "cert"'),
});
export type UplinkTls = z.infer<typeof UplinkTls>;

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The fault of an MQTT address without TLS beyond this machine, unless `plaintext` names its host: login,
 * events and commands would cross the network in clear. Not part of what makes a site file invalid, because
 * doors must not stop for it: `config check` and `doctor` report it, and the sync service does not connect.
 */
export function plaintextFault(
  url: string,
  plaintext: string | undefined,
): { readonly message: string; readonly remedy: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'mqtt:' || loopback.test(hostname) || hostname === plaintext) return undefined;
  return {
    message: 'mqtt:// is taken for this machine alone',
    remedy: `use mqtts://, or allow it with "plaintext: ${hostname}"`,
  };
}

/** What is wrong with an address and its TLS files, by the key of the address's section. */
export function addressFaults({
  url,
  tls,
}: {
  readonly url: string;
  readonly tls?: UplinkTls | undefined;
}): { readonly key: 'url' | 'tls'; readonly message: string }[] {
  if (!URL.canParse(url)) return [{ key: 'url', message: 'is no URL' }];
  const { protocol, hostname } = new URL(url);
  const open = protocol === 'http:' && !loopback.test(hostname);
  const halves = tls !== undefined && (tls.cert === undefined) !== (tls.key === undefined);
  return [
    ...(open
      ? [{ key: 'url', message: 'http:// is taken for this machine alone; use https://' } as const]
      : []),
    ...(tls && (protocol === 'mqtt:' || protocol === 'http:')
      ? [
          {
            key: 'tls',
            message: protocol === 'http:' ? 'needs https://' : 'needs mqtts:// or https://',
          } as const,
        ]
      : []),
    ...(halves ? [{ key: 'tls', message: '"cert" and "key" belong together' } as const] : []),
  ];
}
