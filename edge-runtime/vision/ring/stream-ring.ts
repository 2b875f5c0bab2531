import { FrameTimeline } from './frame-timeline.ts';
import { type Gop, GopStore, type RingFrame, type RingLimits, type Stretch } from './gop-store.ts';
import { KeyframeMeter } from './keyframe-meter.ts';
import { PacketCutter } from './ts-packets.ts';
import { TsReader } from './ts-reader.ts';

/** Reads the live stream from the last keyframe on. */
export interface RingReader {
  /**
   * Wants only keyframes, each with the two pictures after it: a decoder knows by those that the keyframe is
   * complete.
   */
  readonly keyframesOnly?: boolean;
  /** MPEG-TS bytes: first everything from the last keyframe on, then as it comes. Must not block. */
  data(chunk: Buffer): void;
  /** The stream is over (connection lost, timestamps stepped back): subscribe again for the next one. */
  end(): void;
}

/** One whole picture as it came, still compressed. */
export interface CompressedPicture {
  /** Capture time on the box's frame timeline, milliseconds. */
  readonly atMs: number;
  readonly key: boolean;
  /** Its compressed size. */
  readonly bytes: number;
}

export interface StreamRingOptions {
  readonly limits: RingLimits;
  /** The box's frame timeline (a `SteadyTimeline`). */
  readonly now: () => number;
  /** Gets each picture once it is complete, which is when the next one begins. */
  readonly onPicture?: (picture: CompressedPicture) => void;
}

/**
 * Pictures after a keyframe that `keyframesOnly` gets: the first ends it for the demuxer, the second for the
 * parser.
 */
const afterKeyframe = 2;
/** How many frame times are kept for decoders to look up; at 60 frames a second over a minute. */
const knownFrames = 4096;

/**
 * The newest stretch of one camera's compressed stream, cut at keyframes, within bytes and seconds. A
 * decoder, a still or a live viewer starts at a keyframe. It lives through the loss of decoder and
 * connection: only age and size empty it.
 */
export class StreamRing {
  readonly #now: () => number;
  readonly #store: GopStore;
  readonly #onPicture: (picture: CompressedPicture) => void;
  readonly #keyframes = new KeyframeMeter();
  readonly #cutter = new PacketCutter();
  readonly #ts = new TsReader();
  readonly #timeline = new FrameTimeline();
  readonly #readers = new Set<RingReader>();
  readonly #atByPts = new Map<number, number>();
  #pat: Buffer | undefined;
  #pmt: Buffer | undefined;
  /** The keyframe group that is being received; undefined until a connection's first keyframe. */
  #open: Gop | undefined;
  #pictures = 0;
  #sinceKeyframe = 0;
  /** The part of the present chunk for readers that want only keyframes. */
  #keyframeRun: Buffer[] = [];
  /** The picture that is being received. */
  #incoming: { readonly atMs: number; readonly key: boolean; bytes: number } | undefined;

  constructor(options: StreamRingOptions) {
    this.#now = options.now;
    this.#store = new GopStore(options.limits);
    this.#onPicture = options.onPicture ?? (() => undefined);
  }

  get codec(): string | undefined {
    return this.#ts.codec;
  }
  /** Pictures received since the start. */
  get pictures(): number {
    return this.#pictures;
  }
  /** Keyframes received since the start. */
  get keyframes(): number {
    return this.#keyframes.count;
  }
  /**
   * The longest time between two keyframes of late, or since the last one; undefined while too few have come.
   * Milliseconds.
   */
  get longestGopMs(): number | undefined {
    return this.#keyframes.longestMs(this.#now());
  }
  get bytes(): number {
    return this.#store.bytes;
  }
  /** True while a connection has delivered a keyframe to start from. */
  get readable(): boolean {
    return this.#open !== undefined;
  }

  /** A new connection starts. Stored frames stay for stills; readers of the last connection end. */
  begin(): void {
    this.#cutter.reset();
    this.#ts.reset();
    this.#pat = undefined;
    this.#pmt = undefined;
    this.#restart();
  }

  /** The connection is over. */
  end(): void {
    this.#restart();
  }

  /** Takes bytes as they come; returns how many pictures began in them. Never throws, whatever the bytes. */
  push(chunk: Buffer): number {
    const before = this.#pictures;
    const run: Buffer[] = [];
    this.#cutter.push(chunk, (packet) => this.#packet(packet, run));
    this.#flush(run);
    return this.#pictures - before;
  }

