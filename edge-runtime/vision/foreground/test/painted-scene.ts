/**
 * A painter of yards for tests of the foreground: ground, wall, kerb, trees, things and light, with sensor
 * noise, all seeded. It shares no code with what it judges. Pixels are sums of light times reflectance, cut
 * to 0..255, as a camera without gamma gives them.
 */
import type { Box, Track } from '@gatehouse/contracts';
import { seededRandom } from '@gatehouse/kit';
import type { DetectorFrame, InputShape } from '../../detect/detector.ts';

export const input: InputShape = { width: 416, height: 256, fit: 'letterbox', pad: 114 };
export const source = { sourceWidth: 1920, sourceHeight: 1080 };
export const width = 416;
export const height = 234;

type Colour = readonly [red: number, green: number, blue: number];

/** Something in the picture. Boxes in fractions of the picture. */
export interface Thing {
  readonly kind: 'carton' | 'bags' | 'car' | 'person' | 'leaves' | 'open-door';
  readonly box: Box;
  /** Seeds colours and, for persons and leaves, how they move. */
  readonly look: number;
  /** The track under which a detector sees it; absent if it does not. */
  readonly track?: number;
}

/**
 * Light that falls on a part of the picture: times `gain` inside, fading out over `soft` (fractions of the
 * picture's width).
 */
export interface Patch {
  readonly box: Box;
  readonly gain: number;
  readonly soft: number;
  readonly tint?: Colour;
}

export interface Moment {
  readonly things?: readonly Thing[];
  readonly gain?: number;
  readonly patches?: readonly Patch[];
  /** Pixels of the input by which the camera is off. */
  readonly shift?: readonly [x: number, y: number];
  readonly infrared?: boolean;
}

export class Painter {
  readonly #ground: Float32Array;
  readonly #canvas = new Float32Array(width * height * 3);
  readonly #noise: Float32Array;
  readonly #random: () => number;

  constructor(seed: number, noiseSd = 2.5) {
    this.#random = seededRandom(seed);
    this.#ground = paintGround(seededRandom(seed + 1));
    this.#noise = Float32Array.from({ length: 1 << 16 }, () => noiseSd * gaussian(this.#random));
  }

  /** The picture of a moment `t` seconds into the scene. */
  frame(moment: Moment, t: number): DetectorFrame {
    const canvas = this.#canvas;
    this.#layGround(moment.shift ?? [0, 0]);
    const [dx, dy] = moment.shift ?? [0, 0];
    for (const thing of moment.things ?? []) paintThing(canvas, thing, t, dx, dy);
    for (const patch of moment.patches ?? []) shine(canvas, patch);
    if (moment.infrared) bleach(canvas);
    return { planes: this.#expose(moment.gain ?? 1, moment.infrared ?? false), ...source };
  }

  #layGround([dx, dy]: readonly [number, number]): void {
    if (dx === 0 && dy === 0) {
      this.#canvas.set(this.#ground);
      return;
    }
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const fromX = Math.min(width - 1, Math.max(0, x + Math.round(dx)));
        const fromY = Math.min(height - 1, Math.max(0, y + Math.round(dy)));
        const to = 3 * (y * width + x);
        const from = 3 * (fromY * width + fromX);
        for (let c = 0; c < 3; c++) this.#canvas[to + c] = this.#ground[from + c] as number;
      }
  }

  #expose(gain: number, infrared: boolean): Uint8Array {
    const pixels = input.width * input.height;
    const planes = new Uint8Array(pixels * 3).fill(input.pad);
    const offset = Math.floor(this.#random() * this.#noise.length);
    const mask = this.#noise.length - 1;
    const order = [2, 0, 1];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const from = 3 * (y * width + x);
        for (let c = 0; c < 3; c++) {
          const noise = this.#noise[(offset + from + (infrared ? 0 : 977 * c)) & mask] as number;
          const level = 255 * gain * (this.#canvas[from + c] as number) + noise;
          planes[(order[c] as number) * pixels + y * input.width + x] = Math.min(255, Math.max(0, level));
        }
      }
    return planes;
  }
}

