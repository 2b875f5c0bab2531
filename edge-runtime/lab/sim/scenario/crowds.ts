import { Dice } from '../layout/dice.ts';
import type { Ground } from '../world.ts';
import type { ActorScript, Crowd, Flow, Point, Scenario, Step } from './schema.ts';

/** A seed for something by its name. FNV-1a. */
export function seedOf(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) & 0x7fff_ffff;
}

/** The golden angle: points on this spiral fill a disc evenly. */
const goldenAngle = Math.PI * (3 - Math.sqrt(5));

/**
 * Everybody of a scenario: the actors it names, and each person of its crowds and flows with a script of
 * their own.
 */
export function everybody(scenario: Scenario, resolve: (point: Point) => Ground): ActorScript[] {
  return [
    ...scenario.actors,
    ...scenario.crowds.flatMap((crowd) => membersOf(crowd, scenario.seed, resolve)),
    ...scenario.flows.flatMap((flow) => walkersOf(flow, scenario.seed, resolve)),
  ];
}

/** Person i of n is there `i / (n - 1)` of `arriveOverS` after the first, and leaves likewise. */
function membersOf(crowd: Crowd, seed: number, resolve: (point: Point) => Ground): ActorScript[] {
  return Array.from({ length: crowd.people }, (_, i) => {
    const id = `${crowd.id}-${i + 1}`;
    const dice = new Dice(seedOf(seed, id));
    const share = crowd.people > 1 ? i / (crowd.people - 1) : 0;
    const script: Step[] = [
      { enters: strewn(resolve(crowd.comes[i % crowd.comes.length] as Point), 0.7, dice) },
    ];
    for (const gathering of crowd.gathers) {
      const middle = resolve(gathering.at);
      const away = gathering.radiusM * Math.sqrt((i + 0.5) / crowd.people);
      const turn = i * goldenAngle;
      const spot: Ground = [middle[0] + away * Math.cos(turn), middle[1] + away * Math.sin(turn)];
      script.push({ walks: [[...spot]] });
      script.push({
        loiters: {
          in: crowd.in,
          gathering: gathering.gathering,
          from: gathering.from + share * gathering.arriveOverS,
          to: gathering.to + share * gathering.leaveOverS,
          headingDeg: (Math.atan2(middle[1] - spot[1], middle[0] - spot[0]) * 180) / Math.PI,
          radiusM: 0.35,
        },
      });
    }
    script.push({ walks: [strewn(resolve(crowd.goes[i % crowd.goes.length] as Point), 0.7, dice)] });
    return person(id, dice, script);
  });
}

function walkersOf(flow: Flow, seed: number, resolve: (point: Point) => Ground): ActorScript[] {
  return Array.from({ length: flow.people }, (_, i) => {
    const id = `${flow.id}-${i + 1}`;
    const dice = new Dice(seedOf(seed, id));
    const aside = dice.uniform(-flow.spreadM, flow.spreadM);
    const [first, ...rest] = shifted(flow.through.map(resolve), aside);
    return person(id, dice, [
      { enters: { from: [...(first as Ground)], at: flow.from + i * flow.everyS } },
      { walks: rest.map((point): [number, number] => [...point]) },
    ]);
  });
}

function person(id: string, dice: Dice, script: Step[]): ActorScript {
  return { id, kind: 'person', look: dice.look(), carries: dice.chance(0.3), headlights: 'auto', script };
}

function strewn([x, z]: Ground, withinM: number, dice: Dice): [number, number] {
  return [x + dice.uniform(-withinM, withinM), z + dice.uniform(-withinM, withinM)];
}

/** The same way, so far to its right. */
function shifted(points: readonly Ground[], asideM: number): Ground[] {
  return points.map(([x, z], i) => {
    const [x1, z1] = points[Math.max(0, i - 1)] as Ground;
    const [x2, z2] = points[Math.min(points.length - 1, i + 1)] as Ground;
    const length = Math.hypot(x2 - x1, z2 - z1) || 1;
    return [x - ((z2 - z1) / length) * asideM, z + ((x2 - x1) / length) * asideM];
  });
}
