import { randomBytes } from 'node:crypto';
import type { Clock } from '@gatehouse/kit';
import { basicRefused, type CameraFault, elsewhere, garbage, udpOnly, unreachable } from './camera-fault.ts';
import { CameraSocket } from './camera-socket.ts';
import { type CameraSource, namesCamera } from './camera-source.ts';
import { Login, type LoginKind } from './login.ts';
import { formatMessage, headerOf, type RtspHeader, type RtspMessage, RtspSyntaxError } from './message.ts';
import { originOf } from './origins.ts';
import { RtspReader } from './reader.ts';

/** A request to a camera; the session adds CSeq and Authorization. */
export interface CameraRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly RtspHeader[];
}

/** An answer and the address that it came from, which differs from the request's after a redirect. */
export interface CameraAnswer extends RtspMessage {
  readonly status: number;
  readonly uri: string;
}

export interface CameraSessionOptions {
  readonly source: CameraSource;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** See `CameraSocketOptions`. */
  readonly connectWithinMs?: number;
  /** Takes interleaved frames (see `RtspSink`). Returns false to stop reading until `resume`. */
  readonly onFrames: (bytes: Buffer) => boolean;
  /** The connection is over; `fault` if this session ended it for a reason. Called once. */
  readonly onEnd: (fault: CameraFault | undefined) => void;
}

interface Pending extends CameraRequest {
  readonly onAnswer: (answer: CameraAnswer) => void;
  /** How often it was sent with an authorization. */
  readonly tries: number;
  readonly redirects: number;
}

const mostRedirects = 3;
/** Numbers of abandoned requests that are remembered, because a late answer may still come. */
const mostGivenUp = 16;
/** A camera that sends this much without a single answer does not speak RTSP. */
const mostJunkBytes = 256 * 1024;

/**
 * The client side of one RTSP connection to a camera: numbers requests, logs in, follows redirects within the
 * camera. The password does not leave this class. A new request abandons an unanswered one: ffmpeg waits for
 * every answer except those to keep-alives. Answers and frames are passed on in the order in which they came.
 */
export class CameraSession {
  readonly #options: CameraSessionOptions;
  readonly #reader: RtspReader;
  #login: Login;
  #socket: CameraSocket | undefined;
  #pending: (Pending & { readonly cseq: number }) | undefined;
  #givenUp: number[] = [];
  #cseq = 0;
  #spoken = false;
  #strayBytes = 0;
  #goOn = true;
  #fault: CameraFault | undefined;