/** Asphalt with patches, a yellow line, a kerb, a wall with windows and a hedge. */
function paintGround(random: () => number): Float32Array {
  const ground = new Float32Array(width * height * 3);
  const coarse = smoothNoise(random, 23);
  const fine = smoothNoise(random, 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      const texture = 0.9 + 0.16 * (coarse[p] as number) + 0.1 * (fine[p] as number);
      put(ground, p, groundColour(x, y, fine[p] as number), texture);
    }
  return ground;
}

function groundColour(x: number, y: number, fine: number): Colour {
  if (y < 50) return x % 60 > 18 && x % 60 < 42 && y > 12 && y < 38 ? [0.16, 0.19, 0.24] : [0.5, 0.44, 0.38];
  if (y < 66) return fine > 0.1 ? [0.16, 0.28, 0.12] : [0.22, 0.36, 0.17];
  if (y < 72) return [0.55, 0.55, 0.53];
  if (Math.abs(y - 150 - x / 20) < 3) return [0.7, 0.58, 0.15];
  return [0.34, 0.34, 0.35];
}

/** Values around 0, about -1 to 1, that change over `size` pixels. */
function smoothNoise(random: () => number, size: number): Float32Array {
  const columns = Math.ceil(width / size) + 2;
  const knots = Float32Array.from(
    { length: columns * (Math.ceil(height / size) + 2) },
    () => 2 * random() - 1,
  );
  return Float32Array.from({ length: width * height }, (_, p) => {
    const x = (p % width) / size;
    const y = Math.floor(p / width) / size;
    const i = Math.floor(y) * columns + Math.floor(x);
    const [u, v] = [x % 1, y % 1];
    const knot = (k: number) => knots[k] as number;
    return (
      (1 - v) * ((1 - u) * knot(i) + u * knot(i + 1)) +
      v * ((1 - u) * knot(i + columns) + u * knot(i + columns + 1))
    );
  });
}

function put(canvas: Float32Array, pixel: number, [red, green, blue]: Colour, times = 1): void {
  canvas[3 * pixel] = red * times;
  canvas[3 * pixel + 1] = green * times;
  canvas[3 * pixel + 2] = blue * times;
}

/** Fills the part of a thing's box from (u1, v1) to (u2, v2), 0 to 1 of the box. */
type Fill = (u1: number, v1: number, u2: number, v2: number, colour: Colour, times?: number) => void;

function paintThing(canvas: Float32Array, thing: Thing, t: number, dx: number, dy: number): void {
  const { x1, y1, x2, y2 } = thing.box;
  const fill: Fill = (u1, v1, u2, v2, colour, times = 1) => {
    const at = (low: number, high: number, part: number, size: number, off: number) =>
      Math.round(Math.min(size, Math.max(0, (low + part * (high - low)) * size - off)));
    for (let y = at(y1, y2, v1, height, dy); y < at(y1, y2, v2, height, dy); y++)
      for (let x = at(x1, x2, u1, width, dx); x < at(x1, x2, u2, width, dx); x++)
        put(canvas, y * width + x, colour, times);
  };
  const random = seededRandom(thing.look);
  const tone = (low: number, high: number) => low + random() * (high - low);
  painters[thing.kind](fill, tone, t);
}

const painters: Readonly<
  Record<Thing['kind'], (fill: Fill, tone: (low: number, high: number) => number, t: number) => void>
