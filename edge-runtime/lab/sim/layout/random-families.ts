import type { Ground } from '../world.ts';
import type { Dice } from './dice.ts';
import { base, bayRow, building, emptyPlan, fireLane, ground, type Plan, road } from './random-layout.ts';
import { rectangle, turned } from './shapes.ts';

const quarter = Math.PI / 2;

/** Families for training: straight, right-angled compounds. */
export const trainFamilies: Readonly<Record<string, (dice: Dice) => Plan>> = {
  street(dice) {
    const plan = emptyPlan(28);
    base(plan, dice);
    const width = dice.uniform(4, 9);
    road(plan, dice, [0, 0], 100, width, 0);
    const north = width / 2 + dice.uniform(1, 8);
    const south = width / 2 + dice.uniform(1, 8);
    if (dice.chance(0.8))
      building(plan, dice, [dice.uniform(-12, 12), -north - 6], dice.uniform(16, 60), 12, 0);
    if (dice.chance(0.8))
      building(plan, dice, [dice.uniform(-12, 12), south + 12], dice.uniform(16, 60), 12, 0);
    if (dice.chance(0.7))
      bayRow(plan, dice, [-22, width / 2 + 2.7], dice.int(4, 18), 0, dice.pick([quarter, -quarter]));
    if (dice.chance(0.4)) bayRow(plan, dice, [-22, -width / 2 - 1.2], dice.int(3, 8), 0, 0);
    if (dice.chance(0.5)) fireLane(plan, [0, -width / 2 - 2.2], dice.uniform(10, 30), 4.2, 0);
    return plan;
  },
  court(dice) {
    const plan = emptyPlan(20);
    base(plan, dice);
    const [w, d] = [dice.uniform(14, 32), dice.uniform(12, 26)];
    ground(
      plan,
      dice,
      rectangle(-w / 2, -d / 2, w / 2, d / 2),
      dice.pick(['paving', 'brick', 'concrete', 'asphalt']),
    );
    plan.places.plaza = rectangle(-w / 2, -d / 2, w / 2, d / 2);
    for (const side of [0, 1, 2, 3]) {
      if (dice.chance(0.3)) continue;
      const away = (side % 2 ? w : d) / 2 + dice.uniform(4, 9) + 6;
      const at: Ground = [Math.sin(side * quarter) * away, -Math.cos(side * quarter) * away];
      building(plan, dice, at, dice.uniform(12, 30), 12, side * quarter);
    }
    if (dice.chance(0.5)) road(plan, dice, [0, d / 2 + 3], 90, 5, 0);
    return plan;
  },
  lot(dice) {
    const plan = emptyPlan(32);
    base(plan, dice, dice.pick(['asphalt', 'concrete', 'brick', 'paving']));
    const rows = dice.int(1, 4);
    for (let i = 0; i < rows; i++) {
      const z = (i - (rows - 1) / 2) * 16.6;
      road(plan, dice, [0, z], 80, 6, 0);
      bayRow(plan, dice, [-25, z - 5.7], dice.int(6, 20), 0, -quarter);
      bayRow(plan, dice, [-25, z + 5.7], dice.int(6, 20), 0, quarter);
    }
    for (const x of [-44, 44])
      if (dice.chance(0.6)) building(plan, dice, [x, dice.uniform(-8, 8)], 30, 12, quarter);
    for (const z of [-48, 48])
      if (dice.chance(0.6)) building(plan, dice, [dice.uniform(-8, 8), z], 50, 12, 0);
    return plan;
  },
  gate(dice) {
    const plan = emptyPlan(22);
    base(plan, dice);
    const half = dice.uniform(3.2, 5.5);
    road(plan, dice, [0, 0], 90, 2 * half, quarter);
    plan.fixtures.push({ kind: 'guard-house', at: [half + 2.4, 0], headingRad: quarter, look: dice.look() });
    plan.fixtures.push({ kind: 'barrier-gate', at: [half + 0.4, 1], headingRad: Math.PI, armM: half - 0.2 });
    plan.fixtures.push({ kind: 'barrier-gate', at: [-half - 0.4, 1], headingRad: 0, armM: half - 0.2 });
    for (const x of [-half - 1.5, half + 4.5]) {
      const to: Ground = [x + Math.sign(x) * 30, 0];
      const kind = dice.pick(['wall', 'fence', 'hedge'] as const);
      plan.fixtures.push({ kind, from: [x, 0], to, heightM: dice.uniform(1.2, 2.8), look: dice.look() });
    }
    if (dice.chance(0.7)) building(plan, dice, [-half - 16, 20], dice.uniform(12, 24), 12, quarter);
    if (dice.chance(0.7)) building(plan, dice, [half + 16, 20], dice.uniform(12, 24), 12, quarter);
    if (dice.chance(0.5)) bayRow(plan, dice, [half + 2.7, 8], dice.int(3, 9), quarter, quarter);
    return plan;
  },
  /** Between shop fronts: low, near, many doors. */
  shops(dice) {
    const plan = emptyPlan(14);
    base(plan, dice, dice.pick(['paving', 'brick', 'concrete']));
    const half = dice.uniform(3, 8);
    for (const side of [-1, 1])
      for (let x = -26; x < 26; ) {
        const length = dice.uniform(5, 12);
        if (dice.chance(0.9))
          building(plan, dice, [x + length / 2, side * (half + 4)], length, 8, 0, dice.int(1, 4));
        x += length + (dice.chance(0.2) ? 2 : 0);
      }
    if (dice.chance(0.5)) road(plan, dice, [0, 0], 70, Math.min(half * 1.4, 6), 0);
    return plan;
  },
  /** Between four walls, as a hall or a garage: people fill the picture. */
  hall(dice) {
    const plan = emptyPlan(7);
    base(plan, dice, dice.pick(['concrete', 'paving', 'brick']));
    const [w, d] = [dice.uniform(5, 10), dice.uniform(5, 12)];
    const heightM = dice.uniform(2.6, 5);
    const corners = rectangle(-w, -d, w, d);
    corners.forEach((from, i) => {
      const to = corners[(i + 1) % 4] as Ground;
      if (dice.chance(0.85)) plan.fixtures.push({ kind: 'wall', from, to, heightM, look: dice.look() });
    });
    if (dice.chance(0.4)) bayRow(plan, dice, [-w + 2, -d + 3], dice.int(1, 3), 0, quarter);
    return plan;
  },
};

