import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { RtspConnection } from './connection.ts';
import { DigestCheck } from './digest.ts';
import { Playlist, type Position } from './playlist.ts';
import { type PreparedClips, prepareClips } from './prepare.ts';
import { trackControl } from './sdp.ts';
import { CameraStream, type Misbehaviour } from './stream.ts';

export type { Position } from './playlist.ts';
export { type Misbehaviour, misbehaviours } from './stream.ts';

export interface CameraSimulatorOptions {
  /** Each camera's path below the server (no leading slash) and the files it plays in turn for ever. */
  readonly streams: readonly {
    readonly path: string;
    readonly clips: readonly string[];
    /** The clips that the camera sends after the command `change`: any size, any codec. */
    readonly alternate?: readonly string[];
  }[];
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** With user name and password every request but OPTIONS needs digest authentication. */
  readonly username?: string;
  readonly password?: string;
  /** `auth` asks for RFC 2617 qop; default none, as most cameras do. */
  readonly qop?: 'auth';
  /** Seconds until a nonce is stale; default 300. */
  readonly nonceLifeS?: number;
  /** Seconds without a word from a client after which its session ends, as it is announced; default 60. */
  readonly sessionTimeoutS?: number;
  /** Bytes a client may leave unread in the server's own buffer before it is dropped; default 4 MiB. */
  readonly maxUnsentBytes?: number;
  /** Called with a line about slow work at load, such as a transcode; default: standard error. */
  readonly say?: (line: string) => void;
}

export interface CameraSimulator {
  readonly port: number;
  /** `rtsp://host:port/path`, without credentials. */
  url(path: string): string;
  /**
   * Makes a camera fail until it is healed.
   * - `stall`: connections stay and answer, no packet comes.
   * - `drop`: playing connections are closed, and each new one right after its PLAY.
   * - `half-close`: the same, but only the server's sending side is closed.
   * - `refuse`: playing connections are closed and the listening socket too, so that every camera of this
   *   server refuses.
   * - `unauthorized`: playing connections are closed and every password is wrong.
   * - `garbage`: random payloads, and now and then broken framing.
   * - `change`: the stream goes on as another one, of another size or codec, as after a firmware update.
   * - `bad-times`: RTP times stand still, step back and jump.
   * - `clock-off`: the wall clock in sender reports is an hour slow.
   */
  misbehave(path: string, kind: Misbehaviour): Promise<void>;
  /** Ends a misbehaviour; resolves when the camera accepts connections again. */
  heal(path: string): Promise<void>;
  /**
   * The camera's place in its playlist; for oracles. A picture arrives up to its reordering delay before its
   * own time.
   */
  position(path: string): Position;
  /** Number of clients that play the stream. */
  viewers(path: string): number;
  close(): Promise<void>;
}

const maxConnections = 64;

/**
 * Starts an RTSP server whose streams behave like live cameras. Throws one line that names a clip it cannot
 * play.
 */
export async function startCameraSimulator(options: CameraSimulatorOptions): Promise<CameraSimulator> {
  const say = options.say ?? ((line) => process.stderr.write(`${line}\n`));
  const prepared: PreparedClips[] = [];
  const streams = new Map<string, CameraStream>();
  const closeClips = async () => {
    for (const clips of prepared) await clips.close();
  };
  try {
    const playlistOf = async (files: readonly string[]) => {
      const ready = await prepareClips(files, say);
      prepared.push(ready);
      return new Playlist(ready.clips);
    };
    for (const { path, clips, alternate } of options.streams) {
      const main = await playlistOf(clips);
      streams.set(path, new CameraStream(path, main, alternate ? await playlistOf(alternate) : undefined));
    }
    const listener = new Listener(options, streams);
    await listener.open(options.port ?? 0);
    for (const stream of streams.values()) stream.start();
    return simulatorOf(options.host ?? '127.0.0.1', streams, listener, closeClips);
  } catch (error) {
    await closeClips();
    throw error;
  }
}

function simulatorOf(
  host: string,
  streams: ReadonlyMap<string, CameraStream>,
  listener: Listener,
  closeClips: () => Promise<void>,
): CameraSimulator {
  const port = listener.port;
  const named = (path: string) => {
    const stream = streams.get(path);
    if (!stream)
      throw new Error(`no stream is called "${path}"; there are: ${[...streams.keys()].join(', ')}`);
    return stream;
  };
  /** The one socket listens unless a camera refuses. */
  const listen = async () => {
    if ([...streams.values()].some((stream) => stream.misbehaviour === 'refuse')) await listener.shut();
    else await listener.open(port);
  };
  return {
    port,
    url: (path) => `rtsp://${host}:${port}/${named(path).path}`,
    async misbehave(path, kind) {
      named(path).misbehave(kind);
      await listen();
    },
    async heal(path) {
      named(path).heal();
      await listen();
    },
    position: (path) => named(path).position(),
    viewers: (path) => named(path).viewers,
    async close() {
      for (const stream of streams.values()) stream.stop();
      await listener.close();
      await closeClips();
    },
  };
}

/** The listening socket and the connections it took. */
class Listener {
  readonly #options: CameraSimulatorOptions;
  readonly #streams: ReadonlyMap<string, CameraStream>;
  readonly #gate: DigestCheck | undefined;
  readonly #lockedGate: DigestCheck;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  constructor(options: CameraSimulatorOptions, streams: ReadonlyMap<string, CameraStream>) {
    const { username, password, qop, nonceLifeS } = options;
    const nowS = () => Number(process.hrtime.bigint()) / 1e9;
    this.#options = options;
    this.#streams = streams;
    this.#gate =
      username !== undefined && password !== undefined
        ? new DigestCheck({ username, password, qop, nonceLifeS }, nowS)
        : undefined;
    this.#lockedGate = new DigestCheck(
      { username: username ?? 'nobody', password: randomBytes(16).toString('hex'), qop, nonceLifeS },
      nowS,
    );
  }

  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  open(port: number): Promise<void> {
    if (this.#server) return Promise.resolve();
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    server.maxConnections = maxConnections;
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.on('error', reject);
      server.listen(port, this.#options.host ?? '127.0.0.1', resolve);
    });
  }

  /**
   * Closes the listening socket only. A server's `close` waits for its connections, so it is not awaited
   * here.
   */
  shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.close();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const server = this.#server;
    const closed = new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    new RtspConnection(socket, {
      find: (uri) => this.#find(uri),
      gate: this.#gate,
      lockedGate: this.#lockedGate,
      maxUnsentBytes: this.#options.maxUnsentBytes ?? 4 * 1024 * 1024,
      sessionTimeoutS: this.#options.sessionTimeoutS ?? 60,
    }).start();
  }

  /** Streams are found by the whole path of the URI, with or without the track and a query. */
  #find(uri: string): CameraStream | undefined {
    const path = /^rtsps?:\/\/[^/]+\/(.*)$/i.exec(uri)?.[1];
    if (path === undefined) return undefined;
    const bare = path.replace(new RegExp(`/?${trackControl}$`), '').replace(/\/$/, '');
    return this.#streams.get(bare) ?? this.#streams.get(bare.split('?')[0]?.replace(/\/$/, '') ?? '');
  }
}