> = {
  carton(fill, tone) {
    const shade = tone(0.8, 1.25);
    const face: Colour = [0.55, 0.42, 0.28];
    fill(0, 0, 1, 0.35, face, shade * 1.25);
    fill(0, 0.35, 0.6, 1, face, shade);
    fill(0.6, 0.35, 1, 1, face, shade * 0.6);
    fill(0.25, 0, 0.35, 1, [0.7, 0.62, 0.5], shade);
  },
  bags(fill, tone) {
    fill(0, 0.3, 0.55, 1, [0.05, 0.05, 0.06]);
    fill(0.45, 0, 1, 1, [0.6, 0.61, 0.62], tone(0.9, 1.2));
    fill(0.1, 0.4, 0.25, 0.6, [0.3, 0.3, 0.33]);
  },
  car(fill, tone) {
    const paint: Colour = [tone(0.05, 0.8), tone(0.05, 0.8), tone(0.05, 0.8)];
    fill(0, 0.85, 1, 1, [0.06, 0.06, 0.06]);
    fill(0.02, 0.35, 0.98, 0.88, paint);
    fill(0.2, 0, 0.8, 0.36, paint, 1.15);
    fill(0.25, 0.06, 0.75, 0.32, [0.1, 0.13, 0.16]);
    fill(0.04, 0.5, 0.14, 0.6, [0.9, 0.88, 0.8]);
    fill(0.86, 0.5, 0.96, 0.6, [0.7, 0.1, 0.1]);
  },
  person(fill, tone, t) {
    const sway = 0.06 * Math.sin(1.3 * t + tone(0, 6)) + 0.03 * Math.sin(3.1 * t);
    const shirt: Colour = [tone(0.1, 0.8), tone(0.1, 0.8), tone(0.1, 0.8)];
    const trousers: Colour = [tone(0.05, 0.2), tone(0.05, 0.2), tone(0.05, 0.3)];
    fill(0.35 + sway, 0, 0.65 + sway, 0.15, [0.6, 0.45, 0.38]);
    fill(0.2 + sway, 0.15, 0.8 + sway, 0.55, shirt);
    fill(0.25, 0.55, 0.48, 1, trousers);
    fill(0.52, 0.55, 0.75, 1, trousers);
  },
  /** A door leaf at its stop, and the room behind. */
  'open-door'(fill, tone) {
    fill(0, 0, 0.75, 1, [0.12, 0.11, 0.1]);
    fill(0.15, 0.2, 0.5, 0.75, [0.6, 0.55, 0.42], tone(0.9, 1.1));
    fill(0.75, 0, 1, 1, [0.45, 0.24, 0.12]);
  },
  leaves(fill, tone, t) {
    for (let i = 0; i < 40; i++) {
      const [u, v, phase] = [tone(0, 0.9), tone(0, 0.9), tone(0, 6)];
      const du = 0.06 * Math.sin(2.2 * t + phase) + 0.03 * Math.sin(5.3 * t + 2 * phase);
      fill(u + du, v + du / 2, u + du + 0.09, v + du / 2 + 0.1, [0.1, 0.25, 0.08], tone(0.7, 1.6));
    }
  },
};

function shine(canvas: Float32Array, { box, gain, soft, tint = [1, 1, 1] }: Patch): void {
  const edge = Math.max(1e-6, soft * width);
  const distance = (v: number, low: number, high: number) => Math.max(low - v, v - high, 0);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const dx = distance(x, box.x1 * width, box.x2 * width);
      const dy = distance(y, box.y1 * height, box.y2 * height);
      const away = Math.hypot(dx, dy) / edge;
      if (away >= 1) continue;
      const part = 1 - away;
      const p = 3 * (y * width + x);
      for (let c = 0; c < 3; c++)
        canvas[p + c] = (canvas[p + c] as number) * (1 + part * (gain * (tint[c] as number) - 1));
    }
}

/** The same in infrared light: no colour, other greys (leaves and cloth shine), lit from the camera. */
function bleach(canvas: Float32Array): void {
  for (let p = 0; p < width * height; p++) {
    const [red, green, blue] = [
      canvas[3 * p] as number,
      canvas[3 * p + 1] as number,
      canvas[3 * p + 2] as number,
    ];
    const x = (p % width) / width - 0.5;
    const y = Math.floor(p / width) / height - 0.6;
    const grey = (0.15 + 0.9 * green - 0.3 * blue + 0.3 * red) * Math.max(0.2, 1 - 2 * (x * x + y * y));
    put(canvas, p, [grey, grey, grey]);
  }
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A box by its bottom centre and size, fractions of the picture. */
export function standing(x: number, y: number, w: number, h: number): Box {
  return { x1: x - w / 2, y1: y - h, x2: x + w / 2, y2: y };
}

/** The tracks that a detector and tracker would give for a moment's things. */
export function tracksOf(things: readonly Thing[]): Track[] {
  return things.flatMap(({ kind, box, track }) =>
    track === undefined
      ? []
      : [
          {
            id: track,
            class: kind === 'car' ? 'car' : 'person',
            score: 0.8,
            box: cut(box),
            seen: true,
            still: false,
          } satisfies Track,
        ],
  );
}

function cut({ x1, y1, x2, y2 }: Box): Box {
  const inside = (v: number) => Math.min(1, Math.max(0, v));
  return { x1: inside(x1), y1: inside(y1), x2: inside(x2), y2: inside(y2) };
}
