import { dirname } from 'node:path';
import type { Op } from './trace.ts';

/** A disk keeps or loses unsynced bytes in pieces of this size. */
const sectorBytes = 512;

type Pending = Extract<Op, { kind: 'write' | 'truncate' }>;

interface File {
  /** The bytes that are certainly on the disk. */
  synced: Buffer;
  /** The later writes: any part of them may be there, in any order. */
  pending: Pending[];
  /** True if the name is certainly in its directory; `deleted`: true if the file has been deleted since. */
  named: boolean;
  deleted: boolean;
}

/**
 * A disk that promises what POSIX does and nothing more: a file's bytes are safe after its fsync, its name
 * after that of its directory. After a power cut chance decides about everything else, sector by sector.
 */
export class Disk {
  readonly #files = new Map<string, File>();

  /** Files that were there, safely, before the trace began. */
  constructor(files: Iterable<readonly [path: string, bytes: Buffer]>) {
    for (const [path, bytes] of files)
      this.#files.set(path, { synced: bytes, pending: [], named: true, deleted: false });
  }

  do(op: Op): void {
    if (op.kind === 'said') return;
    if (op.kind === 'sync') this.#sync(op.path);
    else if (op.kind === 'create') {
      if (!this.#files.get(op.path) || this.#files.get(op.path)?.deleted)
        this.#files.set(op.path, { synced: Buffer.alloc(0), pending: [], named: false, deleted: false });
    } else {
      const file = this.#files.get(op.path);
      if (!file) throw new Error(`${op.kind} of ${op.path}, which was never opened`);
      if (op.kind === 'write' || op.kind === 'truncate') file.pending.push(op);
      else file.deleted = true;
    }
  }

  /** The files that are found after a cut here. `random` gives 0 to 1. */
  afterCut(random: () => number): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    for (const [path, file] of this.#files) {
      const isThere = file.deleted ? random() < 0.5 : file.named || random() < 0.5;
      if (isThere) found.set(path, torn(file, random));
    }
    return found;
  }

  #sync(path: string): void {
    const file = this.#files.get(path);
    if (file) {
      const content = new Content(file.synced, file.pending);
      for (const op of file.pending) content.do(op);
      file.synced = content.bytes;
      file.pending = [];
      return;
    }
    for (const [name, entry] of this.#files) {
      if (dirname(name) !== path.replace(/\/$/, '')) continue;
      entry.named = true;
      if (entry.deleted) this.#files.delete(name);
    }
  }
}

function torn({ synced, pending }: File, random: () => number): Buffer {
  const content = new Content(synced, pending);
  // Now and then all or nothing of it arrived; otherwise chance decides for each piece.
  const share = [0, 1, random(), random()][Math.floor(random() * 4)] ?? 0;
  for (const op of pending) {
    if (op.kind === 'truncate') {
      if (random() < share) content.do(op);
      continue;
    }
    for (let at = 0; at < op.bytes.length; ) {
      // Sectors are those of the disk: the first piece of a write that begins within a sector ends at that
      // sector's end.
      const end = Math.min(op.bytes.length, at + sectorBytes - ((op.offset + at) % sectorBytes));
      if (random() < share) content.do({ ...op, offset: op.offset + at, bytes: op.bytes.subarray(at, end) });
      at = end;
    }
  }
  return content.bytes;
}

/** A file's bytes with room for every later write. */
class Content {
  readonly #room: Buffer;
  #size: number;
  constructor(from: Buffer, coming: readonly Pending[]) {
    const ends = coming.map((op) => (op.kind === 'truncate' ? op.size : op.offset + op.bytes.length));
    this.#room = Buffer.alloc(Math.max(from.length, ...ends));
    from.copy(this.#room);
    this.#size = from.length;
  }
  get bytes(): Buffer {
    return this.#room.subarray(0, this.#size);
  }
  do(op: Pending): void {
    if (op.kind === 'truncate') {
      // The cut-off part is zero where the file grows again.
      this.#room.fill(0, op.size);
      this.#size = op.size;
      return;
    }
    op.bytes.copy(this.#room, op.offset);
    this.#size = Math.max(this.#size, op.offset + op.bytes.length);
  }
}