  /**
   * Sends the stream from the last keyframe on to a reader, then live; before the first keyframe it starts
   * with that. Returns how to stop.
   */
  subscribe(reader: RingReader): () => void {
    if (this.#open) {
      reader.data(this.#open.header);
      for (const chunk of this.#open.chunks) reader.data(chunk);
    }
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /**
   * When the frame with this timestamp was captured; undefined if this connection did not bring it (or long
   * ago).
   */
  atOf(pts: number): number | undefined {
    return this.#atByPts.get(pts);
  }

  /**
   * The stored frame nearest to a time and the group to decode for it; undefined if none is within 2 s.
   * Newest without a time.
   */
  find(atMs?: number): { readonly gop: Gop; readonly frame: RingFrame } | undefined {
    return this.#store.find(atMs);
  }

  /** The bytes received between two frame times, in whole groups; undefined if there are none. */
  stretch(fromMs: number, toMs: number): Stretch | undefined {
    return this.#store.between(fromMs, toMs);
  }

  #restart() {
    this.#timeline.reset();
    this.#keyframes.reset();
    this.#incoming = undefined;
    this.#keyframeRun = [];
    this.#atByPts.clear();
    this.#open = undefined;
    this.#store.close();
    const readers = [...this.#readers];
    this.#readers.clear();
    for (const reader of readers) reader.end();
  }

  /**
   * Sorts one packet; `run` gathers consecutive packets of one group so that they are stored and sent in one
   * piece.
   */
  #packet(packet: Buffer, run: Buffer[]) {
    const read = this.#ts.read(packet);
    if (read.kind === 'pat') this.#pat = Buffer.from(packet);
    else if (read.kind === 'pmt') this.#pmt = Buffer.from(packet);
    else if (read.kind === 'more') {
      if (this.#incoming) this.#incoming.bytes += read.bytes;
    } else if (read.kind === 'picture') {
      this.#pictures++;
      if (this.#incoming) this.#onPicture(this.#incoming);
      const time = this.#timeline.map(read.pts, this.#now());
      if (time.steppedBack) {
        this.#flush(run);
        const nowMs = time.atMs;
        this.#restart();
        this.#timeline.map(read.pts, nowMs);
      }
      if (read.key && this.#pat && this.#pmt) {
        this.#flush(run);
        this.#startGop(Buffer.concat([this.#pat, this.#pmt]));
        this.#keyframes.see(time.atMs);
      }
      this.#sinceKeyframe = read.key ? 0 : this.#sinceKeyframe + 1;
      this.#incoming = { atMs: time.atMs, key: read.key, bytes: read.bytes };
      this.#open?.frames.push({ pts: read.pts, atMs: time.atMs, key: read.key });
      this.#remember(read.pts, time.atMs);
    }
    if (!this.#open) return;
    run.push(packet);
    if (this.#sinceKeyframe <= afterKeyframe)
      this.#keyframeRun.push(read.kind === 'picture' && read.key ? markCut(packet) : packet);
  }

  #startGop(header: Buffer) {
    const isFirst = this.#open === undefined;
    this.#open = this.#store.open(header);
    if (isFirst) for (const reader of this.#readers) reader.data(header);
  }

  #flush(run: Buffer[]) {
    if (run.length === 0) return;
    // A copy, so that what is stored owns its memory and does not keep a pipe's read buffer alive.
    const piece = Buffer.concat(run.splice(0));
    if (!this.#open) return;
    if (!this.#store.append(piece)) this.#open = undefined;
    const keyframePiece = Buffer.concat(this.#keyframeRun.splice(0));
    for (const reader of this.#readers) {
      if (!reader.keyframesOnly) reader.data(piece);
      else if (keyframePiece.length > 0) reader.data(keyframePiece);
    }
  }

  #remember(pts: number, atMs: number) {
    this.#atByPts.set(pts, atMs);
    if (this.#atByPts.size <= knownFrames) return;
    const oldest = this.#atByPts.keys().next();
    if (!oldest.done) this.#atByPts.delete(oldest.value);
  }
}

/**
 * Says in a keyframe's first packet that packets before it are missing (discontinuity_indicator, ISO/IEC
 * 13818-1 2.4.3.5), or the jump of the counter would be taken for damage. A keyframe always has the
 * adaptation field that holds the flag.
 */
function markCut(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt8(copy.readUInt8(5) | 0x80, 5);
  return copy;
}
