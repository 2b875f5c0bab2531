import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Id } from '@gatehouse/contracts';
import { type Clock, errorOf, type GatehouseError, moveDurablyAsync, systemCode } from '@gatehouse/kit';

export interface PictureBounds {
  /** Of one picture, bytes. */
  readonly pictureBytes: number;
  /** Of all pictures and parts together. */
  readonly totalBytes: number;
  /** Boxes that may have a folder. */
  readonly boxes: number;
  /** Unfinished pictures of one box; a box sends one at a time. */
  readonly partsOfBox: number;
  /** After so long a picture goes, milliseconds. */
  readonly keepMs: number;
  /** After so long an unfinished one goes. */
  readonly keepPartMs: number;
}

/** 10 GiB hold some 100,000 pictures. */
export const defaultBounds: PictureBounds = {
  pictureBytes: 256 * 1024,
  totalBytes: 10 * 1024 ** 3,
  boxes: 10_000,
  partsOfBox: 4,
  keepMs: 30 * 86_400_000,
  keepPartMs: 2 * 86_400_000,
};

/** Where a picture stands. */
export type PictureState = { readonly whole: boolean; readonly bytes: number };

/** Fate of bytes that were put. */
export type PutEnd = 'stored' | 'more' | 'elsewhere' | 'wrong';

export interface PictureOptions {
  readonly folder: string;
  readonly bounds?: PictureBounds;
  readonly clock: Clock;
}

const Sha256 = /^[0-9a-f]{64}$/;

/**
 * Pictures of boxes as files, `<folder>/<box>/<sha256>.jpg`, an unfinished one as `.part`. Whoever may write
 * here is not trusted: names are box ids and hashes and nothing else, everything has a bound, and a picture
 * counts once its bytes have the hash of its name.
 */
export class PictureFolder {
  readonly #folder: string;
  readonly #bounds: PictureBounds;
  readonly #clock: Clock;
  readonly #writing = new Set<string>();
  #total = 0;

  constructor({ folder, bounds = defaultBounds, clock }: PictureOptions) {
    this.#folder = folder;
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** Counts what is there, and deletes what is past its term; again now and then. */
  async sweep(): Promise<void> {
    const nowMs = this.#clock.epochMs();
    let total = 0;
    for (const box of await this.#boxes())
      for (const name of await readdir(join(this.#folder, box))) {
        const file = join(this.#folder, box, name);
        const { size, mtimeMs } = await stat(file);
        const { keepMs, keepPartMs } = this.#bounds;
        if (nowMs - mtimeMs > (name.endsWith('.jpg') ? keepMs : keepPartMs)) await rm(file, { force: true });
        else total += size;
      }
    this.#total = total;
  }

  /** `undefined` if nothing of it is there. Throws `PICTURE_NAME`. */
  async find(box: string, sha256: string): Promise<PictureState | undefined> {
    const { whole, part } = this.#paths(box, sha256);
    const bytes = await sizeOf(whole);
    if (bytes !== undefined) return { whole: true, bytes };
    const begun = await sizeOf(part);
    return begun === undefined ? undefined : { whole: false, bytes: begun };
  }

  /** The bytes of a whole picture; throws `PICTURE_UNKNOWN`, `PICTURE_NAME`. */
  async read(box: string, sha256: string): Promise<Readable> {
    const found = await this.find(box, sha256);
    // A reader is told of a failure, too; nobody may have begun to read by then.
    if (found?.whole) return createReadStream(this.#paths(box, sha256).whole).on('error', () => undefined);
    throw errorOf('PICTURE_UNKNOWN');
  }

  /**
   * Takes bytes from `from` on of a picture of `total` bytes, synced when it returns. `more`: it is not whole
   * yet; `elsewhere`: it stands at another byte; `wrong`: the hash is another, and nothing is kept. Throws
   * `PICTURE_NAME`, `PICTURE_TOO_LARGE`, `PICTURES_FULL`.
   */
  async put(
    box: string,
    sha256: string,
    { from, total }: { readonly from: number; readonly total: number },
    bytes: Uint8Array,
  ): Promise<PutEnd> {
    const key = `${box}/${sha256}`;
    this.#paths(box, sha256);
    if (total > this.#bounds.pictureBytes || from + bytes.length > total)
      throw tooLarge(Math.min(total, this.#bounds.pictureBytes));
    if (this.#writing.has(key)) return 'elsewhere';
    this.#writing.add(key);
    try {
      const found = await this.find(box, sha256);
      if (found?.whole) return 'stored';
      if ((found?.bytes ?? 0) !== from) return 'elsewhere';
      await this.#admit(box, bytes.length, found === undefined);
      return await this.#append(box, sha256, bytes, total);
    } finally {
      this.#writing.delete(key);
    }
  }

  /** Forgets an unfinished picture, which is to be sent from its start. */
  async restart(box: string, sha256: string): Promise<void> {
    if (this.#writing.has(`${box}/${sha256}`)) return;
    await this.#drop(this.#paths(box, sha256).part);
  }

  async #append(box: string, sha256: string, bytes: Uint8Array, total: number): Promise<PutEnd> {
    const { whole, part } = this.#paths(box, sha256);
    const file = await open(part, 'a', 0o640);
    try {
      await file.appendFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#total += bytes.length;
    if (((await sizeOf(part)) ?? 0) < total) return 'more';
    if ((await hashOf(part)) !== sha256) {
      await this.#drop(part);
      return 'wrong';
    }
    await moveDurablyAsync(part, whole);
    return 'stored';
  }

  /**
   * Drop policies: past the bytes or the boxes the newest is refused, for what is there has its term; of one
   * box's unfinished pictures the oldest goes, for a box sends one after the other.
   */
  async #admit(box: string, bytes: number, isNew: boolean): Promise<void> {
    const { totalBytes, boxes, partsOfBox } = this.#bounds;
    if (this.#total + bytes > totalBytes) throw full(`${totalBytes} bytes of pictures`);
    const known = await this.#boxes();
    if (!known.includes(box) && known.length >= boxes) throw full(`${boxes} boxes`);
    const folder = join(this.#folder, box);
    await mkdir(folder, { recursive: true, mode: 0o750 });
    if (!isNew) return;
    const names = (await readdir(folder)).filter((name) => name.endsWith('.part'));
    const parts = await Promise.all(
      names.map(async (name) => ({
        file: join(folder, name),
        atMs: (await stat(join(folder, name))).mtimeMs,
      })),
    );
    parts.sort((a, b) => a.atMs - b.atMs);
    for (const { file } of parts.slice(0, Math.max(0, parts.length + 1 - partsOfBox))) await this.#drop(file);
  }

  async #drop(file: string): Promise<void> {
    this.#total -= (await sizeOf(file)) ?? 0;
    await rm(file, { force: true });
  }

  async #boxes(): Promise<string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 });
    return (await readdir(this.#folder)).filter((name) => Id.safeParse(name).success);
  }

  #paths(box: string, sha256: string): { whole: string; part: string } {
    if (!Id.safeParse(box).success || !Sha256.test(sha256)) throw errorOf('PICTURE_NAME');
    const base = join(this.#folder, box, sha256);
    return { whole: `${base}.jpg`, part: `${base}.part` };
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

function tooLarge(bytes: number): GatehouseError {
  return errorOf('PICTURE_TOO_LARGE', { bytes });
}

function full(what: string): GatehouseError {
  return errorOf('PICTURES_FULL', { what });
}
