/**
 * The material of a triangle: an index into an actor's palette, so that one shape serves cars of every paint.
 * `body` to `accent` are coloured by the actor's look.
 */
export const slots = {
  body: 0,
  second: 1,
  third: 2,
  accent: 3,
  glass: 4,
  rubber: 5,
  rim: 6,
  trim: 7,
  headlamp: 8,
  taillamp: 9,
  plate: 10,
  skin: 11,
  hair: 12,
  shoes: 13,
  metal: 14,
  dark: 15,
  light: 16,
} as const;
export type Slot = (typeof slots)[keyof typeof slots];
export const slotCount = 17;

/**
 * Triangles in metres: x forward, y up, z to the right. `parts` names the limb or wheel that a corner moves
 * with.
 */
export interface Shape {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  readonly slots: Uint8Array;
  readonly parts: Uint8Array;
  readonly index: Uint32Array;
}

export type P3 = readonly [number, number, number];

/** Cosine of the angle between two faces above which their common edge is drawn smooth (42 degrees). */
const smooth = 0.74;

/** Collects triangles; `finish` smooths and merges them. */
export class ShapeBuilder {
  readonly #corners: number[] = [];
  readonly #slots: number[] = [];
  readonly #parts: number[] = [];
  #part = 0;

  /** The triangles that follow move with this part. */
  part(part: number): this {
    this.#part = part;
    return this;
  }

  triangle(a: P3, b: P3, c: P3, slot: Slot): void {
    this.#corners.push(...a, ...b, ...c);
    this.#slots.push(slot);
    this.#parts.push(this.#part);
  }

  quad(a: P3, b: P3, c: P3, d: P3, slot: Slot): void {
    this.triangle(a, b, c, slot);
    this.triangle(a, c, d, slot);
  }

  /** A box by its middle and extents; `top` shrinks its upper face along x and z. */
  box([x, y, z]: P3, [lx, ly, lz]: P3, slot: Slot, top: readonly [number, number] = [1, 1]): void {
    const at = (i: number, j: number, k: number): P3 => [
      x + (i * lx * (j > 0 ? top[0] : 1)) / 2,
      y + (j * ly) / 2,
      z + (k * lz * (j > 0 ? top[1] : 1)) / 2,
    ];
    this.quad(at(1, -1, 1), at(1, -1, -1), at(1, 1, -1), at(1, 1, 1), slot);
    this.quad(at(-1, -1, -1), at(-1, -1, 1), at(-1, 1, 1), at(-1, 1, -1), slot);
    this.quad(at(-1, 1, 1), at(1, 1, 1), at(1, 1, -1), at(-1, 1, -1), slot);
    this.quad(at(-1, -1, -1), at(1, -1, -1), at(1, -1, 1), at(-1, -1, 1), slot);
    this.quad(at(-1, -1, 1), at(1, -1, 1), at(1, 1, 1), at(-1, 1, 1), slot);
    this.quad(at(1, -1, -1), at(-1, -1, -1), at(-1, 1, -1), at(1, 1, -1), slot);
  }

  /** A cone stump between two points, closed at both ends. */
  tube(from: P3, to: P3, r1: number, r2: number, slot: Slot, sides = 6, capSlot: Slot = slot): void {
    const axis = unit(minus(to, from));
    const side = unit(cross(axis, Math.abs(axis[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0]));
    const other = cross(axis, side);
    const ring = (middle: P3, r: number): P3[] =>
      Array.from({ length: sides }, (_, i) => {
        const turn = (2 * Math.PI * i) / sides;
        const [c, s] = [r * Math.cos(turn), r * Math.sin(turn)];
        return [
          middle[0] + c * side[0] + s * other[0],
          middle[1] + c * side[1] + s * other[1],
          middle[2] + c * side[2] + s * other[2],
        ];
      });
    const [low, high] = [ring(from, r1), ring(to, r2)];
    for (let i = 0; i < sides; i++) {
      const j = (i + 1) % sides;
      this.quad(low[i] as P3, low[j] as P3, high[j] as P3, high[i] as P3, slot);
      if (r1 > 0.004) this.triangle(from, low[j] as P3, low[i] as P3, capSlot);
      if (r2 > 0.004) this.triangle(to, high[i] as P3, high[j] as P3, capSlot);
    }
  }

  /**
   * Rings of equally many points, skinned; `slotOf(station, cell)` paints a cell, and the first and last ring
   * are closed.
   */
  loft(
    rings: readonly (readonly P3[])[],
    slotOf: (station: number, cell: number) => Slot,
    around = true,
  ): void {
    for (let i = 0; i + 1 < rings.length; i++) {
      const [a, b] = [rings[i] as readonly P3[], rings[i + 1] as readonly P3[]];
      const cells = around ? a.length : a.length - 1;
      for (let j = 0; j < cells; j++) {
        const k = (j + 1) % a.length;
        this.quad(a[j] as P3, b[j] as P3, b[k] as P3, a[k] as P3, slotOf(i, j));
      }
    }
    this.#cap(rings[0] as readonly P3[], slotOf(0, -1), false);
    this.#cap(rings.at(-1) as readonly P3[], slotOf(rings.length - 1, -1), true);
  }

  #cap(ring: readonly P3[], slot: Slot, flip: boolean): void {
    const middle = ring.reduce<P3>(
      (sum, p) => [sum[0] + p[0] / ring.length, sum[1] + p[1] / ring.length, sum[2] + p[2] / ring.length],
      [0, 0, 0],
    );
    ring.forEach((p, i) => {
      const next = ring[(i + 1) % ring.length] as P3;
      if (flip) this.triangle(middle, next, p, slot);
      else this.triangle(middle, p, next, slot);
    });
  }

