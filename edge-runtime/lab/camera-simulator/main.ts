import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { controlServer } from './control.ts';
import { startCameraSimulator } from './index.ts';

const usage = `Plays video files as RTSP cameras (H.264 and H.265, over TCP) that misbehave on command.

node edge-runtime/lab/camera-simulator/main.ts --stream PATH=FILE [--stream PATH=FILE ...]
  --stream PATH=FILE     a camera at rtsp://HOST:PORT/PATH; repeat a PATH to play several files in turn for ever
  --alternate PATH=FILE  what the camera at PATH sends when told to "change": any size, H.264 or H.265
  --host HOST            default 127.0.0.1
  --port PORT            default 8554; 0 takes a free one
  --username NAME        with --password-file: every request needs digest authentication
  --password-file FILE   file that holds the password, so that it stands in no process list
  --qop auth             ask for RFC 2617 qop, which most cameras do not
  --control-port PORT    HTTP on 127.0.0.1:
      GET  /streams                                    where each camera is in its playlist, who watches
      POST /misbehave {"stream":"PATH","kind":"stall"}  stall | drop | half-close | refuse | unauthorized | garbage |
                                                       change | bad-times | clock-off
      POST /heal      {"stream":"PATH"}
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stream: { type: 'string', multiple: true, default: [] },
      alternate: { type: 'string', multiple: true, default: [] },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8554' },
      username: { type: 'string' },
      'password-file': { type: 'string' },
      qop: { type: 'string' },
      'control-port': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.stream.length === 0) {
    process.stdout.write(usage);
    process.exit(values.help ? 0 : 64);
  }
  const alternates = new Map(
    parseStreams('--alternate', values.alternate).map(({ path, clips }) => [path, clips]),
  );
  const streams = parseStreams('--stream', values.stream).map((stream) => {
    const alternate = alternates.get(stream.path);
    return alternate ? { ...stream, alternate } : stream;
  });
  const passwordFile = values['password-file'];
  const simulator = await startCameraSimulator({
    streams,
    host: values.host,
    port: parsePort('--port', values.port),
    ...(values.username === undefined ? {} : { username: values.username }),
    ...(passwordFile === undefined ? {} : { password: readFileSync(passwordFile, 'utf8').trim() }),
    ...(values.qop === 'auth' ? { qop: 'auth' as const } : {}),
  });
  const paths = streams.map(({ path }) => path);
  for (const path of paths) process.stdout.write(`camera at ${simulator.url(path)}\n`);
  const control = controlServer(simulator, paths);
  const controlPort = values['control-port'];
  if (controlPort !== undefined) {
    await listen(control, parsePort('--control-port', controlPort));
    process.stdout.write(`control at http://127.0.0.1:${controlPort}/streams\n`);
  }
  const stop = () => {
    control.close();
    control.closeAllConnections();
    void simulator.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function parseStreams(option: string, texts: readonly string[]): { path: string; clips: string[] }[] {
  const byPath = new Map<string, string[]>();
  for (const text of texts) {
    const cut = text.indexOf('=');
    if (cut < 1) throw new Error(`${option} ${text}: must be PATH=FILE`);
    const path = text.slice(0, cut);
    byPath.set(path, [...(byPath.get(path) ?? []), text.slice(cut + 1)]);
  }
  return [...byPath].map(([path, clips]) => ({ path, clips }));
}

function parsePort(option: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`${option} ${text}: must be 0 to 65535`);
  return port;
}

function listen(server: ReturnType<typeof controlServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`camera simulator: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