  private constructor(options: CameraSessionOptions) {
    this.#options = options;
    this.#login = this.#loginFor(false);
    this.#reader = new RtspReader({
      frames: (bytes) => this.#frames(bytes),
      message: (message) => this.#take(message),
    });
  }

  /** Throws a `CameraFault`. */
  static async connect(options: CameraSessionOptions): Promise<CameraSession> {
    const session = new CameraSession(options);
    const socket = await CameraSocket.connect({
      ...options,
      onBytes: (bytes) => session.#receive(bytes),
      onEnd: () => session.#ended(),
    });
    session.#socket = socket;
    session.#login = session.#loginFor(socket.verified);
    return session;
  }

  /** See `CameraSocket`. */
  get certificate(): string | undefined {
    return this.#socket?.certificate;
  }
  get verified(): boolean {
    return this.#socket?.verified ?? false;
  }
  /** How the camera was logged in to. */
  get login(): LoginKind {
    return this.#login.kind;
  }
  /** See `Login`. */
  get offered(): readonly string[] {
    return this.#login.offered;
  }

  /** True if an address is this camera's own; see `namesCamera`. */
  isCamera(origin: string): boolean {
    return namesCamera(this.#options.source, origin, this.#socket?.remoteAddress);
  }

  /** `onAnswer` is not called if another request follows first or the connection ends. */
  request(request: CameraRequest, onAnswer: (answer: CameraAnswer) => void): void {
    if (this.#pending) this.#givenUp = [...this.#givenUp, this.#pending.cseq].slice(-mostGivenUp);
    this.#send({ ...request, onAnswer, tries: 0, redirects: 0 });
  }

  /** Reads on after `onFrames` gave false. */
  resume(): void {
    if (this.#goOn || this.#fault) return;
    this.#goOn = true;
    this.#socket?.resume();
  }

  /** Ends the connection for a reason, which `onEnd` gets. */
  fail(fault: CameraFault): void {
    this.#fault ??= fault;
    this.#goOn = false;
    this.#socket?.end();
  }

  /** Sends the rest, then closes. */
  end(): void {
    this.#socket?.end();
  }

  #loginFor(verified: boolean): Login {
    const { username, password, basic = false } = this.#options.source;
    const clientNonce = () => randomBytes(8).toString('hex');
    return new Login({ username, password, inClear: basic || verified, clientNonce });
  }

  #ended() {
    // Bytes that were no answer say more about the peer than the end of the connection does.
    if (!this.#spoken && this.#junkBytes > 0) this.#fault ??= garbage('other bytes came');
    if (!this.#spoken) this.#fault ??= unreachable('it closed the connection');
    this.#options.onEnd(this.#fault);
  }

  get #junkBytes(): number {
    return this.#strayBytes + this.#reader.skipped;
  }

  #receive(bytes: Buffer): boolean {
    if (this.#fault) return false;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      if (!(error instanceof RtspSyntaxError)) throw error;
      this.fail(garbage(error.message, error));
    }
    if (!this.#spoken && this.#junkBytes > mostJunkBytes) this.fail(garbage('other bytes came'));
    return this.#goOn;
  }

  #frames(bytes: Buffer) {
    if (!this.#spoken) this.#strayBytes += bytes.length;
    else if (!this.#options.onFrames(bytes)) this.#goOn = false;
  }

  #send(request: Pending) {
    const { method, uri, headers, tries } = request;
    const authorization = this.#login.authorization(method, uri);
    const cseq = ++this.#cseq;
    this.#pending = { ...request, cseq, tries: authorization === undefined ? tries : tries + 1 };
    this.#socket?.write(
      formatMessage(`${method} ${uri} RTSP/1.0`, [
        ['cseq', String(cseq)],
        ...headers,
        ...(authorization === undefined ? [] : [['authorization', authorization] as const]),
      ]),
    );
  }

  #take(message: RtspMessage) {
    if (this.#fault) return;
    if (message.request) return this.#asked(message);
    const pending = this.#pending;
    const status = message.answer?.status ?? 0;
    this.#spoken = true;
    // The final answer follows a 1xx (RFC 2326 7.1.1). Some cameras number wrongly, so any other number is
    // accepted.
    if (!pending || status < 200 || this.#givenUp.includes(Number(headerOf(message, 'cseq')))) return;
    this.#pending = undefined;
    if (status === 401) return this.#unauthorized(pending, message);
    if (pending.tries > 0) this.#login.accepted();
    if (status >= 300 && status < 400) return this.#moved(pending, message);
    if (status === 461) return this.fail(udpOnly());
    this.#answer(pending, message, status);
  }

  #answer({ onAnswer, uri }: Pending, message: RtspMessage, status: number) {
    onAnswer({ ...message, status, uri });
  }

  #unauthorized(pending: Pending, message: RtspMessage) {
    const offered = message.headers.filter(([name]) => name === 'www-authenticate').map(([, value]) => value);
    const step = this.#login.refused(offered, pending.tries > 0, pending.tries > 1);
    if (step === 'in-clear') this.fail(basicRefused());
    else if (step === 'again') this.#send(pending);
    else this.#answer(pending, message, 401);
  }

  /** A redirect (RFC 2326 section 11.3) is followed on this connection if it stays within the camera. */
  #moved(pending: Pending, message: RtspMessage) {
    const location = headerOf(message, 'location') ?? '';
    const origin = originOf(location);
    if (origin === undefined || !this.isCamera(origin))
      return this.fail(elsewhere('a redirect', origin ?? location));
    if (pending.redirects >= mostRedirects) return this.fail(elsewhere('a redirect without end', location));
    this.#send({ ...pending, uri: location, tries: 0, redirects: pending.redirects + 1 });
  }

  /** Cameras send requests, too (RFC 2326 section 10): keep-alives, or a redirect to another server. */
  #asked(message: RtspMessage) {
    const { method = '' } = message.request ?? {};
    const origin = originOf(headerOf(message, 'location') ?? '');
    if (method === 'REDIRECT') {
      if (origin !== undefined && !this.isCamera(origin)) this.fail(elsewhere('a redirect', origin));
      else this.end();
      return;
    }
    const known = method === 'OPTIONS' || method === 'GET_PARAMETER' || method === 'SET_PARAMETER';
    const cseq = headerOf(message, 'cseq');
    this.#socket?.write(
      formatMessage(known ? 'RTSP/1.0 200 OK' : 'RTSP/1.0 501 Not Implemented', [
        ...(cseq === undefined ? [] : [['cseq', cseq] as const]),
      ]),
    );
  }
}
