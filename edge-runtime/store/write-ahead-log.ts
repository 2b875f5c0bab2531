/**
 * SQLite's write-ahead log, read without SQLite (its file format, section 4): for a file that SQLite itself
 * no longer opens.
 */
const headerBytes = 32;
const frameHeaderBytes = 24;
const magic = 0x377f0682;

/** The database with the log's frames applied up to the last commit whose checksums are right. */
export function applyLog(database: Buffer, log: Buffer | undefined): Buffer<ArrayBufferLike> {
  if (!log || log.length < headerBytes) return database;
  const word = log.readUInt32BE(0);
  if (word !== magic && word !== magic + 1) return database;
  const pageBytes = log.readUInt32BE(8);
  const checksum = new Checksum(word === magic + 1);
  checksum.add(log.subarray(0, 24));
  let frames: { page: number; bytes: Buffer }[] = [];
  let result: Buffer = database;
  for (
    let at = headerBytes;
    at + frameHeaderBytes + pageBytes <= log.length;
    at += frameHeaderBytes + pageBytes
  ) {
    const frame = log.subarray(at, at + frameHeaderBytes);
    const bytes = log.subarray(at + frameHeaderBytes, at + frameHeaderBytes + pageBytes);
    if (frame.compare(log, 16, 24, 8, 16) !== 0) break;
    checksum.add(frame.subarray(0, 8));
    checksum.add(bytes);
    if (!checksum.equals(frame.readUInt32BE(16), frame.readUInt32BE(20))) break;
    frames.push({ page: frame.readUInt32BE(0), bytes });
    const pages = frame.readUInt32BE(4);
    if (pages === 0) continue;
    result = resized(result, pages * pageBytes);
    for (const { page, bytes: body } of frames) body.copy(result, (page - 1) * pageBytes);
    frames = [];
  }
  return result;
}

function resized(bytes: Buffer, size: number): Buffer {
  if (bytes.length >= size) return bytes.subarray(0, size);
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
}

/** Two sums over pairs of 32-bit words, in the byte order that the log's header names. */
class Checksum {
  readonly #bigEndian: boolean;
  #s0 = 0;
  #s1 = 0;
  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }
  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += 8) {
      const [x, y] = this.#bigEndian
        ? [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
        : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
      this.#s0 = (this.#s0 + x + this.#s1) >>> 0;
      this.#s1 = (this.#s1 + y + this.#s0) >>> 0;
    }
  }
  equals(s0: number, s1: number): boolean {
    return this.#s0 === s0 && this.#s1 === s1;
  }
}
