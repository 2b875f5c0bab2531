import { type P3, type Shape, ShapeBuilder, type Slot, slots } from './shape.ts';

/** One cut across a body: where along it, how high its top is, how wide it is there. */
type Top = readonly [x: number, y: number];

/** A vehicle's silhouette, in metres, its front at positive x. */
export interface BodyPlan {
  readonly lengthM: number;
  readonly widthM: number;
  /** The top line from rear to front. */
  readonly top: readonly Top[];
  /** Height of the lower edge of the side windows, at the rear and at the front end. */
  readonly belt: readonly [rear: number, front: number];
  readonly clearanceM: number;
  /** x ranges along the top line that are glass: windscreen and rear window. */
  readonly screens: readonly (readonly [from: number, to: number])[];
  /** x range of the side windows, and the pillars between them. */
  readonly windows: readonly [from: number, to: number];
  readonly pillars: readonly number[];
  /** Roof width / belt width. */
  readonly roof: number;
  /** x of the axles and radius of the wheels. */
  readonly axles: readonly number[];
  readonly wheelM: number;
  /** Measure by which the ends are narrower than the middle. */
  readonly nose: number;
  /** Bumpers in trim colour instead of paint. */
  readonly darkBumpers: boolean;
  readonly lampY: number;
}

/** The parts of a vehicle: 0 its body, then its axles. */
export function vehicle(plan: BodyPlan): Shape {
  const b = new ShapeBuilder();
  body(b, plan);
  wheels(b, plan);
  lamps(b, plan);
  if (plan.windows[1] > plan.windows[0]) mirrors(b, plan);
  return b.finish();
}

function lerpLine(line: readonly Top[], x: number): number {
  for (let i = 0; i + 1 < line.length; i++) {
    const [[x1, y1], [x2, y2]] = [line[i] as Top, line[i + 1] as Top];
    if (x <= x2) return y1 + (y2 - y1) * Math.min(Math.max((x - x1) / (x2 - x1 || 1), 0), 1);
  }
  return (line.at(-1) as Top)[1];
}

function stations(plan: BodyPlan): number[] {
  const half = plan.lengthM / 2;
  const wanted = [
    ...plan.top.map(([x]) => x),
    ...plan.pillars.flatMap((x) => [x - 0.05, x + 0.05]),
    ...plan.windows,
    ...[-half, -half + 0.06, -half + 0.25, half - 0.25, half - 0.06, half],
  ];
  const sorted = wanted.filter((x) => x >= -half && x <= half).sort((a, b) => a - b);
  return sorted.filter((x, i) => i === 0 || x - (sorted[i - 1] ?? 0) > 0.012);
}

/** Half-points of a ring, from the middle of the floor up to the middle of the roof. */
const halfCells = {
  floor: 0,
  sill: 1,
  side: 2,
  shoulder: 3,
  window: 4,
  rail: 5,
  screen: 6,
  crown: 7,
} as const;

function body(b: ShapeBuilder, plan: BodyPlan): void {
  const xs = stations(plan);
  const rings = xs.map((x) => ring(plan, x));
  const count = (rings[0] as P3[]).length;
  const half = count / 2;
  b.loft(rings, (i, cell) => {
    const x1 = xs[i] ?? 0;
    const x2 = xs[i + 1] ?? x1;
    if (cell < 0) return plan.darkBumpers ? slots.trim : slots.body;
    return cellSlot(plan, cell < half ? cell : count - 1 - cell, x1, x2);
  });
}

function cellSlot(plan: BodyPlan, cell: number, x1: number, x2: number): Slot {
  const middle = (x1 + x2) / 2;
  const end = Math.abs(middle) > plan.lengthM / 2 - 0.3;
  const cabin = (x: number) => lerpLine(plan.top, x) - beltAt(plan, x);
  if (cell === halfCells.floor) return slots.dark;
  if (cell === halfCells.sill) return slots.trim;
  if (cell === halfCells.side && end && plan.darkBumpers) return slots.trim;
  if (cell === halfCells.window) {
    const inside = middle > plan.windows[0] && middle < plan.windows[1];
    const pillar = plan.pillars.some((x) => Math.abs(middle - x) < 0.05);
    return inside && !pillar && Math.max(cabin(x1), cabin(x2)) > 0.18 ? slots.glass : slots.body;
  }
  if (cell >= halfCells.screen)
    return plan.screens.some(([from, to]) => middle > from && middle < to) ? slots.glass : slots.body;
  return slots.body;
}

