import type { ActorKind } from '../../../world.ts';
import { type BodyPlan, vehicle } from './car.ts';
import { type Shape, ShapeBuilder, slots } from './shape.ts';

type Car = 'sedan' | 'hatchback' | 'suv' | 'van' | 'minibus' | 'bus';

/**
 * Top lines from rear bumper to front bumper, of the usual proportions of each kind; lengths as in
 * `sizes.ts`.
 */
const plans: Readonly<Record<Car, BodyPlan>> = {
  sedan: {
    lengthM: 4.7,
    widthM: 1.82,
    clearanceM: 0.19,
    belt: [0.98, 0.9],
    roof: 0.72,
    nose: 0.2,
    top: [
      [-2.35, 0.78],
      [-2.29, 0.98],
      [-1.78, 1.05],
      [-0.95, 1.38],
      [-0.35, 1.46],
      [0.25, 1.41],
      [1.08, 0.97],
      [1.9, 0.83],
      [2.27, 0.7],
      [2.35, 0.52],
    ],
    screens: [
      [-1.78, -0.95],
      [0.25, 1.08],
    ],
    windows: [-1.55, 0.95],
    pillars: [-0.2, -1.15],
    axles: [-1.38, 1.4],
    wheelM: 0.32,
    darkBumpers: false,
    lampY: 0.66,
  },
  hatchback: {
    lengthM: 4.1,
    widthM: 1.75,
    clearanceM: 0.19,
    belt: [1.0, 0.92],
    roof: 0.74,
    nose: 0.17,
    top: [
      [-2.05, 0.8],
      [-1.98, 1.02],
      [-1.6, 1.4],
      [-0.6, 1.5],
      [0.15, 1.44],
      [0.98, 1.0],
      [1.6, 0.87],
      [1.98, 0.72],
      [2.05, 0.52],
    ],
    screens: [
      [-1.98, -1.6],
      [0.15, 0.98],
    ],
    windows: [-1.62, 0.86],
    pillars: [-0.28, -1.2],
    axles: [-1.25, 1.25],
    wheelM: 0.31,
    darkBumpers: false,
    lampY: 0.68,
  },
  suv: {
    lengthM: 4.7,
    widthM: 1.9,
    clearanceM: 0.25,
    belt: [1.14, 1.06],
    roof: 0.76,
    nose: 0.15,
    top: [
      [-2.35, 0.9],
      [-2.27, 1.16],
      [-1.95, 1.58],
      [-0.9, 1.72],
      [0.3, 1.66],
      [1.02, 1.16],
      [1.85, 1.04],
      [2.26, 0.88],
      [2.35, 0.6],
    ],
    screens: [
      [-2.27, -1.95],
      [0.3, 1.02],
    ],
    windows: [-1.98, 0.9],
    pillars: [-0.25, -1.25],
    axles: [-1.4, 1.4],
    wheelM: 0.37,
    darkBumpers: true,
    lampY: 0.82,
  },
  van: {
    lengthM: 4.8,
    widthM: 1.78,
    clearanceM: 0.22,
    belt: [1.12, 1.04],
    roof: 0.82,
    nose: 0.12,
    top: [
      [-2.4, 0.9],
      [-2.36, 1.2],
      [-2.24, 1.88],
      [-1, 1.95],
      [0.7, 1.9],
      [1.55, 1.14],
      [2.1, 1.0],
      [2.35, 0.8],
      [2.4, 0.55],
    ],
    screens: [
      [-2.36, -2.24],
      [0.7, 1.55],
    ],
    windows: [-2.05, 1.4],
    pillars: [0.35, -0.9],
    axles: [-1.35, 1.5],
    wheelM: 0.33,
    darkBumpers: true,
    lampY: 0.78,
  },
  minibus: {
    lengthM: 5.4,
    widthM: 1.95,
    clearanceM: 0.24,
    belt: [1.26, 1.2],
    roof: 0.86,
    nose: 0.1,
    top: [
      [-2.7, 0.9],
      [-2.67, 1.3],
      [-2.6, 2.22],
      [-1, 2.3],
      [1.7, 2.22],
      [2.35, 1.3],
      [2.62, 1.1],
      [2.68, 0.85],
      [2.7, 0.6],
    ],
    screens: [
      [-2.67, -2.6],
      [1.7, 2.35],
    ],
    windows: [-2.45, 2.2],
    pillars: [1.2, 0.1, -1.1],
    axles: [-1.6, 1.65],
    wheelM: 0.34,
    darkBumpers: true,
    lampY: 0.85,
  },
  bus: {
    lengthM: 9.5,
    widthM: 2.45,
    clearanceM: 0.3,
    belt: [1.45, 1.4],
    roof: 0.94,
    nose: 0.05,
    top: [
      [-4.75, 1.2],
      [-4.74, 1.5],
      [-4.7, 2.9],
      [-3, 3.0],
      [4.4, 2.96],
      [4.66, 2.7],
      [4.73, 1.3],
      [4.75, 0.8],
    ],
    screens: [
      [-4.74, -4.7],
      [4.4, 4.735],
    ],
    windows: [-4.4, 4.4],
    pillars: [3.2, 1.8, 0.4, -1.0, -2.4],
    axles: [-2.6, 2.9],
    wheelM: 0.48,
    darkBumpers: false,
    lampY: 0.8,
  },
};

