import type { DeviceAction } from '@gatehouse/contracts';
import { BusException } from '../../bus/request.ts';
import type { Scenario, Scene } from './scene.ts';
import {
  type Box,
  endHold,
  holding,
  type RelayName,
  type Rules,
  relayNames,
  specOf,
  unitOf,
  withDisk,
  withUnit,
} from './system.ts';
import { bodyOf, holdMs, isOn, letGo, pulseMs, type Thing, write } from './world.ts';

/** Fate of a write: `echoed` is read back, `unclear` too, `refused` has done nothing. */
export type WriteEnd = 'echoed' | 'unclear' | 'refused';

/** Exceptions by which the boards answer: illegal address, and failure. */
const refusing = new BusException('bus', 2, 'illegal address');
const unsure = new BusException('bus', 4, 'failure');

/** Writes of the box to its boards, and its knowledge afterwards. */
export class Writes {
  readonly #scenario: Scenario;
  readonly #rules: Rules;
  constructor(scenario: Scenario, rules: Rules) {
    this.#scenario = scenario;
    this.#rules = rules;
  }

  /**
   * Relays of other orders are let go and read as off before the action's closes; false if one is still on
   * then. The box goes on by itself whatever becomes of them.
   */
  clear(
    scene: Scene,
    thing: Thing,
    action: DeviceAction,
  ): { readonly scene: Scene; readonly clear: boolean } {
    const { nowMs } = scene.world;
    const { ours, readOn } = unitOf(scene.box, thing.id);
    const mayBeOn = (channel: number) => {
      const relay = relayNames[channel] ?? 'open';
      const untilMs = ours[relay];
      return readOn.includes(relay) || (untilMs !== undefined && untilMs + 1_000 > nowMs);
    };
    let next = scene;
    let clear = true;
    for (const channel of this.#rules.inTheWay(specOf(thing), action, mayBeOn)) {
      const relay = relayNames[channel] ?? 'open';
      next = { ...next, world: letGo(next.world, thing.id, relay) };
      const { power } = bodyOf(next.world, thing.id);
      const off = power && !isOn(next.world, thing.id, relay);
      clear &&= off;
      if (off) next = { ...next, box: nobodyHolds(next.box, thing.id, relay) };
    }
    return { scene: next, clear };
  }

  /** One write to a board, by a command or by the box itself. */
  write(
    scene: Scene,
    thing: Thing,
    action: DeviceAction,
    by: string | undefined,
  ): { scene: Scene; end: WriteEnd } {
    const { nowMs } = scene.world;
    const held = action === 'hold-open';
    const opens = held || action === 'open';
    const untilMs = opens ? nowMs + (held ? holdMs : pulseMs) : undefined;
    const world = write(scene.world, this.#scenario.things, {
      ...{ device: thing.id, by, lease: held && by !== undefined },
      relay: opens ? 'open' : action,
      untilMs: this.#scenario.pulse === 'board' ? untilMs : undefined,
    });
    const end = this.#answer(scene, thing);
    if (action === 'release') {
      const box = end === 'echoed' ? endHold(scene.box, thing.id) : scene.box;
      return { scene: { world, box }, end };
    }
    const { lastMoves: before } = scene.box.disk;
    // Without proof a close counts as done, anything else does not.
    const counts = end === 'echoed' || (action === 'close' && end === 'unclear');
    const lastMoves = counts ? { ...before, [thing.id]: action } : before;
    const kept = { world: scene.world, box: withDisk(scene.box, { lastMoves }) };
    const ordered = this.#ordered(kept, thing, action, { end, reflex: by === undefined && !held });
    if (end === 'refused') return { scene: { world, box: ordered }, end };
    const relay = opens ? 'open' : action;
    const holds = withUnit(ordered, thing.id, {
      ours: { ...unitOf(ordered, thing.id).ours, [relay]: untilMs ?? nowMs + pulseMs },
    });
    const box = untilMs === undefined ? holds : this.#closing(holds, thing.id, untilMs);
    return {
      end,
      scene: { world, box: held && untilMs !== undefined ? holding(box, thing.id, untilMs, by) : box },
    };
  }

  /** Relays that the box times are let go when they are due, and tried again until they are off. */
  letGoDue(scene: Scene): Scene {
    let next = scene;
    for (const thing of this.#scenario.things) {
      const { dueMs } = unitOf(next.box, thing.id);
      const { power, mute, relayOn, read: seen } = bodyOf(next.world, thing.id);
      if (dueMs === undefined || dueMs > next.world.nowMs || !power || mute || !seen) continue;
      if (relayOn)
        next = { ...next, world: write(next.world, this.#scenario.things, { ...release, device: thing.id }) };
      next = { ...next, box: withUnit(next.box, thing.id, { dueMs: undefined }) };
    }
    return next;
  }

  #answer(scene: Scene, thing: Thing): WriteEnd {
    const { power, mute, answers } = bodyOf(scene.world, thing.id);
    if (!power || mute) return 'unclear';
    if (answers === 'echo') return 'echoed';
    const error = answers === 'refuses' ? refusing : unsure;
    return this.#rules.didNothing(error) ? 'refused' : 'unclear';
  }

  #ordered(
    { box, world }: Scene,
    thing: Thing,
    action: Exclude<DeviceAction, 'release'>,
    { end, reflex }: { readonly end: WriteEnd; readonly reflex: boolean },
  ): Box {
    const order = action === 'hold-open' ? 'open' : action;
    const spec = specOf(thing);
    const step = (state: Parameters<Rules['stepBarrier']>[1], input: Parameters<Rules['stepBarrier']>[2]) =>
      this.#rules.stepBarrier(spec, state, input, world.nowMs);
    const { barrier } = unitOf(box, thing.id);
    const ordered = step(barrier, { type: 'ordered', order, reflex });
    if (end === 'refused') return withUnit(box, thing.id, { barrier: step(ordered, { type: 'refused' }) });
    return withUnit(box, thing.id, {
      barrier: end === 'echoed' ? step(ordered, { type: 'answered' }) : ordered,
      steppedMs: world.nowMs,
    });
  }

  /** The open relay closes; the box lets it go where it has to. */
  #closing(box: Box, id: string, untilMs: number): Box {
    const { dueMs } = unitOf(box, id);
    return withUnit(box, id, { strikeMs: untilMs, dueMs: this.#scenario.pulse === 'box' ? untilMs : dueMs });
  }
}

function nobodyHolds(box: Box, id: string, relay: RelayName): Box {
  const { ours, readOn } = unitOf(box, id);
  const strike = relay === 'open' ? { strikeMs: undefined, dueMs: undefined } : {};
  return withUnit(box, id, {
    ...strike,
    ours: { ...ours, [relay]: undefined },
    readOn: readOn.filter((one) => one !== relay),
  });
}

const release = { relay: 'release', by: undefined, untilMs: undefined, lease: false } as const;
