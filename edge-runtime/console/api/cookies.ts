import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const names = {
  session: 'gatehouse_session',
  editor: 'gatehouse_editor',
  device: 'gatehouse_device',
} as const;
export type CookieKind = keyof typeof names;

/** A cookie of ours in a request. `several`: there is more than one of its name. */
export type CookieReading =
  | { readonly is: 'absent' | 'several' }
  | { readonly is: 'one'; readonly value: string };

/** Longer paths are not cleaned of foreign cookies; none of our routes has so many segments. */
const maxSegments = 8;

/**
 * The box's cookies. Cookies ignore ports. A script on the flow editor's origin cannot read ours (HttpOnly)
 * and cannot replace them, but it can set another of the same name for the same host, with a longer path so
 * that it comes first. So a request with several of one name is refused, and the foreign ones are removed.
 * The box never chooses between them.
 */
export class Cookies {
  readonly #https: boolean;
  constructor(https: boolean) {
    this.#https = https;
  }

  read(request: IncomingMessage, kind: CookieKind): CookieReading {
    const values = this.all(request, kind);
    const [value] = values;
    if (value === undefined) return { is: 'absent' };
    return values.length === 1 ? { is: 'one', value } : { is: 'several' };
  }

  /** Every value of the cookie in a request. */
  all(request: IncomingMessage, kind: CookieKind): string[] {
    const name = this.#name(kind);
    return (request.headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => pair.slice(name.length + 1));
  }

  /** `Set-Cookie` for a value. No script can read it, and no other site can send it. */
  set(kind: CookieKind, value: string, maxAgeS: number): string {
    const secure = this.#https ? '; Secure' : '';
    return `${this.#name(kind)}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAgeS}${secure}`;
  }

  clear(kind: CookieKind): string {
    return this.set(kind, '', 0);
  }

  /**
   * `Set-Cookie` headers that remove foreign cookies of this name, as far as this request's path sees them:
   * with a longer path, with a `Domain`, or without a name, which a browser sends like ours. Our own cookie
   * (host only, `Path=/`) stays.
   */
  removeForeign(request: IncomingMessage, kind: CookieKind): string[] {
    const host = request.headers.host?.replace(/:\d+$/, '') ?? '';
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const paths = pathsSeen(path);
    const gone = (pair: string, at: string) => `${pair}; Path=${at}; Max-Age=0`;
    const name = `${this.#name(kind)}=`;
    return [
      ...paths.filter((at) => at !== '/').map((at) => gone(name, at)),
      // For an address or a name without a dot, browsers treat a cookie with `Domain` as ours.
      ...(isIP(host) === 0 && /[^.]\.[^.]/.test(host)
        ? paths.map((at) => `${gone(name, at)}; Domain=${host}`)
        : []),
      ...paths.map((at) => gone('=', at)),
    ];
  }

  /**
   * Over HTTPS the prefix makes browsers refuse such a cookie with a path or a domain, or from an insecure
   * page (RFC 6265bis, 4.1.3).
   */
  #name(kind: CookieKind): string {
    return `${this.#https ? '__Host-' : ''}${names[kind]}`;
  }
}

/**
 * The cookie paths that a browser sends with a request of this path (RFC 6265, 5.1.4): each prefix, with and
 * without its last slash.
 */
function pathsSeen(path: string): string[] {
  const segments = path.split('/').filter(Boolean).slice(0, maxSegments);
  const prefixes = segments.map((_, i) => `/${segments.slice(0, i + 1).join('/')}`);
  return ['/', ...prefixes.flatMap((prefix) => [prefix, `${prefix}/`])];
}