/** A light truck: a cab, a flat bed with boards or a closed box. */
function truck(boxed: boolean): Shape {
  const cab = vehicle({
    lengthM: 1.75,
    widthM: 2.0,
    clearanceM: 0.35,
    belt: [1.35, 1.3],
    roof: 0.86,
    nose: 0.06,
    top: [
      [-0.875, 2.1],
      [-0.84, 2.2],
      [0.35, 2.2],
      [0.78, 1.4],
      [0.86, 1.1],
      [0.875, 0.7],
    ],
    screens: [[0.35, 0.78]],
    windows: [-0.45, 0.65],
    pillars: [],
    axles: [],
    wheelM: 0.38,
    darkBumpers: true,
    lampY: 0.78,
  });
  const b = new ShapeBuilder();
  append(b, cab, 2.1);
  b.box([-0.9, 0.62, 0], [4.2, 0.16, 0.8], slots.dark);
  b.box([-0.95, 0.95, 0], [4.1, 0.12, 2.05], slots.trim);
  if (boxed) b.box([-0.95, 1.85, 0], [4.1, 1.7, 2.1], slots.second);
  else {
    for (const side of [1, -1]) b.box([-0.95, 1.2, side * 1.0], [4.1, 0.42, 0.05], slots.body);
    for (const x of [-2.98, 1.06]) b.box([x, 1.2, 0], [0.05, 0.42, 2.0], slots.body);
    b.box([0.98, 1.6, 0], [0.06, 0.9, 1.9], slots.metal);
  }
  b.box([-3.0, 0.7, 0.7], [0.06, 0.14, 0.34], slots.taillamp);
  b.box([-3.0, 0.7, -0.7], [0.06, 0.14, 0.34], slots.taillamp);
  b.box([-3.0, 0.5, 0], [0.06, 0.16, 0.44], slots.plate);
  for (const [part, x] of [
    [1, -1.7],
    [2, 2.0],
  ] as const)
    for (const side of [1, -1]) {
      b.part(part).tube([x, 0.4, side * 0.7], [x, 0.4, side * 1.0], 0.4, 0.39, slots.rubber, 14);
      b.tube([x, 0.4, side * 1.0], [x, 0.4, side * 1.02], 0.24, 0.2, slots.rim, 10);
    }
  return b.finish();
}

/** Adds a finished shape's triangles, moved along x. */
function append(b: ShapeBuilder, shape: Shape, dx: number): void {
  const at = (corner: number) => {
    const i = (shape.index[corner] ?? 0) * 3;
    return [
      (shape.positions[i] ?? 0) + dx,
      shape.positions[i + 1] ?? 0,
      shape.positions[i + 2] ?? 0,
    ] as const;
  };
  for (let corner = 0; corner < shape.index.length; corner += 3)
    b.triangle(at(corner), at(corner + 1), at(corner + 2), (shape.slots[shape.index[corner] ?? 0] ?? 0) as 0);
}

/** The axles of a kind, for turning its wheels: x and radius. */
export function axlesOf(kind: ActorKind): readonly { readonly x: number; readonly radiusM: number }[] {
  if (kind === 'truck')
    return [
      { x: -1.7, radiusM: 0.4 },
      { x: 2.0, radiusM: 0.4 },
    ];
  const plan = kind in plans ? plans[kind as Car] : undefined;
  return plan ? plan.axles.map((x) => ({ x, radiusM: plan.wheelM })) : [];
}

/** The shape of a car, van, truck or bus; `variant` picks a body among those of its kind. */
export function vehicleShape(kind: Car | 'truck', variant: number): Shape {
  if (kind === 'truck') return truck(variant % 2 === 0);
  return vehicle(varied(plans[kind], variant));
}

/** Bodies differ a little: height, width, screens. */
function varied(plan: BodyPlan, variant: number): BodyPlan {
  const rise = [0, 0.05, -0.04][variant % 3] ?? 0;
  const slim = [0, -0.05][variant % 2] ?? 0;
  return {
    ...plan,
    widthM: plan.widthM + slim,
    top: plan.top.map(([x, y], i) => [x, y + (i > 1 && i < plan.top.length - 3 ? rise : 0)] as const),
    darkBumpers: variant % 3 === 2 ? !plan.darkBumpers : plan.darkBumpers,
  };
}
