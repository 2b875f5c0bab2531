import { Throws } from '../throws.ts';
import { type P3, type Shape, ShapeBuilder, type Slot, slots } from './shape.ts';

/** Limbs that move by themselves; everything else moves with the body. */
export const limbs = {
  body: 0,
  upperArmRight: 1,
  forearmRight: 2,
  upperArmLeft: 3,
  forearmLeft: 4,
  thighRight: 5,
  shinRight: 6,
  thighLeft: 7,
  shinLeft: 8,
} as const;
export const limbCount = 9;

/** Joints of the standing figure of 1.7 m, right side; the left mirrors z. */
export const joints = { hipY: 0.88, hipZ: 0.09, kneeY: 0.47, shoulderY: 1.38, elbowY: 1.1 } as const;

/** A person's clothes and load. */
export interface Dress {
  readonly top: 'shirt' | 'jacket' | 'coat' | 'vest';
  readonly legs: 'trousers' | 'shorts' | 'skirt' | 'dress';
  readonly hair: 'short' | 'long' | 'bun' | 'bald';
  readonly head: 'none' | 'cap' | 'brim' | 'helmet';
  readonly load: 'none' | 'backpack' | 'shoulder' | 'shopping' | 'box' | 'umbrella';
  /** Waist and shoulders against an average build. */
  readonly girth: number;
}

/** Chosen by the look alone, so that somebody looks the same whenever seen. */
export function dressOf(look: number, carries: number, rain: boolean, rider: boolean): Dress {
  const t = new Throws(look, 11);
  const woman = t.chance(0.5);
  const legs = woman
    ? t.pick(['trousers', 'trousers', 'skirt', 'dress'] as const)
    : t.pick(['trousers', 'trousers', 'trousers', 'shorts'] as const);
  const dress: Dress = {
    top: t.pick(['shirt', 'shirt', 'jacket', 'jacket', 'coat', 'vest']),
    legs: rider && legs === 'dress' ? 'trousers' : legs,
    hair: woman ? t.pick(['long', 'long', 'bun', 'short']) : t.pick(['short', 'short', 'short', 'bald']),
    head: rider && t.chance(0.6) ? 'helmet' : t.pick(['none', 'none', 'none', 'none', 'cap', 'brim']),
    girth: t.uniform(0.85, 1.3),
    load: 'none',
  };
  if (carries === 0) return dress;
  const wanted = new Throws(carries, 12).pick(['backpack', 'shoulder', 'shopping', 'box'] as const);
  return { ...dress, load: rain && !rider ? 'umbrella' : wanted };
}

/** Some looks are children or small, some are tall: height / 1.7 m. */
export function statureOf(look: number): number {
  const t = new Throws(look, 13);
  return t.chance(0.1) ? t.uniform(0.66, 0.85) : t.uniform(0.9, 1.09);
}

/** A standing figure of 1.7 m that faces along x, in parts that `limbs` names. */
export function personShape(dress: Dress): Shape {
  const b = new ShapeBuilder();
  torso(b, dress);
  head(b, dress);
  arms(b, dress);
  legs(b, dress);
  load(b, dress);
  return b.finish();
}

function oval(y: number, rx: number, rz: number, x = 0): P3[] {
  return Array.from({ length: 10 }, (_, i): P3 => {
    const turn = (2 * Math.PI * i) / 10;
    return [x + rx * Math.cos(turn), y, rz * Math.sin(turn)];
  });
}

function torso(b: ShapeBuilder, { top, legs: below, girth: g }: Dress): void {
  b.part(limbs.body);
  const thick = top === 'coat' || top === 'jacket' ? 1.1 : 1;
  const lower = below === 'dress' ? slots.body : slots.second;
  b.loft(
    [oval(0.82, 0.1 * g, 0.15 * g), oval(0.92, 0.12 * g, 0.165 * g), oval(1.0, 0.115 * g, 0.15 * g)],
    () => lower,
  );
  b.loft(
    [
      oval(0.9, 0.122 * g * thick, 0.168 * g * thick),
      oval(1.05, 0.112 * g * thick, 0.152 * g * thick),
      oval(1.22, 0.12 * g * thick, 0.172 * g * thick, 0.01),
      oval(1.36, 0.1 * thick, 0.19 * thick),
      oval(1.42, 0.07, 0.12),
      oval(1.45, 0.05, 0.06),
    ],
    (station) => (top === 'vest' && station === 1 ? slots.light : slots.body),
  );
  if (top === 'coat')
    b.loft([oval(0.55, 0.17 * g, 0.23 * g), oval(0.95, 0.13 * g, 0.178 * g)], () => slots.body);
  if (below === 'skirt')
    b.loft([oval(0.48, 0.17 * g, 0.21 * g), oval(0.92, 0.12 * g, 0.16 * g)], () => slots.second);
  if (below === 'dress')
    b.loft([oval(0.42, 0.2 * g, 0.25 * g), oval(0.95, 0.12 * g, 0.16 * g)], () => slots.body);
}

