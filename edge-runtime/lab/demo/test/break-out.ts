/** The abilities of a flow's code that broke out of Node-RED's sandbox. */
export interface Seen {
  readonly user: number;
  /** `read`, or why not. */
  readonly files: Readonly<Record<string, string>>;
  /** `connected`, or why not. */
  readonly sockets: Readonly<Record<string, string>>;
  readonly environment: string;
}

export interface Wanted {
  /** Path by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Path or port by name. */
  readonly sockets: Readonly<Record<string, string | { readonly host: string; readonly port: number }>>;
  /** File for the findings; it is there once all of them are in it. */
  readonly seen: string;
}

/**
 * Runs as text within a function node, so it uses its arguments only. `host` is the process that the flow
 * runs in, which Node's `vm` does not keep from anybody: the constructor of any function that it was given
 * makes functions outside.
 */
export function breakOut(host: NodeJS.Process, wanted: Wanted): void {
  const fs = host.getBuiltinModule('node:fs');
  const net = host.getBuiltinModule('node:net');
  const read = (path: string): string => {
    try {
      fs.readFileSync(path);
      return 'read';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'error';
    }
  };
  const connect = (target: Wanted['sockets'][string]) =>
    new Promise<string>((resolve) => {
      const socket = typeof target === 'string' ? net.connect(target) : net.connect(target);
      socket.once('connect', () => {
        socket.destroy();
        resolve('connected');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
  const files = Object.entries(wanted.files).map(([name, path]) => [name, read(path)]);
  const sockets = Object.entries(wanted.sockets).map(async ([name, target]) => [name, await connect(target)]);
  void Promise.all(sockets).then((connected) => {
    const seen = {
      user: host.getuid?.(),
      files: Object.fromEntries(files),
      sockets: Object.fromEntries(connected),
      environment: fs.readFileSync('/proc/self/environ', 'utf8'),
    };
    fs.writeFileSync(`${wanted.seen}.part`, JSON.stringify(seen));
    fs.renameSync(`${wanted.seen}.part`, wanted.seen);
  });
}
