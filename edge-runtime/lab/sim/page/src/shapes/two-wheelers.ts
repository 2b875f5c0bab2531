import { type P3, type Shape, ShapeBuilder, slots } from './shape.ts';

/** The place where a rider's hips rest. */
export const saddles = {
  ebike: { x: -0.28, y: 0.8 },
  bicycle: { x: -0.2, y: 0.96 },
  tricycle: { x: 0.25, y: 0.82 },
} as const;

function wheel(
  b: ShapeBuilder,
  x: number,
  r: number,
  width: number,
  part: number,
  spoked: boolean,
  z = 0,
): void {
  b.part(part);
  if (!spoked) {
    b.tube([x, r, z - width / 2], [x, r, z + width / 2], r, r, slots.rubber, 14);
    b.tube([x, r, z - width / 2 - 0.005], [x, r, z + width / 2 + 0.005], r * 0.62, r * 0.62, slots.rim, 10);
  } else {
    const count = 14;
    const at = (i: number, radius: number): P3 => {
      const turn = (2 * Math.PI * i) / count;
      return [x + radius * Math.cos(turn), r + radius * Math.sin(turn), z];
    };
    for (let i = 0; i < count; i++) b.tube(at(i, r - 0.02), at(i + 1, r - 0.02), 0.02, 0.02, slots.rubber, 4);
    for (let i = 0; i < count; i += 2) b.tube([x, r, z], at(i, r - 0.02), 0.004, 0.004, slots.metal, 3);
  }
  b.part(0);
}

/** A scooter of the kind that delivers: variants with a box, with a rain apron, plain. */
export function ebikeShape(variant: number): Shape {
  const b = new ShapeBuilder();
  wheel(b, -0.6, 0.25, 0.1, 1, false);
  wheel(b, 0.62, 0.25, 0.09, 2, false);
  b.box([-0.42, 0.52, 0], [0.75, 0.3, 0.26], slots.body, [0.85, 0.7]);
  b.box([-0.38, 0.74, 0], [0.72, 0.12, 0.26], slots.dark, [0.9, 0.85]);
  b.box([0.1, 0.3, 0], [0.6, 0.08, 0.28], slots.trim);
  b.box([0.47, 0.62, 0], [0.16, 0.62, 0.34], slots.body, [0.55, 0.6]);
  b.tube([0.62, 0.28, 0], [0.42, 1.0, 0], 0.035, 0.03, slots.metal, 6);
  b.box([0.6, 0.42, 0], [0.36, 0.1, 0.14], slots.body, [0.7, 0.7]);
  b.tube([0.38, 1.02, -0.32], [0.38, 1.02, 0.32], 0.018, 0.018, slots.dark, 5);
  b.box([0.47, 0.96, 0], [0.16, 0.16, 0.24], slots.body, [0.7, 0.8]);
  b.box([0.56, 0.92, 0], [0.04, 0.1, 0.14], slots.headlamp);
  b.box([-0.83, 0.62, 0], [0.05, 0.08, 0.16], slots.taillamp);
  b.box([-0.86, 0.45, 0], [0.02, 0.14, 0.18], slots.plate);
  for (const z of [0.28, -0.28]) {
    b.tube([0.4, 1.02, z], [0.42, 1.2, z * 1.15], 0.008, 0.008, slots.dark, 4);
    b.box([0.42, 1.21, z * 1.2], [0.03, 0.08, 0.12], slots.dark);
  }
  if (variant % 3 === 0) b.box([-0.72, 1.03, 0], [0.46, 0.45, 0.46], slots.accent);
  if (variant % 3 === 1) b.box([-0.72, 0.92, 0], [0.34, 0.28, 0.36], slots.dark, [0.9, 0.85]);
  if (variant % 4 === 1) b.box([0.56, 0.7, 0], [0.06, 0.55, 0.66], slots.third, [1, 0.85]);
  return b.finish();
}