function head(b: ShapeBuilder, { hair, head: hat }: Dress): void {
  b.tube([0, 1.42, 0], [0.01, 1.51, 0], 0.055, 0.05, slots.skin, 6);
  b.ball([0.015, 1.585, 0], [0.095, 0.12, 0.078], slots.skin, { sides: 9, rows: 6 });
  if (hair !== 'bald')
    b.ball([-0.008, 1.6, 0], [0.103, 0.115, 0.088], slots.hair, { sides: 9, rows: 4, fromY: 0.12 });
  if (hair !== 'bald')
    b.ball([-0.035, 1.575, 0], [0.08, 0.1, 0.083], slots.hair, { sides: 8, rows: 4, fromY: -0.7 });
  if (hair === 'long') b.box([-0.075, 1.45, 0], [0.06, 0.26, 0.15], slots.hair, [1, 0.8]);
  if (hair === 'bun') b.ball([-0.11, 1.62, 0], [0.045, 0.045, 0.045], slots.hair, { sides: 6, rows: 4 });
  if (hat === 'cap' || hat === 'brim') {
    b.ball([-0.002, 1.61, 0], [0.112, 0.115, 0.096], slots.accent, { sides: 9, rows: 4, fromY: 0.15 });
    if (hat === 'cap') b.box([0.13, 1.63, 0], [0.1, 0.015, 0.13], slots.accent);
    else b.tube([0, 1.622, 0], [0, 1.635, 0], 0.19, 0.18, slots.accent, 10);
  }
  if (hat === 'helmet')
    b.ball([0, 1.6, 0], [0.14, 0.14, 0.12], slots.accent, { sides: 9, rows: 4, fromY: -0.15 });
}

function arms(b: ShapeBuilder, { top, girth }: Dress): void {
  const sleeve = top === 'shirt' ? slots.skin : top === 'vest' ? slots.third : slots.body;
  const upper = top === 'vest' ? slots.third : slots.body;
  const thick = (top === 'coat' || top === 'jacket' ? 1.2 : 1) * (0.8 + 0.2 * girth);
  for (const side of [1, -1]) {
    const z = side * 0.215;
    b.part(side > 0 ? limbs.upperArmRight : limbs.upperArmLeft);
    b.tube([0, 1.4, z * 0.9], [0, 1.09, z * 1.05], 0.058 * thick, 0.044 * thick, upper, 7);
    b.part(side > 0 ? limbs.forearmRight : limbs.forearmLeft);
    b.tube([0, 1.11, z * 1.05], [0.015, 0.87, z * 1.08], 0.043 * thick, 0.034 * thick, sleeve, 6);
    b.box([0.02, 0.82, z * 1.08], [0.06, 0.13, 0.035], slots.skin, [0.8, 1]);
  }
}

function legs(b: ShapeBuilder, { legs: below, girth: g }: Dress): void {
  const bare = below === 'skirt' || below === 'dress';
  const thigh: Slot = bare ? slots.skin : slots.second;
  const shin: Slot = bare || below === 'shorts' ? slots.skin : slots.second;
  for (const side of [1, -1]) {
    const z = side * joints.hipZ;
    b.part(side > 0 ? limbs.thighRight : limbs.thighLeft);
    b.tube([0, 0.9, z], [0, 0.45, z * 0.95], 0.088 * g, 0.06, thigh, 7);
    b.part(side > 0 ? limbs.shinRight : limbs.shinLeft);
    b.tube([0, 0.48, z * 0.95], [-0.01, 0.07, z * 0.95], shin === slots.skin ? 0.055 : 0.064, 0.045, shin, 7);
    b.box([0.05, 0.04, z * 0.95], [0.26, 0.08, 0.095], slots.shoes, [0.75, 0.9]);
  }
}

function load(b: ShapeBuilder, { load: what }: Dress): void {
  b.part(limbs.body);
  if (what === 'backpack') b.box([-0.2, 1.2, 0], [0.17, 0.42, 0.3], slots.accent, [0.7, 0.85]);
  if (what === 'shoulder') b.box([-0.02, 0.92, 0.25], [0.3, 0.24, 0.1], slots.accent, [0.8, 1]);
  if (what === 'box') b.box([0.32, 1.05, 0], [0.34, 0.3, 0.42], slots.third);
  if (what === 'umbrella') {
    b.part(limbs.body).tube([0.22, 1.05, 0.12], [0.18, 2.0, 0.08], 0.012, 0.012, slots.metal, 5);
    const rim = Array.from({ length: 10 }, (_, i): P3 => {
      const turn = (2 * Math.PI * i) / 10;
      return [0.18 + 0.52 * Math.cos(turn), 1.8, 0.08 + 0.52 * Math.sin(turn)];
    });
    const mid = rim.map(([x, , z]): P3 => [0.18 + (x - 0.18) * 0.62, 1.95, 0.08 + (z - 0.08) * 0.62]);
    const tip: P3 = [0.18, 2.03, 0.08];
    rim.forEach((p, i) => {
      const next = (i + 1) % rim.length;
      const paint = i % 2 === 0 ? slots.accent : slots.third;
      b.quad(p, rim[next] as P3, mid[next] as P3, mid[i] as P3, paint);
      b.triangle(mid[i] as P3, mid[next] as P3, tip, paint);
    });
  }
  if (what === 'shopping') {
    b.part(limbs.forearmRight).box([0.02, 0.6, 0.235], [0.26, 0.32, 0.14], slots.accent, [0.7, 0.6]);
    b.part(limbs.body);
  }
}