function beltAt({ belt, lengthM }: BodyPlan, x: number): number {
  return belt[0] + ((belt[1] - belt[0]) * (x + lengthM / 2)) / lengthM;
}

function ring(plan: BodyPlan, x: number): P3[] {
  const half = plan.lengthM / 2;
  const fromEnd = Math.min(1, (half - Math.abs(x)) / 0.55);
  const w = (plan.widthM / 2) * (1 - plan.nose * (1 - Math.sqrt(Math.max(fromEnd, 0))));
  const top = lerpLine(plan.top, x);
  const belt = Math.min(beltAt(plan, x), top - 0.02);
  const cab = Math.max(0, top - belt);
  const tall = Math.min(1, cab / 0.3);
  const low = plan.clearanceM + (fromEnd < 0.25 ? 0.05 : 0);
  const roofHalf = w * (0.9 + (plan.roof - 0.9) * tall);
  const right: P3[] = [
    [x, low, w * 0.78],
    [x, low + 0.07, w * 0.95],
    [x, Math.min(low + 0.3, belt - 0.1), w],
    [x, belt - 0.09, w * 0.99],
    [x, belt, w * 0.94],
    [x, belt + cab * 0.84, roofHalf + w * 0.03 * tall],
    [x, belt + cab * 0.95, roofHalf * 0.95],
    [x, top, roofHalf * 0.55],
  ];
  return [...right, ...right.map(([px, y, z]): P3 => [px, y, -z]).reverse()];
}

function wheels(b: ShapeBuilder, { axles, wheelM, widthM }: BodyPlan): void {
  axles.forEach((x, i) => {
    for (const side of [1, -1]) {
      const out = (z: number) => (side * widthM) / 2 + side * z;
      // The arch: a dark disc on the flank, a little larger than the wheel.
      b.part(0).tube(
        [x, wheelM * 1.02, out(-0.14)],
        [x, wheelM * 1.02, out(0.004)],
        wheelM * 1.2,
        wheelM * 1.2,
        slots.dark,
        14,
      );
      b.part(i + 1).tube(
        [x, wheelM, out(-0.22)],
        [x, wheelM, out(0.012)],
        wheelM,
        wheelM * 0.97,
        slots.rubber,
        14,
      );
      b.tube([x, wheelM, out(0.01)], [x, wheelM, out(0.02)], wheelM * 0.68, wheelM * 0.64, slots.rim, 12);
      for (let spoke = 0; spoke < 5; spoke++) {
        const turn = (2 * Math.PI * spoke) / 5;
        const at = (r: number, off: number): P3 => [
          x + wheelM * r * Math.cos(turn + off),
          wheelM + wheelM * r * Math.sin(turn + off),
          out(0.024),
        ];
        b.triangle(at(0.2, 0.63), at(0.56, 0.4), at(0.56, 0.86), slots.dark);
      }
    }
  });
  b.part(0);
}

function lamps(b: ShapeBuilder, plan: BodyPlan): void {
  const { lengthM, widthM, lampY, nose, clearanceM } = plan;
  const half = lengthM / 2;
  const w = (widthM / 2) * (1 - nose * 0.75);
  for (const side of [1, -1]) {
    b.box([half - 0.1, lampY, side * (w - 0.16)], [0.2, 0.13, 0.34], slots.headlamp);
    b.box([-half + 0.08, lampY + 0.12, side * (w - 0.14)], [0.18, 0.15, 0.3], slots.taillamp);
  }
  b.box([half, lampY - 0.02, 0], [0.05, 0.14, widthM * 0.45], slots.dark);
  b.box([half, clearanceM + 0.13, 0], [0.06, 0.12, widthM * 0.6], slots.dark);
  b.box([half + 0.02, clearanceM + 0.27, 0], [0.05, 0.13, 0.44], slots.plate);
  b.box([-half - 0.005, Math.max(clearanceM + 0.32, lampY - 0.12), 0], [0.05, 0.14, 0.44], slots.plate);
  b.box([-half, clearanceM + 0.1, 0], [0.05, 0.14, widthM * 0.66], slots.dark);
}

function mirrors(b: ShapeBuilder, plan: BodyPlan): void {
  const x = plan.windows[1] - 0.22;
  const y = beltAt(plan, x) + 0.09;
  for (const side of [1, -1])
    b.box(
      [x, y, side * (plan.widthM / 2 + 0.05)],
      [0.1, 0.14, 0.2],
      plan.darkBumpers ? slots.trim : slots.body,
    );
}
