import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { systemCode, writeDurably } from '@gatehouse/kit';

const pageBytes = 4096;
/** Two headers and the note of the newest expiry, a page each: what a power cut tears is one page. */
const headerAt = [0, pageBytes] as const;
const noteAt = 2 * pageBytes;
const recordsAt = 3 * pageBytes;
const prefixBytes = 8;

/** 4 MiB hold some 1,500 commands with all that the audit keeps of them. */
const wantedBytes = 4 * 1024 * 1024;
/** On a tiny disk it is a sixteenth of what is free, and below this there is none. */
const leastBytes = 128 * 1024;
const shareOfFree = 1 / 16;
const formatVersion = 1;

interface Header {
  readonly version: number;
  readonly generation: number;
}

interface ExpiryNote {
  /** The kernel's name for this boot: what was not synced is whole as long as it has not ended. */
  readonly boot: string;
  readonly newestExpiryMs: number;
}

/**
 * A file of fixed size that is overwritten in place, so that it can be written while the disk is full: blocks
 * that it has, nobody else can take. It holds texts in order until `reset`, each whole or not at all after a
 * power cut. Beside them it keeps the newest expiry of any command that was taken, which tells old commands
 * from new ones if drivers.db is lost.
 */
export class OverflowLog {
  readonly #path: string;
  #descriptor: number | undefined;
  #sizeBytes = 0;
  #endAt = recordsAt;
  #generation = 0;
  #records = 0;
  #newestExpiryMs = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Opens the file, making it if there is room; `expiryMs` is then the newest expiry. Returns what it holds,
   * and whether it was there before; nothing if it cannot be had.
   */
  open(expiryMs = 0): { readonly existed: boolean; readonly texts: readonly string[] } {
    this.close();
    const existed = existsSync(this.#path);
    if (!existed) this.#make(expiryMs);
    this.#descriptor = attempt(() => openSync(this.#path, 'r+'));
    if (this.#descriptor === undefined) return { existed, texts: [] };
    this.#sizeBytes = fstatSync(this.#descriptor).size;
    return { existed, texts: this.#read(readFileSync(this.#descriptor)) };
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Whether anything can be kept in it now. */
  get usable(): boolean {
    return this.#descriptor !== undefined && this.#sizeBytes >= leastBytes;
  }
  /** Names what it holds since the last `reset`. */
  get generation(): number {
    return this.#generation;
  }
  /** Texts in it. */
  get records(): number {
    return this.#records;
  }
  get freeBytes(): number {
    return this.usable ? this.#sizeBytes - this.#endAt : 0;
  }

  /**
   * Keeps texts durably, all or none; false if they do not fit into `share` of the file, or the disk refuses.
   */
  append(texts: readonly string[], share: number): boolean {
    const descriptor = this.#descriptor;
    const bytes = Buffer.concat(texts.map((text) => this.#record(text)));
    const mostAt = recordsAt + (this.#sizeBytes - recordsAt) * share;
    if (!this.usable || descriptor === undefined || this.#endAt + bytes.length > mostAt) return false;
    const kept = attempt(() => {
      writeWhole(descriptor, bytes, this.#endAt);
      fdatasyncSync(descriptor);
      return true;
    });
    if (!kept) return false;
    this.#endAt += bytes.length;
    this.#records += texts.length;
    return true;
  }

  /** All of it has been taken over: it is empty from here on. Throws what the disk says. */
  reset(): void {
    this.#generation++;
    for (const at of headerAt) this.#writeHeader(at);
    this.#endAt = recordsAt;
    this.#records = 0;
  }

  /** Takes note of a command's expiry, epoch milliseconds, without waiting for the disk. */
  noteExpiry(expiryMs: number): void {
    const descriptor = this.#descriptor;
    if (expiryMs <= this.#newestExpiryMs || descriptor === undefined) return;
    this.#newestExpiryMs = expiryMs;
    const note: ExpiryNote = { boot: thisBoot(), newestExpiryMs: expiryMs };
    attempt(() => writeWhole(descriptor, page(note), noteAt));
  }

  /** No command that was taken expires later, epoch milliseconds; nothing if that is not known. */
  newestExpiryMs(): number | undefined {
    const { boot, newestExpiryMs } = this.#readPage<ExpiryNote>(noteAt) ?? {};
    return boot === thisBoot() ? newestExpiryMs : undefined;
  }

  #make(newestExpiryMs: number): void {
    attempt(() => {
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      const size = Math.min(wantedBytes, Math.floor((bavail * bsize * shareOfFree) / pageBytes) * pageBytes);
      if (size < leastBytes) return;
      // Real blocks: a sparse file would hold nothing.
      const bytes = Buffer.alloc(size, 0x5a);
      for (const at of headerAt) page({ version: formatVersion, generation: 1 }).copy(bytes, at);
      page({ boot: thisBoot(), newestExpiryMs }).copy(bytes, noteAt);
      writeDurably(this.#path, bytes, 0o640);
    });
  }

  #read(bytes: Buffer): string[] {
    const headers = headerAt.flatMap((at) => this.#readPage<Header>(at) ?? []);
    const known = headers.filter(({ version }) => version === formatVersion);
    this.#generation = Math.max(0, ...known.map(({ generation }) => generation));
    this.#endAt = recordsAt;
    const texts: string[] = [];
    for (;;) {
      const text = recordAt(bytes, this.#endAt, this.#generation);
      if (text === undefined) break;
      texts.push(text.toString('utf8'));
      this.#endAt += prefixBytes + text.length;
    }
    this.#records = texts.length;
    return texts;
  }

  #record(text: string): Buffer {
    const body = Buffer.from(text);
    const prefix = Buffer.alloc(prefixBytes);
    prefix.writeUInt32BE(body.length, 0);
    prefix.writeUInt32BE(checksum(this.#generation, body), 4);
    return Buffer.concat([prefix, body]);
  }

  #writeHeader(at: number): void {
    if (this.#descriptor === undefined) return;
    writeWhole(this.#descriptor, page({ version: formatVersion, generation: this.#generation }), at);
    fdatasyncSync(this.#descriptor);
  }

  #readPage<T>(at: number): T | undefined {
    const bytes = Buffer.alloc(pageBytes);
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return undefined;
    if (attempt(() => readSync(descriptor, bytes, 0, pageBytes, at)) !== pageBytes) return undefined;
    const text = recordAt(bytes, 0, 0);
    return text && JSON.parse(text.toString('utf8'));
  }
}

/** One record; `undefined` where there is none, or one of another generation. */
function recordAt(bytes: Buffer, at: number, generation: number): Buffer | undefined {
  if (at + prefixBytes > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  const body = bytes.subarray(at + prefixBytes, at + prefixBytes + length);
  if (length === 0 || body.length !== length) return undefined;
  return bytes.readUInt32BE(at + 4) === checksum(generation, body) ? body : undefined;
}

function checksum(generation: number, body: Buffer): number {
  return crc32(body, crc32(String(generation)));
}

/** A page that is whole or not a record. */
function page(content: Header | ExpiryNote): Buffer {
  const body = Buffer.from(JSON.stringify(content));
  const bytes = Buffer.alloc(pageBytes);
  bytes.writeUInt32BE(body.length, 0);
  bytes.writeUInt32BE(checksum(0, body), 4);
  body.copy(bytes, prefixBytes);
  return bytes;
}

function writeWhole(descriptor: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
}

let boot: string | undefined;
function thisBoot(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

/** Gives nothing if the disk or the file system refuses; any other error passes through. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
