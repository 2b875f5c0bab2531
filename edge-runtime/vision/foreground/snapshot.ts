import { createHash } from 'node:crypto';
import type { SavedBaseline } from './baseline.ts';
import type { SavedObject } from './found-objects.ts';

/** State that survives a restart. */
export interface Snapshot {
  readonly columns: number;
  readonly rows: number;
  /** Frame time of the newest picture in it, milliseconds. */
  readonly atMs: number;
  readonly infrared: boolean;
  readonly baselines: readonly SavedBaseline[];
  readonly objects: readonly SavedObject[];
  readonly owner: Uint8Array;
  readonly core: Uint8Array;
}

/** Logarithms of levels lie within +-6; a step of 1/5000 is far below noise. */
const perUnit = 5_000;
const furthest = 6;
const digestBytes = 32;

const format = 'gatehouse-foreground-2';

type Head = Pick<Snapshot, 'columns' | 'rows' | 'atMs' | 'infrared' | 'objects'> & {
  readonly format: string;
};

/**
 * A snapshot as bytes: SHA-256 of the rest, length of the head, head in JSON, then the planes as 16-bit and
 * 8-bit numbers.
 */
export function packSnapshot(snapshot: Snapshot): Uint8Array {
  const { columns, rows, atMs, infrared, objects, baselines, owner, core } = snapshot;
  const head = Buffer.from(JSON.stringify({ format, columns, rows, atMs, infrared, objects } satisfies Head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const planes = baselines.flatMap(({ view, known, active, noise }) => [
    ...view.flatMap(({ luma, red, blue }) => [bytesOf(luma), bytesOf(red), bytesOf(blue)]),
    known,
    active,
    bytesOf(noise),
  ]);
  const body = Buffer.concat([length, head, ...planes, owner, core]);
  return Buffer.concat([createHash('sha256').update(body).digest(), body]);
}

/** Undoes `packSnapshot`; `undefined` for anything that is not one, whole and of this format. */
export function unpackSnapshot(bytes: Uint8Array): Snapshot | undefined {
  const all = Buffer.from(bytes);
  const body = all.subarray(digestBytes);
  if (body.length < 4 || !createHash('sha256').update(body).digest().equals(all.subarray(0, digestBytes)))
    return undefined;
  const headEnd = 4 + body.readUInt32LE(0);
  // The digest is over bytes of our own making: the format alone says how to read them.
  const head = JSON.parse(body.subarray(4, headEnd).toString()) as Head;
  const cells = head.columns * head.rows;
  if (head.format !== format || body.length !== headEnd + cells * bytesPerCell) return undefined;
  let at = headEnd;
  const octets = () => {
    at += cells;
    return Uint8Array.from(body.subarray(at - cells, at));
  };
  const numbers = () => {
    const plane = Float32Array.from({ length: cells }, (_, i) => body.readInt16LE(at + 2 * i) / perUnit);
    at += 2 * cells;
    return plane;
  };
  const picture = () => ({ luma: numbers(), red: numbers(), blue: numbers() });
  const baseline = () => ({
    view: [picture(), picture()],
    known: octets(),
    active: octets(),
    noise: numbers(),
  });
  const { columns, rows, atMs, infrared, objects } = head;
  const baselines = [baseline(), baseline()];
  return { columns, rows, atMs, infrared, objects, baselines, owner: octets(), core: octets() };
}

/** Two baselines of two views of three planes, two flags and the noise; two flags of objects. */
const bytesPerCell = 2 * (2 * 3 * 2 + 2 + 2) + 2;

function bytesOf(plane: Float32Array): Buffer {
  const bytes = Buffer.alloc(2 * plane.length);
  for (const [i, value] of plane.entries())
    bytes.writeInt16LE(Math.round(Math.min(furthest, Math.max(-furthest, value)) * perUnit), 2 * i);
  return bytes;
}
