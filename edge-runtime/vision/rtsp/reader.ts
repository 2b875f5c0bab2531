import { parseHead, type RtspMessage, RtspSyntaxError } from './message.ts';

export interface RtspSink {
  /**
   * Bytes of interleaved frames (RFC 2326 10.12), in order, cut anywhere. They may be overwritten afterwards.
   */
  frames(bytes: Buffer): void;
  message(message: RtspMessage): void;
}

/** Limits for a head and a body, bytes. Heads have about 300, session descriptions about 600. */
export const maxHeadBytes = 16 * 1024;
export const maxBodyBytes = 64 * 1024;

const dollar = 0x24;
/** First bytes of messages (RFC 2326 section 10). Other bytes at that place are skipped. */
const starts = [
  'RTSP/1.',
  ...['OPTIONS', 'DESCRIBE', 'ANNOUNCE', 'SETUP', 'PLAY', 'PAUSE', 'TEARDOWN'].map((name) => `${name} `),
  ...['GET_PARAMETER', 'SET_PARAMETER', 'REDIRECT', 'RECORD'].map((name) => `${name} `),
].map((text) => Buffer.from(text, 'latin1'));
const longestStart = Math.max(...starts.map(({ length }) => length));

/**
 * Splits the bytes of an RTSP connection into interleaved frames and messages, however they are cut. Frames
 * are passed on without a copy, messages when they are complete. After broken framing it continues at the
 * next `$` or message, as ffmpeg does. Holds one head and one body at most.
 */
export class RtspReader {
  readonly #sink: RtspSink;
  /** An incomplete frame head or message head, at most `maxHeadBytes`. */
  #held: Buffer = Buffer.alloc(0);
  #frameLeft = 0;
  #open: { readonly head: Omit<RtspMessage, 'body'>; readonly parts: Buffer[]; left: number } | undefined;
  #skipped = 0;

  constructor(sink: RtspSink) {
    this.#sink = sink;
  }

  /** Number of bytes that were neither frame nor message. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Throws `RtspSyntaxError` for a head or a body that is too long, or a head that cannot be read. */
  push(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    let at = 0;
    // Start of the frames that have not been passed on yet.
    let from = 0;
    while (at < bytes.length) {
      if (this.#frameLeft > 0) {
        const taken = Math.min(this.#frameLeft, bytes.length - at);
        this.#frameLeft -= taken;
        at += taken;
      } else if (this.#open === undefined && bytes[at] === dollar && at + 4 <= bytes.length) {
        this.#frameLeft = bytes.readUInt16BE(at + 2);
        at += 4;
      } else {
        if (at > from) this.#sink.frames(bytes.subarray(from, at));
        const taken = this.#text(bytes.subarray(at));
        if (taken === 0) {
          this.#held = Buffer.from(bytes.subarray(at));
          return;
        }
        at += taken;
        from = at;
      }
    }
    if (at > from) this.#sink.frames(bytes.subarray(from, at));
  }

  /** Consumes bytes that are no frame; returns how many, or 0 if more are needed to decide. */
  #text(bytes: Buffer): number {
    if (this.#open) return this.#body(bytes);
    if (bytes[0] === dollar) return 0;
    const begun = startOf(bytes);
    if (begun === 'unknown') return 0;
    if (begun === 'no') {
      this.#skipped++;
      return 1;
    }
    const end = headEnd(bytes);
    if ((end ?? bytes.length) > maxHeadBytes)
      throw new RtspSyntaxError(`a head of over ${maxHeadBytes} bytes`);
    if (end === undefined) return 0;
    const head = parseHead(bytes.toString('latin1', 0, end).trimEnd());
    const left = bodyLength(head);
    if (left === 0) this.#sink.message({ ...head, body: Buffer.alloc(0) });
    else this.#open = { head, parts: [], left };
    return end;
  }

  #body(bytes: Buffer): number {
    const open = this.#open;
    if (!open) return 0;
    const part = Buffer.from(bytes.subarray(0, open.left));
    open.parts.push(part);
    open.left -= part.length;
    if (open.left === 0) {
      this.#open = undefined;
      this.#sink.message({ ...open.head, body: Buffer.concat(open.parts) });
    }
    return part.length;
  }
}

function startOf(bytes: Buffer): 'yes' | 'no' | 'unknown' {
  const begun = bytes.subarray(0, longestStart);
  if (starts.some((start) => begun.length >= start.length && begun.subarray(0, start.length).equals(start)))
    return 'yes';
  return starts.some((start) => start.subarray(0, begun.length).equals(begun)) ? 'unknown' : 'no';
}

/** Index after the empty line that ends a head. Some cameras send no carriage returns. */
function headEnd(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
    if (at > maxHeadBytes) return at;
  }
  return undefined;
}

function bodyLength({ headers }: Pick<RtspMessage, 'headers'>): number {
  const text = headers.find(([name]) => name === 'content-length')?.[1] ?? '0';
  if (!/^\d{1,9}$/.test(text) || Number(text) > maxBodyBytes)
    throw new RtspSyntaxError(`a body of "${text.slice(0, 20)}" bytes`);
  return Number(text);
}
