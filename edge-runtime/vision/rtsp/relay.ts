import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '@gatehouse/kit';
import { CameraFault } from './camera-fault.ts';
import { type CameraAnswer, CameraSession } from './camera-session.ts';
import { addressOf, type CameraSource } from './camera-source.ts';
import { formatMessage, headerOf, type RtspHeader, type RtspMessage, RtspSyntaxError } from './message.ts';
import { Origins } from './origins.ts';
import { RtspReader } from './reader.ts';
import { forFfmpeg } from './translate.ts';

export interface RelayOptions {
  readonly source: CameraSource;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Time limit for a new connection to name the secret path, milliseconds. ffmpeg does so at once. */
const sayWithinMs = 5_000;
/** Most connections that have not named it yet. Drop policy: the oldest. */
const mostStrangers = 8;

/**
 * Connects one ffmpeg with one camera. ffmpeg never gets the password and never connects to anything else. It
 * gets an address on the loopback with a random path that no other program knows; the relay accepts one
 * connection that names this path, then stops listening. Requests and answers are passed on with translated
 * addresses. Frames are passed on unchanged, as fast as ffmpeg reads them.
 */
export class CameraRelay {
  /** For ffmpeg; valid for one connection. */
  readonly url: string;
  readonly #session: CameraSession;
  readonly #server: Server;
  readonly #origins: Origins;
  readonly #clock: Clock;
  readonly #strangers = new Set<Socket>();
  #local: Socket | undefined;
  /** The session that ffmpeg has not torn down yet. A camera would keep it for a minute. */
  #open: { readonly uri: string; readonly session: string } | undefined;
  #fault: CameraFault | undefined;

  private constructor(session: CameraSession, server: Server, port: number, { source, clock }: RelayOptions) {
    this.#session = session;
    this.#server = server;
    this.#clock = clock;
    const token = randomBytes(16).toString('hex');
    this.#origins = new Origins(`rtsp://127.0.0.1:${port}/${token}`, (origin) => session.isCamera(origin));
    this.url = this.#origins.toLocal(addressOf(source)) ?? '';
    server.on('connection', (socket) => this.#meet(socket));
  }

  /** Connects to the camera and listens for ffmpeg. Throws a `CameraFault`, or what the system says. */
  static async open(options: RelayOptions): Promise<CameraRelay> {
    let relay: CameraRelay | undefined;
    let over: { readonly fault: CameraFault | undefined } | undefined;
    const session = await CameraSession.connect({
      ...options,
      onFrames: (bytes) => (relay ? relay.#frames(bytes) : true),
      onEnd: (fault) => {
        over = { fault };
        if (relay) relay.#cameraEnded(fault);
      },
    });
    const server = createServer();
    try {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (typeof address !== 'object' || !address) throw new TypeError('a TCP server has a port');
      relay = new CameraRelay(session, server, address.port, options);
    } catch (error) {
      server.close();
      session.end();
      throw error;
    }
    if (over) relay.#cameraEnded(over.fault);
    return relay;
  }

  /** The reason, if this process ended the connection. */
  get fault(): CameraFault | undefined {
    return this.#fault;
  }

  /** Call when ffmpeg has ended. Tears down the session that it left open at the camera. */
  close(): void {
    this.#stopListening();
    this.#local?.destroy();
    this.#leaveCamera();
  }

  #meet(socket: Socket) {
    socket.setNoDelay(true);
    const [oldest] = this.#strangers;
    if (this.#strangers.size >= mostStrangers) oldest?.destroy();
    this.#strangers.add(socket);
    const cancel = this.#clock.after(sayWithinMs, () => this.#strangers.has(socket) && socket.destroy());
    const reader = new RtspReader({
      // ffmpeg sends no RTCP over TCP, and cameras do not need it.
      frames: () => undefined,
      message: (message) => this.#ask(socket, message),
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      cancel();
      this.#strangers.delete(socket);
      if (socket === this.#local) this.#leaveCamera();
    });
    socket.on('data', (bytes: Buffer) => {
      try {
        reader.push(bytes);
      } catch (error) {
        if (!(error instanceof RtspSyntaxError)) throw error;
        socket.destroy();
      }
    });
  }

  #ask(socket: Socket, { request, headers }: RtspMessage) {
    const uri = request && this.#origins.toCamera(request.uri);
    if (!request || uri === undefined) return void socket.destroy();
    this.#admit(socket);
    const { method } = request;
    const cseq = headerOf({ headers }, 'cseq') ?? '';
    const passed = headers.filter(([name]) => !['cseq', 'authorization', 'content-length'].includes(name));
    if (method === 'TEARDOWN') this.#open = undefined;
    this.#session.request({ method, uri, headers: passed }, (answer) => {
      const session = headerOf(answer, 'session')?.split(';')[0];
      if (method === 'SETUP' && session) this.#open = { uri, session };
      if (method === 'PLAY' && this.#open) this.#open = { ...this.#open, uri };
      this.#pass(method, cseq, answer);
    });
  }

  /** The first connection that names the path stays; all others are closed and no more are accepted. */
  #admit(socket: Socket) {
    if (this.#local) return;
    this.#local = socket;
    this.#strangers.delete(socket);
    this.#stopListening();
  }

  #stopListening() {
    this.#server.close();
    for (const stranger of this.#strangers) stranger.destroy();
  }

  /** Sends ffmpeg an answer with translated addresses. */
  #pass(method: string, cseq: string, answer: CameraAnswer) {
    try {
      const { headers, body } = forFfmpeg(method, answer, this.#origins);
      const first = `RTSP/1.0 ${answer.status} ${answer.answer?.reason ?? ''}`.trimEnd();
      this.#local?.write(formatMessage(first, [['cseq', cseq], ...headers], body));
    } catch (error) {
      if (!(error instanceof CameraFault)) throw error;
      this.#session.fail(error);
    }
  }

  #frames(bytes: Buffer): boolean {
    const local = this.#local;
    if (!local?.writable) return true;
    local.write(bytes, this.#written);
    // Bytes that the kernel did not take at once are sent from this buffer later. Reading now would overwrite
    // them.
    return local.writableLength === 0;
  }

  readonly #written = () => {
    if (this.#local?.writableLength === 0) this.#session.resume();
  };

  #cameraEnded(fault: CameraFault | undefined) {
    this.#fault ??= fault;
    this.#stopListening();
    this.#local?.destroySoon();
  }

  #leaveCamera() {
    const open = this.#open;
    this.#open = undefined;
    if (open) {
      const headers: RtspHeader[] = [['session', open.session]];
      this.#session.request({ method: 'TEARDOWN', uri: open.uri, headers }, () => undefined);
    }
    this.#session.end();
  }
}