  /** An ellipsoid, or the part of it above `fromY` (-1 bottom to 1 top). */
  ball(middle: P3, radii: P3, slot: Slot, { sides = 8, rows = 5, fromY = -1 } = {}): void {
    const start = Math.asin(fromY);
    const ring = (row: number): P3[] => {
      const lift = start + ((Math.PI / 2 - start) * row) / rows;
      return Array.from({ length: sides }, (_, i) => {
        const turn = (2 * Math.PI * i) / sides;
        return [
          middle[0] + radii[0] * Math.cos(lift) * Math.cos(turn),
          middle[1] + radii[1] * Math.sin(lift),
          middle[2] - radii[2] * Math.cos(lift) * Math.sin(turn),
        ];
      });
    };
    this.loft(
      Array.from({ length: rows + 1 }, (_, row) => ring(row).reverse()),
      () => slot,
    );
  }

  /** Smooths between faces that hardly bend, merges equal corners. */
  finish(): Shape {
    const faces = this.#slots.length;
    const normals = new Float32Array(faces * 3);
    const byPlace = new Map<string, number[]>();
    const keys: string[] = [];
    for (let f = 0; f < faces; f++) {
      const corner = (i: number): P3 =>
        this.#corners.slice(f * 9 + i * 3, f * 9 + i * 3 + 3) as unknown as P3;
      const [a, b, c] = [corner(0), corner(1), corner(2)];
      normals.set(cross(minus(b, a), minus(c, a)), f * 3);
      for (const p of [a, b, c]) {
        const key = `${this.#parts[f]},${Math.round(p[0] * 2000)},${Math.round(p[1] * 2000)},${Math.round(p[2] * 2000)}`;
        keys.push(key);
        const there = byPlace.get(key);
        if (there) there.push(f);
        else byPlace.set(key, [f]);
      }
    }
    return this.#merged(normals, keys, byPlace);
  }

  #merged(faceNormals: Float32Array, keys: readonly string[], byPlace: ReadonlyMap<string, number[]>): Shape {
    const index: number[] = [];
    const positions: number[] = [];
    const normals: number[] = [];
    const [slotList, partList]: [number[], number[]] = [[], []];
    const made = new Map<string, number>();
    const normalOf = (f: number): P3 => [
      faceNormals[f * 3] ?? 0,
      faceNormals[f * 3 + 1] ?? 0,
      faceNormals[f * 3 + 2] ?? 0,
    ];
    keys.forEach((key, corner) => {
      const f = Math.floor(corner / 3);
      const own = normalOf(f);
      const ownLength = Math.hypot(...own) || 1;
      let sum: P3 = [0, 0, 0];
      for (const g of byPlace.get(key) ?? []) {
        const n = normalOf(g);
        const like = (n[0] * own[0] + n[1] * own[1] + n[2] * own[2]) / (ownLength * (Math.hypot(...n) || 1));
        if (like > smooth || g === f) sum = [sum[0] + n[0], sum[1] + n[1], sum[2] + n[2]];
      }
      const n = unit(sum);
      const slot = this.#slots[f] ?? 0;
      const name = `${key}|${slot}|${Math.round(n[0] * 50)},${Math.round(n[1] * 50)},${Math.round(n[2] * 50)}`;
      let at = made.get(name);
      if (at === undefined) {
        at = slotList.length;
        made.set(name, at);
        positions.push(...this.#corners.slice(corner * 3, corner * 3 + 3));
        normals.push(...n);
        slotList.push(slot);
        partList.push(this.#parts[f] ?? 0);
      }
      index.push(at);
    });
    return {
      positions: Float32Array.from(positions),
      normals: Float32Array.from(normals),
      slots: Uint8Array.from(slotList),
      parts: Uint8Array.from(partList),
      index: Uint32Array.from(index),
    };
  }
}

export function minus(a: P3, b: P3): P3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function cross(a: P3, b: P3): P3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function unit(a: P3): P3 {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}