export function bicycleShape(variant: number): Shape {
  const b = new ShapeBuilder();
  wheel(b, -0.53, 0.33, 0.04, 1, true);
  wheel(b, 0.53, 0.33, 0.04, 2, true);
  const tube = (from: P3, to: P3) => b.tube(from, to, 0.022, 0.022, slots.body, 5);
  tube([-0.05, 0.3, 0], [-0.2, 0.85, 0]);
  tube([-0.05, 0.3, 0], [0.38, 0.78, 0]);
  tube([-0.18, 0.74, 0], [0.36, variant % 2 === 0 ? 0.8 : 0.5, 0]);
  tube([-0.05, 0.3, 0], [-0.53, 0.33, 0]);
  tube([-0.18, 0.74, 0], [-0.53, 0.33, 0]);
  tube([0.36, 0.98, 0], [0.53, 0.33, 0]);
  b.tube([0.33, 1.0, -0.28], [0.33, 1.0, 0.28], 0.016, 0.016, slots.dark, 5);
  b.box([-0.21, 0.9, 0], [0.26, 0.07, 0.16], slots.dark, [0.8, 0.5]);
  b.box([-0.6, 0.7, 0], [0.34, 0.03, 0.14], slots.metal);
  b.box([-0.53, 0.68, 0], [0.5, 0.02, 0.06], slots.body);
  if (variant % 2 === 1) b.box([0.58, 0.86, 0], [0.3, 0.22, 0.34], slots.metal, [1.1, 1.15]);
  return b.finish();
}

/** A delivery tricycle: a saddle and handlebar in front of a box or an open bed. */
export function tricycleShape(variant: number): Shape {
  const b = new ShapeBuilder();
  wheel(b, 1.1, 0.27, 0.1, 2, false);
  for (const z of [0.44, -0.44]) wheel(b, -0.75, 0.28, 0.1, 1, false, z);
  b.box([-0.1, 0.4, 0], [1.9, 0.1, 0.5], slots.dark);
  b.box([0.2, 0.64, 0], [0.42, 0.34, 0.36], slots.body, [0.9, 0.8]);
  b.box([0.2, 0.84, 0], [0.44, 0.09, 0.34], slots.dark);
  b.tube([1.1, 0.3, 0], [0.82, 1.05, 0], 0.035, 0.03, slots.metal, 6);
  b.tube([0.8, 1.07, -0.36], [0.8, 1.07, 0.36], 0.02, 0.02, slots.dark, 5);
  b.box([0.93, 0.8, 0], [0.1, 0.5, 0.46], slots.body, [0.7, 0.8]);
  b.box([1.02, 0.86, 0], [0.05, 0.12, 0.16], slots.headlamp);
  for (const z of [0.42, -0.42]) b.box([-1.38, 0.55, z], [0.05, 0.12, 0.12], slots.taillamp);
  if (variant % 3 !== 0) {
    b.box([-0.72, 1.08, 0], [1.32, 1.04, 1.02], slots.second);
    b.box([-1.385, 1.1, 0], [0.012, 0.9, 0.86], slots.third);
    for (const z of [0.515, -0.515]) b.box([-0.72, 1.15, z], [0.9, 0.4, 0.01], slots.accent);
  } else {
    for (const z of [0.5, -0.5]) b.box([-0.72, 0.72, z], [1.32, 0.34, 0.04], slots.body);
    for (const x of [-1.37, -0.07]) b.box([x, 0.72, 0], [0.04, 0.34, 1.0], slots.body);
    b.box([-0.72, 0.54, 0], [1.3, 0.05, 1.0], slots.trim);
    b.box([-0.9, 0.78, 0.1], [0.6, 0.42, 0.5], slots.accent);
  }
  if (variant % 4 === 1) {
    b.box([0.42, 1.72, 0], [1.1, 0.04, 0.9], slots.second);
    for (const z of [0.4, -0.4]) b.tube([0.92, 0.9, z * 0.6], [0.85, 1.7, z], 0.015, 0.015, slots.metal, 4);
  }
  return b.finish();
}
