import { z } from 'zod';
import type { SiteFault } from '../site-file/fault.ts';
import { SecretSource } from './secret-source.ts';

/**
 * PEM files of a TLS connection. Each may stand where a secret may: in a file relative to the site file, or
 * in the environment.
 */
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
 * events and commands would cross the network in clear. It does not make a site file invalid, because doors
 * must not stop for it. `config check` and `doctor` report it, and the sync service does not connect.
 */
export function plaintextFault(url: string, plaintext: string | undefined): SiteFault | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'mqtt:' || loopback.test(hostname) || hostname === plaintext) return undefined;
  return { path: ['uplink', 'url'], code: 'plaintext', values: { host: hostname } };
}

/** Faults of an address and its TLS files. `schemes` lists the schemes that may have TLS files. */
export function addressFaults(
  { url, tls }: { readonly url: string; readonly tls?: UplinkTls | undefined },
  path: SiteFault['path'],
  schemes: string,
): SiteFault[] {
  const at = (key: 'url' | 'tls') => [...path, key];
  const name = path.includes('media') ? 'media-url' : 'uplink-url';
  if (!URL.canParse(url) || new URL(url).hostname === '')
    return [{ path: at('url'), code: 'url-invalid', values: { expected: { is: 'named', name } } }];
  const { protocol, hostname } = new URL(url);
  const open = protocol === 'http:' && !loopback.test(hostname);
  const halves = tls !== undefined && (tls.cert === undefined) !== (tls.key === undefined);
  const plain = tls !== undefined && (protocol === 'mqtt:' || protocol === 'http:');
  return [
    ...(open ? [{ path: at('url'), code: 'http-not-local' as const }] : []),
    ...(plain ? [{ path: at('tls'), code: 'tls-needs' as const, values: { schemes } }] : []),
    ...(halves ? [{ path: at('tls'), code: 'tls-halves' as const }] : []),
  ];
}
