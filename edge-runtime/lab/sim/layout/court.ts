import { rectangle, type Site, spaced } from './shapes.ts';

/**
 * A plaza between three blocks: paving 26 x 18 m, planting with benches around it, a road along its south
 * side.
 */
export const court: Site = {
  name: 'court',
  fixtures: [
    {
      kind: 'building',
      at: [0, -24],
      size: [44, 20, 14],
      headingRad: 0,
      look: 21,
      doors: [
        [-12, -17],
        [12, -17],
      ],
    },
    {
      kind: 'building',
      at: [-30, -6],
      size: [16, 17, 28],
      headingRad: 0,
      look: 22,
      doors: [
        [-22, -4],
        [-22, 6],
      ],
    },
    { kind: 'building', at: [31, -6], size: [16, 22, 27], headingRad: 0, look: 23, doors: [[23, 0]] },
    { kind: 'hedge', from: [-14, -10.4], to: [-3, -10.4], heightM: 0.8, look: 3 },
    { kind: 'hedge', from: [3, -10.4], to: [14, -10.4], heightM: 0.8, look: 3 },
    { kind: 'hedge', from: [-14.4, -10], to: [-14.4, 3], heightM: 0.8, look: 3 },
    { kind: 'hedge', from: [14.4, -10], to: [14.4, 3], heightM: 0.8, look: 3 },
    ...spaced(-12, 8, 4).map((x, i) => ({
      kind: 'tree' as const,
      at: [x, -12.6] as const,
      heightM: 6 + (i % 3),
      look: 60 + i,
    })),
    { kind: 'tree', at: [-17, -3], heightM: 7, look: 70 },
    { kind: 'tree', at: [17, 1], heightM: 6.5, look: 71 },
    { kind: 'tree', at: [17.5, -7], heightM: 5.5, look: 72 },
    ...spaced(-10, 5, 5).map((x) => ({
      kind: 'bench' as const,
      at: [x, -9.4] as const,
      headingRad: Math.PI / 2,
      look: 3,
    })),
    { kind: 'bench', at: [-13.4, -3], headingRad: 0, look: 3 },
    { kind: 'bench', at: [13.4, -3], headingRad: Math.PI, look: 3 },
    { kind: 'lamp', at: [-14, -9.4], headingRad: 0.8, look: 4 },
    { kind: 'lamp', at: [13.6, 8], headingRad: Math.PI, look: 4 },
    { kind: 'lamp', at: [0, -10.2], headingRad: Math.PI / 2, look: 4 },
    { kind: 'sign', at: [9.5, 9.2], headingRad: Math.PI / 2, look: 6 },
    ...spaced(-6, 3, 5).map((x) => ({
      kind: 'bollard' as const,
      at: [x, 9.6] as const,
      headingRad: 0,
      look: 1,
    })),
    { kind: 'bin-row', at: [19, 7], headingRad: Math.PI, look: 5 },
  ],
  surfaces: [
    { kind: 'grass', polygon: rectangle(-24, -17, 24, 10), look: 7 },
    { kind: 'paving', polygon: rectangle(-13, -9, 13, 9.8), look: 8 },
    { kind: 'brick', polygon: rectangle(-3, -17, 3, -9), look: 9 },
    { kind: 'brick', polygon: rectangle(-22, 4.4, -13, 7), look: 9 },
    { kind: 'brick', polygon: rectangle(13, 4.4, 23, 7), look: 9 },
    { kind: 'asphalt', polygon: rectangle(-60, 10, 60, 16.6), look: 10 },
    { kind: 'concrete', polygon: rectangle(-60, 16.6, 60, 30), look: 11 },
    {
      kind: 'kerb',
      line: [
        [-60, 10],
        [60, 10],
      ],
      heightM: 0.12,
    },
    {
      kind: 'kerb',
      line: [
        [-60, 16.6],
        [60, 16.6],
      ],
      heightM: 0.12,
    },
    { kind: 'manhole', at: [5, 3], radiusM: 0.4, headingRad: 0, look: 3 },
    { kind: 'stain', at: [-4, -2], radiusM: 0.6, headingRad: 0.7, look: 8 },
  ],
  places: {
    plaza: rectangle(-10.5, -7.6, 10.5, 6.6),
    road: rectangle(-60, 10.2, 60, 16.4),
    'north-path': rectangle(-2.7, -16.8, 2.7, -9),
    'west-path': rectangle(-21.9, 4.4, -13, 7),
    'east-path': rectangle(13, 4.4, 22.9, 7),
  },
  cameras: {
    /** On a pole at the road. */
    pole: { at: [1.5, 7.8, 15.5], lookAt: [0, 0, 0.6], fovDeg: 52 },
    /**
     * On a lamp post at the plaza's edge: near enough that a detector tells people in a group apart (about 50
     * px at 512).
     */
    near: { at: [1.5, 6, 10], lookAt: [0, 0.5, 1.9], fovDeg: 52 },
    /** On the corner of the west block, at the second floor. */
    corner: { at: [-21, 6, 13], lookAt: [-0.5, 0, -0.4], fovDeg: 44 },
  },
};
