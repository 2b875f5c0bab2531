import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const names = {
  session: 'gatehouse_session',
  editor: 'gatehouse_editor',
  device: 'gatehouse_device',
} as const;
export type CookieKind = keyof typeof names;

/** A cookie of ours as a request brings it. `several`: somebody has put another of its name beside it. */
export type CookieReading =
  | { readonly is: 'absent' | 'several' }
  | { readonly is: 'one'; readonly value: string };

/** Longer paths are not cleaned of foreign cookies; none of ours has so many segments. */
const maxSegments = 8;

/**
 * The box's cookies. Cookies know no ports: a script of the flow editor's origin can neither read ours
 * (HttpOnly) nor replace them, but it can set others of the same name for the same host, with a longer path
 * that makes them come first. So several of a name are refused and removed, never chosen from.
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

  /** Every value that came under the name. */
  all(request: IncomingMessage, kind: CookieKind): string[] {
    const name = this.#name(kind);
    return (request.headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => pair.slice(name.length + 1));
  }

  /** `Set-Cookie` that gives the value: no script reads it, no other site sends it. */
  set(kind: CookieKind, value: string, maxAgeS: number): string {
    const secure = this.#https ? '; Secure' : '';
    return `${this.#name(kind)}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAgeS}${secure}`;
  }

  clear(kind: CookieKind): string {
    return this.set(kind, '', 0);
  }

  /**
   * `Set-Cookie` headers that remove what others have put under the name where this request's path sees it:
   * with a longer path, with a `Domain`, and without a name at all, which a browser sends as if it were ours.
   * What we set ourselves (host only, `Path=/`) stays.
   */
  removeForeign(request: IncomingMessage, kind: CookieKind): string[] {
    const host = request.headers.host?.replace(/:\d+$/, '') ?? '';
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const paths = pathsSeen(path);
    const gone = (pair: string, at: string) => `${pair}; Path=${at}; Max-Age=0`;
    const name = `${this.#name(kind)}=`;
    return [
      ...paths.filter((at) => at !== '/').map((at) => gone(name, at)),
      // Of an address, and of a name without a dot, browsers take a cookie with `Domain` for one without:
      // ours.
      ...(isIP(host) === 0 && /[^.]\.[^.]/.test(host)
        ? paths.map((at) => `${gone(name, at)}; Domain=${host}`)
        : []),
      ...paths.map((at) => gone('=', at)),
    ];
  }

  /**
   * Over HTTPS the prefix makes browsers refuse one with a path, a domain, or from an insecure page (RFC
   * 6265bis, 4.1.3).
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
