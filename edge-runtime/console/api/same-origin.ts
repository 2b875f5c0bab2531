import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { errorOf } from '@gatehouse/kit';

/**
 * Pages of the console send it with every call that changes something; a form or image of another site
 * cannot.
 */
export const csrfHeader = 'x-gatehouse';

/** A host as a `Host` header names it: without port, an IPv6 address in brackets. Throws `HOST_REFUSED`. */
export function hostName(request: IncomingMessage): string {
  const { host } = request.headers;
  if (!host || !URL.canParse(`http://${host}/`)) throw errorOf('HOST_REFUSED/none');
  return new URL(`http://${host}/`).hostname;
}

/**
 * Refuses host names that are not the box's: a page of evil.example whose name suddenly resolves to the box
 * (DNS rebinding) still sends `Host: evil.example`. Addresses cannot be rebound. Throws `HOST_REFUSED`.
 */
export function checkHost(request: IncomingMessage, hostNames: readonly string[]): void {
  const host = hostName(request);
  const isAddress = isIP(host.replace(/^\[|\]$/g, '')) > 0;
  if (isAddress || host === 'localhost' || hostNames.some((name) => name.toLowerCase() === host)) return;
  throw errorOf('HOST_REFUSED');
}

/** Origin of the request's address, as browsers write it: `http://10.0.0.5:8080`, without port 80. */
export function originOf(request: IncomingMessage, https: boolean): string {
  return new URL(`${https ? 'https' : 'http'}://${request.headers.host}/`).origin;
}

/**
 * Refuses requests that a page of another origin has made; another port of this box is another origin.
 * Browsers send `Origin` with every WebSocket and every non-GET, and `Sec-Fetch-Site` to secure contexts. A
 * client that sends neither is no browser, and its cookies were given to it. Throws `CROSS_SITE_REFUSED`.
 */
export function checkSameOrigin(request: IncomingMessage, https: boolean): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw errorOf('CROSS_SITE_REFUSED');
  const { origin } = request.headers;
  if (origin !== undefined && origin !== originOf(request, https)) throw errorOf('CROSS_SITE_REFUSED');
}

/** The console's own pages must also send the header. Throws `CROSS_SITE_REFUSED`. */
export function checkCsrfHeader(request: IncomingMessage): void {
  if (request.headers[csrfHeader] !== '1') throw errorOf('CROSS_SITE_REFUSED/header', { header: csrfHeader });
}

/**
 * Refuses the script of a service worker. No page of the box has one, and one would stay: it answers for its
 * whole origin, also after restarts. Browsers mark this request with `Service-Worker: script`. Throws
 * `SERVICE_WORKER_REFUSED`.
 */
export function refuseServiceWorker(request: IncomingMessage): void {
  if (request.headers['service-worker'] !== undefined) throw errorOf('SERVICE_WORKER_REFUSED');
}