/** Families for measuring only: roads that cross at an angle, a roundabout, slanted bays. */
export const heldOutFamilies: Readonly<Record<string, (dice: Dice) => Plan>> = {
  crossing(dice) {
    const plan = emptyPlan(26);
    base(plan, dice);
    const angle = dice.uniform(0.6, 1.2);
    road(plan, dice, [0, 0], 100, dice.uniform(5, 8), 0);
    road(plan, dice, [0, 0], 100, dice.uniform(4, 7), angle);
    for (const [turn, side] of [
      [angle / 2, 1],
      [angle / 2, -1],
      [angle / 2 + quarter, 1],
      [angle / 2 + quarter, -1],
    ] as const) {
      const away = side * dice.uniform(26, 34);
      if (dice.chance(0.75))
        building(
          plan,
          dice,
          [away * Math.cos(turn), away * Math.sin(turn)],
          16,
          dice.uniform(9, 14),
          turn + quarter,
        );
    }
    if (dice.chance(0.6)) fireLane(plan, [13, -6], 14, 4, 0);
    return plan;
  },
  roundabout(dice) {
    const plan = emptyPlan(24);
    base(plan, dice);
    const radius = dice.uniform(4, 8);
    const octagon = (r: number) =>
      Array.from({ length: 8 }, (_, i): Ground => [r * Math.cos(i * 0.785), r * Math.sin(i * 0.785)]);
    ground(plan, dice, octagon(radius + 5), 'asphalt');
    ground(plan, dice, octagon(radius), 'grass');
    plan.fixtures.push({ kind: 'tree', at: [0, 0], heightM: dice.uniform(3, 7), look: dice.look() });
    for (let i = 0; i < 12; i++) {
      const turn = i * 0.5236;
      const out = (r: number): Ground => [r * Math.cos(turn), r * Math.sin(turn)];
      plan.driving.push({ at: out(radius + 2.5), headingRad: turn + quarter });
      if (i % 3 !== 0) {
        plan.bays.push({ at: out(radius + 8.2), headingRad: turn });
        plan.surfaces.push({ kind: 'bay', polygon: turned(out(radius + 8.2), 5.3, 2.5, turn), look: 2 });
      } else if (dice.chance(0.7)) building(plan, dice, out(radius + 22), 12, 10, turn + quarter);
    }
    return plan;
  },
  slanted(dice) {
    const plan = emptyPlan(28);
    base(plan, dice, dice.pick(['asphalt', 'brick', 'concrete']));
    const heading = dice.uniform(0.2, 1.3);
    const [c, s] = [Math.cos(heading), Math.sin(heading)];
    const beside = (a: number, b: number): Ground => [a * c - b * s, a * s + b * c];
    road(plan, dice, [0, 0], 90, 6, heading);
    bayRow(plan, dice, beside(-18, 5.6), dice.int(5, 12), heading, 0.9);
    if (dice.chance(0.6)) bayRow(plan, dice, beside(-18, -5.6), dice.int(4, 11), heading, -0.9);
    for (const side of [-1, 1])
      for (const a of [-20, 12])
        if (dice.chance(0.7))
          building(plan, dice, beside(a + 5, side * 19), 18, 10, heading + dice.uniform(-0.2, 0.2));
    return plan;
  },
};
