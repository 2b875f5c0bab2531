import { crc32 } from 'node:zlib';
import type { ObjectClass, TrackFrame, Zone } from '@gatehouse/contracts';
import { FrameDecoder, FrameEncoder } from './frame-codec.ts';
import { ByteReader, ByteWriter } from './varint.ts';

/** The opening of a segment: everything that is needed to run the rules over its frames again. */
export interface Opening {
  readonly camera: string;
  /** Time of the first frame, ms on the frame timeline. */
  readonly fromMs: number;
  /**
   * That of every frame in it: a step of the clock begins a segment. Absent in older segments, and in those
   * whose frames do not tell.
   */
  readonly wallOffsetMs?: number;
  /** The zones and thresholds that were in force. */
  readonly zones: readonly Zone[];
  /** The rules' state before the first frame. */
  readonly state: unknown;
  /** The rules did not go on from the segment before: the process had been restarted or the zones edited. */
  readonly resumed: boolean;
  /** A fire alarm was latched all the time; absent in older segments, which did not keep it: none. */
  readonly fireAlarm?: boolean;
}

interface StoredOpening extends Opening {
  /** The class names by number. */
  readonly classes: readonly ObjectClass[];
}

/** First bytes of a segment file; the digit is the version of everything behind them. */
const magic = Buffer.from('GHTRACKS1\n');
/** No record is larger: 500 tracks are about 10 KiB, the rules' state of a crowded camera some 100 KiB. */
const maxRecordBytes = 1024 * 1024;

/**
 * A record: length, payload, and the low 16 bits of the payload's CRC-32. The sum is against torn tails and
 * decayed disks, not against malice; at 2 bytes a heartbeat's record is 5 bytes.
 */
function record(bytes: Buffer): Buffer {
  const head = new ByteWriter();
  head.varint(bytes.length);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(bytes) & 0xffff);
  return Buffer.concat([head.take(), bytes, sum]);
}

/** Makes the bytes of one segment, in the order in which they are appended to its file. */
export class SegmentWriter {
  readonly #encoder: FrameEncoder;
  /** The first bytes of the file. */
  readonly head: Buffer;
  constructor(opening: Opening, classes: readonly ObjectClass[]) {
    const stored: StoredOpening = { ...opening, classes };
    this.head = Buffer.concat([magic, record(Buffer.from(JSON.stringify(stored)))]);
    this.#encoder = new FrameEncoder(opening.fromMs, classes);
  }
  /** The frame must be `asStored`. */
  append(frame: TrackFrame): Buffer {
    return record(this.#encoder.encode(frame));
  }
}

export interface ReadSegment {
  readonly opening: Opening;
  readonly frames: TrackFrame[];
  /** Bytes up to the end of the last whole record; the rest is torn. */
  readonly goodBytes: number;
}

/**
 * Reads a segment as far as it is whole; `undefined` if not even its opening is. Never throws because of a
 * file's content.
 */
export function readSegment(file: Buffer): ReadSegment | undefined {
  const opened = readOpening(file);
  if (!opened) return undefined;
  const { opening, next } = opened;
  const decoder = new FrameDecoder(opening.camera, opening.fromMs, opening.classes);
  const frames: TrackFrame[] = [];
  let goodBytes = next;
  for (let found = recordAt(file, goodBytes); found; found = recordAt(file, goodBytes)) {
    const { bytes } = found;
    const frame = unlessBroken(() => decoder.decode(bytes));
    if (!frame) break;
    frames.push(frame);
    goodBytes = found.next;
  }
  return { opening, frames, goodBytes };
}

/** Only the opening of a segment; `undefined` if that is not whole. */
export function readOpening(file: Buffer): { opening: StoredOpening; next: number } | undefined {
  if (!file.subarray(0, magic.length).equals(magic)) return undefined;
  const found = recordAt(file, magic.length);
  if (!found) return undefined;
  const opening = unlessBroken((): StoredOpening => JSON.parse(found.bytes.toString('utf8')));
  return opening && { opening, next: found.next };
}

function recordAt(file: Buffer, at: number): { bytes: Buffer; next: number } | undefined {
  const head = file.subarray(at, at + 4);
  const length = unlessBroken(() => new ByteReader(head).varint());
  if (!length || length > maxRecordBytes) return undefined;
  const from = at + (length < 0x80 ? 1 : length < 0x4000 ? 2 : 3);
  const bytes = file.subarray(from, from + length);
  if (from + length + 2 > file.length) return undefined;
  if (file.readUInt16LE(from + length) !== (crc32(bytes) & 0xffff)) return undefined;
  return { bytes, next: from + length + 2 };
}

/** The first unreadable record ends the whole part. */
function unlessBroken<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
