import { BufferAttribute, BufferGeometry, Sphere, Vector3 } from 'three';
import { type Layer, layers } from '../picture/layers.ts';

export type P3 = readonly [number, number, number];
export type Rgb = readonly [number, number, number];

/** The look of a face. Colours are sRGB, 0 to 1, and tint the layer. */
export interface Coat {
  readonly layer: Layer;
  readonly rgb: Rgb;
  /** Ambient light that reaches it, or for marks how opaque they are. */
  readonly alpha?: number;
  readonly gloss?: number;
  readonly glow?: number;
  /** The distance that the wind moves it. */
  readonly sway?: number;
}

/** Collects things that stand still, one draw call for all of them. */
export class StaticMesh {
  readonly #positions: number[] = [];
  readonly #normals: number[] = [];
  readonly #uvl: number[] = [];
  readonly #tints: number[] = [];
  readonly #props: number[] = [];
  readonly #index: number[] = [];

  corner(
    place: P3,
    normal: P3,
    u: number,
    v: number,
    { layer, rgb, alpha = 1, gloss = 0, glow = 0, sway = 0 }: Coat,
  ): number {
    this.#positions.push(...place);
    this.#normals.push(...normal);
    this.#uvl.push(u, v, layers[layer]);
    this.#tints.push(rgb[0] * 255, rgb[1] * 255, rgb[2] * 255, alpha * 255);
    this.#props.push(gloss * 255, glow * 255, sway * 255, 0);
    return this.#positions.length / 3 - 1;
  }

  /** A flat four-cornered face; `uv` are its corners' texture coordinates, the unit square if absent. */
  quad(
    corners: readonly [P3, P3, P3, P3],
    normal: P3,
    coat: Coat,
    uv: readonly (readonly [number, number])[] = unitSquare,
  ): void {
    const [a, b, c, d] = corners.map((place, i) =>
      this.corner(place, normal, uv[i]?.[0] ?? 0, uv[i]?.[1] ?? 0, coat),
    );
    if (a === undefined || b === undefined || c === undefined || d === undefined) return;
    this.#index.push(a, b, c, a, c, d);
  }

  /** A convex polygon, textured by its place on the ground: `tileM` metres a tile. */
  floor(polygon: readonly (readonly [number, number])[], y: number, tileM: number, coat: Coat): void {
    const first =
      polygon.map(([x, z]) => this.corner([x, y, z], [0, 1, 0], x / tileM, z / tileM, coat))[0] ?? 0;
    for (let i = 1; i + 1 < polygon.length; i++) this.#index.push(first, first + i, first + i + 1);
  }

  /** A box turned by `headingRad` about the vertical; its faces' textures are `tile` metres wide and high. */
  box(
    middle: P3,
    size: P3,
    headingRad: number,
    coat: Coat,
    { tile = 2, top = coat, bottom = true } = {},
  ): void {
    const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
    const at = (i: number, j: number, k: number): P3 => {
      const [a, b] = [(i * size[0]) / 2, (k * size[2]) / 2];
      return [middle[0] + a * c - b * s, middle[1] + (j * size[1]) / 2, middle[2] + a * s + b * c];
    };
    const sides = [
      { n: [c, 0, s], from: at(1, -1, 1), to: at(1, -1, -1), w: size[2] },
      { n: [-c, 0, -s], from: at(-1, -1, -1), to: at(-1, -1, 1), w: size[2] },
      { n: [-s, 0, c], from: at(-1, -1, 1), to: at(1, -1, 1), w: size[0] },
      { n: [s, 0, -c], from: at(1, -1, -1), to: at(-1, -1, -1), w: size[0] },
    ] as const;
    for (const { n, from, to, w } of sides) {
      const [u, v] = [w / tile, size[1] / tile];
      const up = (p: P3): P3 => [p[0], p[1] + size[1], p[2]];
      this.quad([from, to, up(to), up(from)], n, coat, [
        [0, v],
        [u, v],
        [u, 0],
        [0, 0],
      ]);
    }
    const flat = [
      [0, 0],
      [size[0] / tile, 0],
      [size[0] / tile, size[2] / tile],
      [0, size[2] / tile],
    ] as const;
    this.quad([at(-1, 1, -1), at(1, 1, -1), at(1, 1, 1), at(-1, 1, 1)], [0, 1, 0], top, flat);
    if (bottom && middle[1] - size[1] / 2 > 0.05)
      this.quad([at(-1, -1, -1), at(1, -1, -1), at(1, -1, 1), at(-1, -1, 1)], [0, -1, 0], coat, flat);
  }

  /** A cone stump between two points. */
  tube(from: P3, to: P3, r1: number, r2: number, coat: Coat, sides = 6): void {
    const axis = new Vector3(...to).sub(new Vector3(...from)).normalize();
    const side = new Vector3(1, 0, 0).cross(axis);
    if (side.lengthSq() < 0.01) side.set(0, 0, 1).cross(axis);
    side.normalize();
    const other = axis.clone().cross(side);
    const rings = Array.from({ length: sides + 1 }, (_, i) => {
      const turn = (2 * Math.PI * i) / sides;
      const out = side.clone().multiplyScalar(Math.cos(turn)).addScaledVector(other, Math.sin(turn));
      const n: P3 = [out.x, out.y, out.z];
      const on = (p: P3, r: number): P3 => [p[0] + out.x * r, p[1] + out.y * r, p[2] + out.z * r];
      return [
        this.corner(on(from, r1), n, i / sides, 0, coat),
        this.corner(on(to, r2), n, i / sides, 1, coat),
      ] as const;
    });
    for (let i = 0; i < sides; i++) {
      const [[a, b], [c, d]] = [
        rings[i] as readonly [number, number],
        rings[i + 1] as readonly [number, number],
      ];
      this.#index.push(a, c, d, a, d, b);
    }
  }

  /** Adds triangles of corners already made. */
  faces(...corners: number[]): void {
    this.#index.push(...corners);
  }

  /** `lastFirst` draws the last added things first: things on top then spare the hidden ones the shading. */
  geometry(lastFirst = false): BufferGeometry {
    const made = new BufferGeometry();
    made.setAttribute('position', new BufferAttribute(Float32Array.from(this.#positions), 3));
    made.setAttribute('normal', new BufferAttribute(Float32Array.from(this.#normals), 3));
    made.setAttribute('uvl', new BufferAttribute(Float32Array.from(this.#uvl), 3));
    made.setAttribute('tint', new BufferAttribute(Uint8Array.from(this.#tints), 4, true));
    made.setAttribute('props', new BufferAttribute(Uint8Array.from(this.#props), 4, true));
    const index = Uint32Array.from(lastFirst ? this.#index.toReversed() : this.#index);
    made.setIndex(new BufferAttribute(index, 1));
    made.boundingSphere = new Sphere(new Vector3(), 1e6);
    return made;
  }
}

const unitSquare = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;
