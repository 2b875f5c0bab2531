import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { consoleError } from './errors.ts';

/** Pages of the console send it with every call that changes something; a form or image of another site cannot. */
export const csrfHeader = 'x-gatehouse';

/**
 * Refuses host names that are not the box's: a page of evil.example whose name suddenly resolves to the box (DNS
 * rebinding) still sends `Host: evil.example`. Addresses cannot be rebound. Throws `HOST_REFUSED`.
 */
export function checkHost(request: IncomingMessage, hostNames: readonly string[]): void {
  const host = hostOf(request.headers.host);
  const bare = host?.replace(/^\[|\]$/g, '');
  if (host === undefined || bare === undefined)
    throw consoleError('HOST_REFUSED', 'there is no Host header.');
  if (isIP(bare) > 0 || host === 'localhost' || hostNames.some((name) => name.toLowerCase() === host)) return;
  throw consoleError('HOST_REFUSED');
}

/**
 * Refuses what another site's page made a browser send. Browsers name the origin on every WebSocket and every
 * non-GET; `Sec-Fetch-Site` they send to secure contexts. A client that sends neither is no browser and carries
 * no cookie it was not given. Throws `CROSS_SITE_REFUSED`.
 */
export function checkSameOrigin(request: IncomingMessage): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw consoleError('CROSS_SITE_REFUSED');
  const { origin } = request.headers;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== request.headers.host?.toLowerCase())
    throw consoleError('CROSS_SITE_REFUSED');
}

/** The console's own pages must also say so. Throws `CROSS_SITE_REFUSED`. */
export function checkCsrfHeader(request: IncomingMessage): void {
  if (request.headers[csrfHeader] !== '1')
    throw consoleError('CROSS_SITE_REFUSED', `the request lacks the ${csrfHeader} header.`);
}

function hostOf(header: string | undefined): string | undefined {
  if (!header || !URL.canParse(`http://${header}/`)) return undefined;
  return new URL(`http://${header}/`).hostname;
}
