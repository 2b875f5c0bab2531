import type { IncomingMessage } from 'node:http';
import { absoluteLimitMs } from './auth/sessions.ts';

export const sessionCookie = 'gatehouse_session';

/** The session token of a request, if its cookie has the right form. */
export function sessionToken(request: IncomingMessage): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === sessionCookie && value && /^[A-Za-z0-9_-]{43}$/.test(value)) return value;
  }
  return undefined;
}

/** `Set-Cookie` that carries the token: no script reads it, no other site sends it. */
export function setSession(token: string, https: boolean): string {
  return attributes(`${sessionCookie}=${token}`, https, absoluteLimitMs / 1000);
}

export function clearSession(https: boolean): string {
  return attributes(`${sessionCookie}=`, https, 0);
}

function attributes(pair: string, https: boolean, maxAgeS: number): string {
  return `${pair}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAgeS}${https ? '; Secure' : ''}`;
}
