import { rectangle, type Site, spaced } from './shapes.ts';

/**
 * The entrance. North (negative z) is the street, south the compound. The lane in runs south at x = -3.2, the
 * lane out north at x = 3.2, the guard house stands on the island between them, the door for people is west
 * of the lane in.
 */
export const gate: Site = {
  name: 'gate',
  fixtures: [
    { kind: 'guard-house', at: [0, 0], headingRad: Math.PI / 2, look: 1 },
    { kind: 'barrier-gate', at: [-1.3, 1], headingRad: Math.PI, armM: 3.8 },
    { kind: 'barrier-gate', at: [1.3, -1], headingRad: 0, armM: 3.8 },
    { kind: 'wall', from: [-40, 0], to: [-8.6, 0], heightM: 2.4, look: 7 },
    { kind: 'wall', from: [5.6, 0], to: [40, 0], heightM: 2.4, look: 7 },
    { kind: 'bollard', at: [-5.5, 0], headingRad: 0, look: 2 },
    { kind: 'fence', from: [-7, 0], to: [-5.7, 0], heightM: 2, look: 2 },
    { kind: 'building', at: [-27, 26], size: [30, 18, 14], headingRad: 0, look: 31, doors: [[-20, 19]] },
    { kind: 'building', at: [27, 27], size: [30, 21, 14], headingRad: 0, look: 32, doors: [[20, 20]] },
    { kind: 'building', at: [0, -34], size: [90, 12, 12], headingRad: 0, look: 33 },
    ...spaced(-34, 7, 4).map((x, i) => ({
      kind: 'tree' as const,
      at: [x, 4] as const,
      heightM: 5 + (i % 3),
      look: 80 + i,
    })),
    ...spaced(9, 7, 4).map((x, i) => ({
      kind: 'tree' as const,
      at: [x, 4] as const,
      heightM: 5 + ((i + 1) % 3),
      look: 90 + i,
    })),
    { kind: 'hedge', from: [-30, 2], to: [-9, 2], heightM: 0.8, look: 5 },
    { kind: 'hedge', from: [7, 2], to: [30, 2], heightM: 0.8, look: 5 },
    { kind: 'lamp', at: [-5.6, 4], headingRad: 0, look: 5 },
    { kind: 'lamp', at: [5.8, 4], headingRad: Math.PI, look: 5 },
    { kind: 'lamp', at: [-6, -6], headingRad: 0, look: 5 },
    { kind: 'sign', at: [6.2, -2], headingRad: -Math.PI / 2, look: 7 },
  ],
  surfaces: [
    { kind: 'asphalt', polygon: rectangle(-60, -26, 60, -14), look: 12 },
    { kind: 'asphalt', polygon: rectangle(-5.3, -14, 5.5, 40), look: 13 },
    { kind: 'paving', polygon: rectangle(-60, -14, -5.3, 0), look: 14 },
    { kind: 'paving', polygon: rectangle(5.5, -14, 60, 0), look: 14 },
    { kind: 'brick', polygon: rectangle(-8.6, 0, -5.3, 40), look: 15 },
    { kind: 'grass', polygon: rectangle(-60, 0, -8.6, 18), look: 16 },
    { kind: 'grass', polygon: rectangle(5.5, 0, 60, 18), look: 16 },
    { kind: 'concrete', polygon: rectangle(-1.3, -3, 1.3, 3), look: 17 },
    {
      kind: 'kerb',
      line: [
        [-5.3, -14],
        [-5.3, 40],
      ],
      heightM: 0.12,
    },
    {
      kind: 'kerb',
      line: [
        [5.5, -14],
        [5.5, 40],
      ],
      heightM: 0.12,
    },
    { kind: 'arrow', at: [-3.2, -9], radiusM: 1.2, headingRad: Math.PI / 2, look: 1 },
    { kind: 'arrow', at: [3.2, 9], radiusM: 1.2, headingRad: -Math.PI / 2, look: 1 },
    { kind: 'manhole', at: [2.6, 14], radiusM: 0.4, headingRad: 0, look: 4 },
    { kind: 'stain', at: [3.4, 5], radiusM: 0.7, headingRad: 0.3, look: 5 },
  ],
  places: {
    /** The place where cars wait to get out: 18 m, three cars. */
    'gate-lane': rectangle(1.5, 1, 5.3, 19),
    'lane-in': rectangle(-5.1, -14, -1.5, 19),
    'no-parking': rectangle(-5.1, 3, -1.5, 19),
    'side-door': rectangle(-8.4, -1, -7.2, 1),
    footpath: rectangle(-8.4, 1, -5.5, 30),
  },
  cameras: {
    /** On a pole inside, west of the road: looks at those who wait to get out. */
    inside: { at: [-13, 6.5, 20], lookAt: [1.2, 0, 8.2], fovDeg: 46 },
    /** Above the compound's road: looks at the gate. */
    overhead: { at: [0.5, 7.5, 27], lookAt: [0.4, 0, 7], fovDeg: 44 },
  },
};
