/** Host and port of an address; `port` is undefined if none is written. */
export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** Cameras use one or two. */
const mostOrigins = 16;

const absolute = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)/i;

/**
 * Translates a camera's addresses for ffmpeg and back. ffmpeg sees them on the loopback, below a path that
 * cannot be guessed. Scheme, host and port are kept in a numbered list and restored exactly as the camera
 * wrote them. Path and query do not change.
 */
export class Origins {
  readonly #local: string;
  readonly #isCamera: (origin: string) => boolean;
  readonly #known: string[] = [];

  /** `local`: for example `rtsp://127.0.0.1:40000/token`. `isCamera`: true if an origin is the camera's. */
  constructor(local: string, isCamera: (origin: string) => boolean) {
    this.#local = local;
    this.#isCamera = isCamera;
  }

  /** The address for ffmpeg; undefined if `address` does not name the camera. */
  toLocal(address: string): string | undefined {
    const origin = originOf(address);
    if (origin === undefined || !this.#isCamera(origin)) return undefined;
    let at = this.#known.indexOf(origin);
    if (at < 0 && this.#known.length >= mostOrigins) return undefined;
    if (at < 0) at = this.#known.push(origin) - 1;
    return `${this.#local}/${at}${address.slice(origin.length)}`;
  }

  /** The camera's address behind one of ffmpeg's; undefined if it was not given out here. */
  toCamera(address: string): string | undefined {
    if (!address.startsWith(`${this.#local}/`)) return undefined;
    const [, at = '', rest = ''] = /^(\d+)(.*)$/.exec(address.slice(this.#local.length + 1)) ?? [];
    const origin = this.#known[Number(at)];
    return at === '' || origin === undefined ? undefined : `${origin}${rest}`;
  }
}

/** Scheme, host and port of an absolute address, as written; undefined for a relative one. */
export function originOf(address: string): string | undefined {
  return absolute.exec(address)?.[1];
}

/** Host and port of an origin or of `host:port`, without user and password. */
export function hostPortOf(origin: string): HostPort {
  const authority = origin.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const named = authority.slice(authority.lastIndexOf('@') + 1);
  const [, host = named, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(named) ?? [];
  return { host: host.replace(/^\[|\]$/g, '').toLowerCase(), port: port ? Number(port) : undefined };
}

/** True if both name the same host and, where both write a port, the same port. */
export function isSamePlace(named: HostPort, place: HostPort): boolean {
  return (
    named.host === place.host &&
    (named.port === undefined || place.port === undefined || named.port === place.port)
  );
}
