import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { errorOf } from '@gatehouse/kit';
import { sameSecret } from './secrets.ts';

/** Header in which the pages send their key. */
export const pageKeyHeader = 'x-gatehouse-key';

/**
 * A key of each login that only pages of the console's own origin hold. The box hands it out at log-in, the
 * page keeps it in the origin's storage and sends it with every change. A script elsewhere can put its own
 * session into the browser's cookies, but not its key into that storage, so nothing is done under a wrong
 * name. The key is derived from the cookie's token and not stored; nobody can derive the token from it.
 */
export function pageKeyOf(token: string): string {
  return createHmac('sha256', token).update('gatehouse page key').digest('base64url');
}

/** True if a request carries the key that belongs to its session token. */
export function hasPageKey(request: IncomingMessage, token: string): boolean {
  const given = request.headers[pageKeyHeader];
  return typeof given === 'string' && sameSecret(given, pageKeyOf(token));
}

/** Throws `PAGE_KEY_WRONG`. */
export function checkPageKey(request: IncomingMessage, token: string): void {
  if (!hasPageKey(request, token)) throw errorOf('PAGE_KEY_WRONG');
}
