import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { consoleError } from '../errors.ts';
import { sameSecret } from './secrets.ts';

/** Header in which the pages send their key. */
export const pageKeyHeader = 'x-gatehouse-key';

/**
 * What the console's pages alone know of a login, besides the cookie: handed out at log-in, kept in storage
 * that belongs to the origin, port and all, and sent with every change. Whoever puts a session of their own
 * into the browser's cookies does not have it there, so nothing is done under a name that is not the user's.
 * Derived, not stored: the cookie's token gives the key, the key no token.
 */
export function pageKeyOf(token: string): string {
  return createHmac('sha256', token).update('gatehouse page key').digest('base64url');
}

/** Whether a request carries the key of the session whose token it brings. */
export function hasPageKey(request: IncomingMessage, token: string): boolean {
  const given = request.headers[pageKeyHeader];
  return typeof given === 'string' && sameSecret(given, pageKeyOf(token));
}

/** Throws `PAGE_KEY_WRONG`. */
export function checkPageKey(request: IncomingMessage, token: string): void {
  if (!hasPageKey(request, token)) throw consoleError('PAGE_KEY_WRONG');
}
