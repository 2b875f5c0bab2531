import type { Sent, Written } from './recording.ts';

/** Whom a program may ask for and connect to, and where it may write. */
export interface Allowed {
  /** `host:port`; a host that is a name may be looked up, too. */
  readonly peers: readonly string[];
  /** It may write to these and all below them. */
  readonly directories: readonly string[];
}

const portOf: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'rtsp:': 554,
  'rtsps:': 322,
  'mqtt:': 1883,
  'mqtts:': 8883,
};

/**
 * Every host and port that a site file names: its addresses with a scheme, and each `host` with the `port`
 * beside it.
 */
export function peersOfSite(site: unknown): string[] {
  if (typeof site === 'string') return URL.canParse(site) ? peerOf(new URL(site)) : [];
  if (typeof site !== 'object' || site === null) return [];
  const pair = 'host' in site && 'port' in site ? [`${site.host}:${site.port}`] : [];
  return [...pair, ...Object.values(site).flatMap(peersOfSite)];
}

function peerOf({ protocol, hostname, port }: URL): string[] {
  const number = port || portOf[protocol];
  return hostname && number ? [`${hostname}:${number}`] : [];
}

/** Hosts that `npm start` said it would ask for a model, over HTTPS. */
export function peersAnnounced(terminal: string): string[] {
  return [...terminal.matchAll(/ asking (\S+) for /g)].map(([, host]) => `${host}:443`);
}

/** The packets that went to others. */
export function strangers(sent: readonly Sent[], { peers }: Allowed): Sent[] {
  const names = new Set(peers.map((peer) => peer.slice(0, peer.lastIndexOf(':'))));
  return sent.filter(({ kind, to, name }) => {
    if (kind === 'look-up') return !names.has(to);
    const port = to.slice(to.lastIndexOf(':'));
    return kind !== 'connection' || !(peers.includes(to) || peers.includes(`${name}${port}`));
  });
}

/** Nothing is kept in them. */
const devices = new Set(['null', 'zero', 'full', 'tty', 'random', 'urandom'].map((name) => `/dev/${name}`));

/** The paths outside that were written, each once. */
export function strays(written: readonly Written[], { directories }: Allowed): Written[] {
  const found = written.filter(
    ({ path }) =>
      !devices.has(path) && !directories.some((one) => path === one || path.startsWith(`${one}/`)),
  );
  return [...new Map(found.map((one) => [one.path, one])).values()];
}
