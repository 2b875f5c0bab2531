import type { DeviceAction } from '@gatehouse/contracts';
import type { Box } from './system.ts';
import { bodyOf, stepped, type Thing, type World, withBody } from './world.ts';

/** A box at its site. */
export interface Scene {
  readonly box: Box;
  readonly world: World;
}

export interface Scenario {
  readonly things: readonly Thing[];
  /** Commands that may be given for each thing: each id once, and again and again. */
  readonly commands: number;
  readonly actions: readonly DeviceAction[];
  readonly happenings: readonly string[];
  /** Events before it begins. */
  readonly start?: readonly string[];
  /** The party that times the open relay. */
  readonly pulse: 'board' | 'box';
}

/** Events at the site by themselves. */
export function happens(world: World, what: string, id: string): World {
  if (what === 'fire') return { ...world, fireSignal: !world.fireSignal };
  const body = bodyOf(world, id);
  switch (what) {
    case 'power': {
      // Without power its relays drop.
      const off = { relayOn: false, relayOffMs: undefined, closeOffMs: undefined, stopOffMs: undefined };
      const dropped = body.power ? off : {};
      return withBody(world, id, { power: !body.power, ...dropped });
    }
    case 'mute':
      return withBody(world, id, { mute: !body.mute });
    case 'refuse':
      return withBody(world, id, { answers: body.answers === 'refuses' ? 'echo' : 'refuses' });
    case 'unsure': {
      const next = { 'unsure-done': 'unsure-not-done', 'unsure-not-done': 'echo' } as const;
      const isUnsure = body.answers === 'unsure-done' || body.answers === 'unsure-not-done';
      return withBody(world, id, { answers: isUnsure ? next[body.answers] : 'unsure-done' });
    }
    case 'vehicle':
      return withBody(world, id, { vehicle: !body.vehicle });
    case 'loop-fault':
      return withBody(world, id, { loopFault: !body.loopFault });
    case 'hand-close':
      return withBody(world, id, body.arm > 0 && !body.relayOn ? { direction: -1 } : {});
    case 'hand-open':
      return withBody(world, id, { direction: body.arm < 2 ? 1 : 0 });
    case 'hand-step':
      return withBody(world, id, stepped(body));
    case 'push':
      return withBody(world, id, body.relayOn || body.doorOpen ? { doorOpen: !body.doorOpen } : {});
    case 'force':
      return withBody(world, id, { doorOpen: true });
    default:
      throw new Error(`nothing is known of "${what}"`);
  }
}

/** Longer than every threshold in the model: times further away than this cannot be told apart. */
const horizonMs = 3_000;

/** Times only matter by how long ago they are. */
export function keyOf({ box, world }: Scene): string {
  return JSON.stringify([box, world], (name, value) => {
    if (typeof value !== 'number' || !name.endsWith('Ms')) return value;
    return name === 'nowMs' ? 0 : Math.max(-horizonMs, Math.min(horizonMs, value - world.nowMs));
  });
}

/** Throws on an input that names nothing of the site. */
export function asThing(thing: Thing | undefined): Thing {
  if (!thing) throw new Error('an input names nothing');
  return thing;
}
