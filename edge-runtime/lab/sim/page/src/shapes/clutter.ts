import type { ActorKind } from '../../../world.ts';
import { Throws } from '../throws.ts';
import { type P3, type Shape, ShapeBuilder, slots } from './shape.ts';

type Thing = Extract<ActorKind, 'box' | 'bag' | 'bin' | 'pallet' | 'sofa'>;

const builders: Readonly<Record<Thing, (b: ShapeBuilder, t: Throws) => void>> = {
  box(b, t) {
    b.box([0, 0.225, 0], [0.6, 0.45, 0.45], slots.body);
    b.box([0, 0.451, 0], [0.6, 0.005, 0.06], slots.light);
    for (const z of [0.226, -0.226]) b.box([0.12, 0.25, z], [0.16, 0.12, 0.004], slots.light);
    for (const x of [0.301, -0.301]) b.box([x, 0.36, 0], [0.004, 0.17, 0.06], slots.light);
    if (t.chance(0.4)) b.box([-0.05, 0.6, 0.02], [0.4, 0.3, 0.34], slots.second);
  },
  bag(b, t) {
    const fold = () => t.uniform(0.85, 1.15);
    const ring = (y: number, r: number): P3[] =>
      Array.from({ length: 9 }, (_, i): P3 => {
        const turn = (2 * Math.PI * i) / 9;
        return [r * fold() * Math.cos(turn), y, r * 0.85 * fold() * Math.sin(turn)];
      });
    b.loft(
      [ring(0, 0.2), ring(0.12, 0.26), ring(0.3, 0.23), ring(0.42, 0.09), ring(0.5, 0.05)],
      () => slots.body,
    );
  },
  bin(b) {
    b.box([0, 0.5, 0], [0.48, 0.86, 0.5], slots.body, [1.18, 1.15]);
    b.box([0, 0.97, 0], [0.62, 0.08, 0.6], slots.body, [0.9, 0.9]);
    b.box([0.27, 0.6, 0], [0.03, 0.22, 0.24], slots.light);
    b.tube([-0.26, 0.09, -0.26], [-0.26, 0.09, 0.26], 0.09, 0.09, slots.rubber, 8);
  },
  pallet(b, t) {
    for (const z of [-0.42, 0, 0.42]) b.box([0, 0.06, z], [1.2, 0.12, 0.1], slots.third);
    for (let i = 0; i < 6; i++) b.box([-0.52 + i * 0.21, 0.13, 0], [0.14, 0.025, 1.0], slots.third);
    const high = t.int(1, 3);
    for (let y = 0; y < high; y++)
      for (let i = 0; i < 4; i++) {
        const paint = t.chance(0.6) ? slots.body : slots.second;
        b.box([i % 2 ? 0.28 : -0.28, 0.27 + y * 0.25, i > 1 ? 0.23 : -0.23], [0.52, 0.24, 0.44], paint);
      }
  },
  sofa(b) {
    b.box([0, 0.25, 0], [1.9, 0.3, 0.85], slots.body);
    b.box([0, 0.6, -0.34], [1.9, 0.5, 0.2], slots.body, [0.97, 0.7]);
    for (const x of [-0.86, 0.86]) b.box([x, 0.48, 0], [0.2, 0.34, 0.86], slots.body, [0.85, 0.96]);
    for (const x of [-0.38, 0.38]) b.box([x, 0.45, 0.06], [0.72, 0.14, 0.66], slots.second, [0.94, 0.94]);
    for (const x of [-0.85, 0.85])
      for (const z of [-0.36, 0.36]) b.box([x, 0.05, z], [0.07, 0.1, 0.07], slots.dark);
  },
};

/** Things put down and left. */
export function clutterShape(kind: Thing, variant: number): Shape {
  const b = new ShapeBuilder();
  builders[kind](b, new Throws(variant, 21));
  return b.finish();
}
