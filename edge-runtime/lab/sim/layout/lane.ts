import { bays, rectangle, type Site, spaced } from './shapes.ts';

/**
 * An internal road between two apartment blocks. North to south: block 1, planting, the marked fire lane (4.4
 * m, at least 4 m clear and 5 m off the wall: GB 50016-2014 section 7.1.8), a two-way road of 7 m, bays,
 * pavement, block 2. Traffic keeps to the right: eastbound at z = 7.6, westbound at z = 4.6.
 */
const parking = bays(-25, 9.4, 20);

export const lane: Site = {
  name: 'lane',
  fixtures: [
    {
      kind: 'building',
      at: [0, -17],
      size: [56, 18, 18],
      headingRad: 0,
      look: 11,
      doors: [
        [-18, -8],
        [0, -8],
        [18, -8],
      ],
    },
    {
      kind: 'building',
      at: [0, 29],
      size: [56, 15, 16],
      headingRad: 0,
      look: 12,
      doors: [
        [-22, 21.5],
        [14, 21.5],
      ],
    },
    { kind: 'building', at: [48, -15], size: [26, 24, 22], headingRad: 0, look: 13 },
    { kind: 'building', at: [-50, -14], size: [30, 20, 20], headingRad: 0, look: 14 },
    { kind: 'hedge', from: [-27, -3.2], to: [-20, -3.2], heightM: 0.7, look: 1 },
    { kind: 'hedge', from: [-16, -3.2], to: [-2, -3.2], heightM: 0.7, look: 1 },
    { kind: 'hedge', from: [2, -3.2], to: [16, -3.2], heightM: 0.7, look: 1 },
    { kind: 'hedge', from: [20, -3.2], to: [27, -3.2], heightM: 0.7, look: 1 },
    { kind: 'wall', from: [62, -4], to: [62, 40], heightM: 2.4, look: 3 },
    ...spaced(-24, 8, 7).map((x, i) => ({
      kind: 'tree' as const,
      at: [x, -5.2] as const,
      heightM: 5 + (i % 3),
      look: 20 + i,
    })),
    ...spaced(-22, 11, 5).map((x, i) => ({
      kind: 'tree' as const,
      at: [x, 18.6] as const,
      heightM: 6 + (i % 2),
      look: 40 + i,
    })),
    ...spaced(-20, 20, 3).map((x) => ({
      kind: 'lamp' as const,
      at: [x, -2.9] as const,
      headingRad: Math.PI / 2,
      look: 2,
    })),
    ...spaced(-10, 20, 3).map((x) => ({
      kind: 'lamp' as const,
      at: [x, 15.6] as const,
      headingRad: -Math.PI / 2,
      look: 2,
    })),
    { kind: 'sign', at: [-19, -3], headingRad: Math.PI / 2, look: 5 },
    { kind: 'hydrant', at: [8, -3], headingRad: 0, look: 1 },
    { kind: 'bin-row', at: [22, -4.2], headingRad: Math.PI / 2, look: 4 },
    { kind: 'bench', at: [-6, 17], headingRad: -Math.PI / 2, look: 2 },
  ],
  surfaces: [
    { kind: 'asphalt', polygon: rectangle(-60, -2.6, 60, 9.4), look: 1 },
    { kind: 'concrete', polygon: rectangle(-60, 9.4, 60, 14.7), look: 2 },
    { kind: 'brick', polygon: rectangle(-60, 14.7, 60, 18), look: 3 },
    { kind: 'grass', polygon: rectangle(-60, 18, 60, 21), look: 4 },
    { kind: 'grass', polygon: rectangle(-60, -8, 60, -2.6), look: 5 },
    { kind: 'paving', polygon: rectangle(-20, -8, -16, -2.6), look: 6 },
    { kind: 'paving', polygon: rectangle(-2, -8, 2, -2.6), look: 6 },
    { kind: 'paving', polygon: rectangle(16, -8, 20, -2.6), look: 6 },
    {
      kind: 'kerb',
      line: [
        [-60, -2.6],
        [60, -2.6],
      ],
      heightM: 0.12,
    },
    {
      kind: 'kerb',
      line: [
        [-60, 14.7],
        [60, 14.7],
      ],
      heightM: 0.12,
    },
    { kind: 'fire-lane', polygon: rectangle(-14, -2.2, 14, 2.2) },
    ...parking.lines,
    { kind: 'manhole', at: [-5, 6], radiusM: 0.4, headingRad: 0, look: 1 },
    { kind: 'manhole', at: [11, 5.6], radiusM: 0.4, headingRad: 0, look: 2 },
    { kind: 'stain', at: [3, 7], radiusM: 0.8, headingRad: 0.4, look: 3 },
    { kind: 'stain', at: [-9, 0.6], radiusM: 0.5, headingRad: 1, look: 4 },
    { kind: 'crack', at: [7, 4], radiusM: 1.6, headingRad: 0.2, look: 5 },
    { kind: 'arrow', at: [-13, 7.6], radiusM: 1.2, headingRad: 0, look: 6 },
    { kind: 'arrow', at: [13, 4.6], radiusM: 1.2, headingRad: Math.PI, look: 6 },
  ],
  places: {
    'fire-lane': rectangle(-14, -2.2, 14, 2.2),
    road: rectangle(-60, 2.4, 60, 9.2),
    pavement: rectangle(-30, 14.9, 30, 17.8),
    'unit-door': rectangle(-2, -7.8, 2, -6),
    ...parking.places,
  },
  cameras: {
    /** On a pole on the pavement: looks across the bays at the fire lane, hardly along it. */
    across: { at: [-5.5, 7.5, 16.8], lookAt: [2, 0, 1.4], fovDeg: 44 },
    /** On a lamp pole at the lane's west end: looks along it. */
    along: { at: [-25, 6.5, 9], lookAt: [-3, 0, 0.6], fovDeg: 38 },
  },
};
