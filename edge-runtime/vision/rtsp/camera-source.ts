import { type HostPort, hostPortOf, isSamePlace, originOf } from './origins.ts';

/** A camera's address, our login at it, and how far the site file trusts it. */
export interface CameraSource {
  /** `rtsp://host/path` or `rtsps://host/path`, without user and password. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** The site file allows the password to be sent in clear if the camera accepts nothing else. */
  readonly basic?: boolean;
  /** Other names, host or host:port, that the camera may use for itself. */
  readonly alsoKnownAs?: readonly string[];
  /** SHA-256 of the certificate that it must show, hexadecimal with or without colons. */
  readonly certificate?: string;
}

/** Ports of the two schemes: RFC 2326 section 3.2, and IANA's for rtsps. */
const defaultPorts: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322 };

export function isSecure({ url }: Pick<CameraSource, 'url'>): boolean {
  return /^rtsps:/i.test(url);
}

/** The address as it goes over the wire: its UTF-8 bytes, one a character. */
export function addressOf({ url }: Pick<CameraSource, 'url'>): string {
  return Buffer.from(url, 'utf8').toString('latin1');
}

/** Host and port of the only connection that is ever made. */
export function placeOf({ url }: Pick<CameraSource, 'url'>): {
  readonly host: string;
  readonly port: number;
} {
  const { host, port } = hostPortOf(originOf(url) ?? url);
  return { host, port: port ?? defaultPorts[isSecure({ url }) ? 'rtsps:' : 'rtsp:'] ?? 554 };
}

/**
 * True if an address names the camera itself: by its host in the site file, by the IP address of the
 * connection (`address`), or by a name that the site file allows. A port, if one is written, must be the
 * same.
 */
export function namesCamera(source: CameraSource, origin: string, address: string | undefined): boolean {
  if (!/^rtsps?:\/\//i.test(origin)) return false;
  const named = hostPortOf(origin);
  const { host, port } = placeOf(source);
  const own: HostPort[] = [
    { host, port },
    ...(address === undefined ? [] : [{ host: plainAddress(address), port }]),
  ];
  return [...own, ...(source.alsoKnownAs ?? []).map(hostPortOf)].some((place) => isSamePlace(named, place));
}

/** `::ffff:192.0.2.1` is 192.0.2.1 as IPv6 writes it (RFC 4291 2.5.5.2). */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
}
