import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { DigestCheck } from './digest.ts';
import { RtpSender } from './rtp-sender.ts';
import type { RtspRequest } from './rtsp-message.ts';
import { formatResponse, RtspReader, RtspSyntaxError } from './rtsp-message.ts';
import { describeStream, trackControl } from './sdp.ts';
import type { CameraStream, Misbehaviour, OutgoingUnit, Viewer } from './stream.ts';

export interface ConnectionContext {
  /** The stream a request's URI names, if there is one. */
  find(uri: string): CameraStream | undefined;
  /** Absent: everybody may watch. */
  readonly gate: DigestCheck | undefined;
  /** Asks for credentials that nobody has, for `unauthorized` on a camera without a password. */
  readonly lockedGate: DigestCheck;
  readonly maxUnsentBytes: number;
  /**
   * A client that sends nothing for this long is dropped. The Session header announces it (RFC 2326 12.37).
   */
  readonly sessionTimeoutS: number;
}

type Reply = { status: number; headers?: Record<string, string>; body?: string };

/** Faults that end connections which play; with all others these go on. */
const closing: ReadonlySet<Misbehaviour> = new Set(['drop', 'refuse', 'unauthorized']);

const publicMethods = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN';

/** One client's RTSP connection (RFC 2326) with at most one session, of one stream. */
export class RtspConnection implements Viewer {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #reader = new RtspReader();
  readonly #sessionId = randomBytes(8).toString('hex').toUpperCase();
  #stream: CameraStream | undefined;
  #sender: RtpSender | undefined;
  #playing = false;

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket;
    this.#context = context;
  }

  /** Serves the connection until it closes. */
  start(): void {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.setTimeout(this.#context.sessionTimeoutS * 1000);
    this.#socket.on('timeout', () => this.#socket.destroy());
    this.#socket.on('end', () => this.#socket.end());
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#stream?.detach(this));
  }

  /** Drop policy: a client that does not read is dropped, whole, past the bound. */
  send(unit: OutgoingUnit): void {
    const stream = this.#stream;
    if (!this.#playing || !stream || !this.#sender || !this.#socket.writable) return;
    if (this.#socket.writableLength > this.#context.maxUnsentBytes) {
      this.#socket.destroy();
      return;
    }
    this.#socket.cork();
    this.#sender.send(unit, stream.elapsedS(), stream.misbehaviour);
    this.#socket.uncork();
  }

  afflict(kind: Misbehaviour): void {
    if (kind === 'stall') this.#sender?.waitForKey();
    else if (kind === 'half-close') this.#socket.end();
    else if (closing.has(kind)) this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const item of this.#reader.push(chunk)) if (item.kind === 'request') this.#answer(item);
    } catch (error) {
      if (!(error instanceof RtspSyntaxError)) throw error;
      this.#socket.removeAllListeners('data');
      this.#socket.end(formatResponse(error.status, undefined, { Connection: 'close' }));
      this.#socket.resume();
    }
  }

  #answer(request: RtspRequest): void {
    const { status, headers, body } = this.#handle(request);
    if (!this.#socket.writable) return;
    this.#socket.write(formatResponse(status, request.headers.get('cseq'), headers, body));
    if (request.method === 'PLAY' && status === 200) this.#play();
    if (request.method === 'TEARDOWN' && status === 200) this.#socket.end();
  }

  #handle(request: RtspRequest): Reply {
    if (!/^\d+$/.test(request.headers.get('cseq') ?? '')) return { status: 400 };
    if (request.headers.has('require'))
      return { status: 551, headers: { Unsupported: request.headers.get('require') ?? '' } };
    if (request.method === 'OPTIONS') return { status: 200, headers: { Public: publicMethods } };
    const stream = this.#context.find(request.uri);
    const refusal = this.#authorize(request, stream);
    if (refusal) return refusal;
    if (!stream) return { status: 404 };
    const session = request.headers.get('session')?.split(';')[0];
    if (session !== undefined && (session !== this.#sessionId || !this.#sender)) return { status: 454 };
    switch (request.method) {
      case 'DESCRIBE':
        return this.#describe(request, stream);
      case 'SETUP':
        return this.#setUp(request, stream);
      case 'PLAY':
        return this.#acceptPlay(request, stream);
      case 'GET_PARAMETER':
        return { status: 200, headers: this.#sessionHeader() };
      case 'TEARDOWN':
        return this.#sender ? { status: 200, headers: this.#sessionHeader() } : { status: 454 };
      default:
        return isKnownMethod(request.method)
          ? { status: 405, headers: { Allow: publicMethods } }
          : { status: 501 };
    }
  }

  #authorize(request: RtspRequest, stream: CameraStream | undefined): Reply | undefined {
    const locked = stream?.misbehaviour === 'unauthorized';
    const gate = locked ? this.#context.lockedGate : this.#context.gate;
    if (!gate) return undefined;
    const result = gate.check(request.method, request.uri, request.headers.get('authorization'));
    if (result === 'ok') return undefined;
    return { status: 401, headers: { 'WWW-Authenticate': gate.challenge(result === 'stale') } };
  }

  #describe(request: RtspRequest, stream: CameraStream): Reply {
    const [clip] = stream.playlist.clips;
    if (!clip) return { status: 404 };
    const fps = clip.units.length / clip.durationS;
    const base = request.uri.endsWith('/') ? request.uri : `${request.uri}/`;
    return {
      status: 200,
      headers: { 'Content-Base': base, 'Content-Type': 'application/sdp' },
      body: describeStream(clip.config, this.#socket.localAddress ?? '127.0.0.1', fps),
    };
  }

  #setUp(request: RtspRequest, stream: CameraStream): Reply {
    if (this.#playing) return { status: 455 };
    const channel = interleavedChannel(request.headers.get('transport') ?? '');
    if (channel === undefined) return { status: 461 };
    this.#stream = stream;
    this.#sender = new RtpSender(channel, (bytes) => this.#socket.write(bytes));
    const ssrc = this.#sender.ssrc.toString(16).toUpperCase().padStart(8, '0');
    const transport = `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1};ssrc=${ssrc};mode="PLAY"`;
    return { status: 200, headers: { ...this.#sessionHeader(), Transport: transport } };
  }

  #acceptPlay(request: RtspRequest, stream: CameraStream): Reply {
    if (!this.#sender || this.#stream !== stream) return { status: 455 };
    const track = `${request.uri.replace(/\/$/, '')}/${trackControl}`;
    const rtpTime = this.#sender.timestamp(stream.nextKeyRtpTime());
    const info = `url=${track};seq=${this.#sender.nextSequence};rtptime=${rtpTime}`;
    const repeated = this.#playing ? {} : { 'RTP-Info': info };
    return { status: 200, headers: { ...this.#sessionHeader(), Range: 'npt=now-', ...repeated } };
  }

  #play(): void {
    const stream = this.#stream;
    if (!stream || this.#playing) return;
    this.#playing = true;
    stream.attach(this);
    if (stream.misbehaviour) this.afflict(stream.misbehaviour);
  }

  #sessionHeader(): Record<string, string> {
    return this.#sender ? { Session: `${this.#sessionId};timeout=${this.#context.sessionTimeoutS}` } : {};
  }
}

/** The RTP channel of the first transport that is RTP over this connection (RFC 2326 12.39). */
function interleavedChannel(transport: string): number | undefined {
  for (const offer of transport.split(',')) {
    const [protocol, ...parameters] = offer.trim().split(';');
    if (protocol?.toUpperCase() !== 'RTP/AVP/TCP' || parameters.includes('multicast')) continue;
    const range = parameters.find((p) => p.startsWith('interleaved='));
    const channel = range === undefined ? 0 : Number(/^interleaved=(\d{1,3})/.exec(range)?.[1]);
    if (channel <= 254) return channel;
  }
  return undefined;
}

function isKnownMethod(method: string): boolean {
  return ['PAUSE', 'RECORD', 'ANNOUNCE', 'SET_PARAMETER', 'REDIRECT'].includes(method);
}
