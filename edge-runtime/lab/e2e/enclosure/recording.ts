/**
 * A program's message out of its namespace: a name that it asked for, a connection that it began, or any
 * other packet.
 */
export interface Sent {
  readonly kind: 'look-up' | 'connection' | 'packet';
  /** A name, or `address:port`; with the name that the address was given for, if there was one. */
  readonly to: string;
  readonly name?: string;
}

/** One change of the file system: the program, its act (fatrace's letters), and the path. */
export interface Written {
  readonly by: string;
  readonly what: string;
  readonly path: string;
}

/** The program's own addresses in `enclose.sh`; packets of the others were answers. */
const own = /^(192\.0\.2\.2|fd00::2|fe80::[0-9a-f:]+)$/;
/** Packets that the kernel sends by itself to find its way: neighbours, routers, membership of groups. */
const ofTheKernel = /ICMP6, (neighbor|router|multicast listener)/;

/** Reads tcpdump's output (`-nn -tt`); each thing once. */
export function sentIn(text: string): Sent[] {
  const names = new Map<string, string>();
  const asked = new Map<string, string>();
  const found = new Map<string, Sent>();
  for (const line of text.split('\n')) {
    const packet = /^\S+ IP6? (\S+) > (\S+): (.*)$/.exec(line);
    if (!packet) continue;
    const [, from = '', to = '', rest = ''] = packet;
    const question = /^(\d+)\+?[^?]* (?:[A-Z]+\d*|Type\d+)(?: \([A-Z]+\))?\? (\S*?)\.? /.exec(rest);
    const answer = /^(\d+) .*\bA (198\.18\.\d+\.\d+)/.exec(rest);
    if (answer) names.set(answer[2] ?? '', asked.get(answer[1] ?? '') ?? '');
    if (!own.test(addressOf(from)) || ofTheKernel.test(rest)) continue;
    const sent = sentBy(to, rest, question?.[2]);
    if (question) asked.set(question[1] ?? '', (question[2] ?? '').toLowerCase());
    if (!sent) continue;
    const name = names.get(addressOf(to));
    found.set(`${sent.kind} ${sent.to}`, name === undefined ? sent : { ...sent, name });
  }
  return [...found.values()];
}

function sentBy(to: string, rest: string, question: string | undefined): Sent | undefined {
  if (question !== undefined) return { kind: 'look-up', to: question.toLowerCase() };
  // The first packet stands for a connection; those that follow are part of it.
  if (/^Flags \[S\]/.test(rest)) return { kind: 'connection', to: withColon(to) };
  if (/^Flags /.test(rest)) return undefined;
  return { kind: 'packet', to: `${withColon(to)} (${rest.slice(0, 60)})` };
}

/** tcpdump puts the port behind a dot: `192.0.2.1.53`, `fd00::1.53`. */
const withPort = /^((?:\d+\.){3}\d+|[0-9a-f:]*:[0-9a-f:]*)(?:\.(\d+))?$/;

function addressOf(end: string): string {
  return withPort.exec(end)?.[1] ?? end;
}

function withColon(end: string): string {
  const [, address = end, port] = withPort.exec(end) ?? [];
  return port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/**
 * Reads fatrace's output about a tree that is mounted at `root`. If a file was removed before fatrace could
 * look up its name, its line has no path. The line about its creation names its directory all the same.
 */
export function writtenIn(text: string, root: string): Written[] {
  return text.split('\n').flatMap((line) => {
    const [, by = '', what = '', path = ''] = /^(.+)\(\d+\): ([A-Z+<>]+)\s+(\/.*)$/.exec(line) ?? [];
    if (!path.startsWith(root) || path.endsWith(' (deleted)')) return [];
    return [{ by, what, path: path.slice(root.length) || '/' }];
  });
}

/** Paths that the overlay has in `after` and not in `before`. `checkout` may be an overlay of its own. */
export function leftBehind(before: string, after: string, checkout: string): string[] {
  const known = new Set(before.split('\n'));
  const left = after.split('\n').filter((path) => path !== '' && !known.has(path));
  return left.map((path) => path.replace(/^\.\/root/, '').replace(/^\.\/checkout/, checkout));
}
