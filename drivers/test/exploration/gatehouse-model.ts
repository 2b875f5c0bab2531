import type { CommandOutcome, DeviceAction } from '@gatehouse/contracts';
import { contactsOf } from '../../devices/contacts.ts';
import { isLatched } from '../../devices/fire-latch.ts';
import type { Model } from './explore.ts';
import { asThing, happens, keyOf, type Scenario, type Scene } from './scene.ts';
import {
  type Box,
  commandOf,
  emptyDisk,
  endHold,
  outcomeOf,
  permissions,
  productRules,
  type Rules,
  type Running,
  refusalOf,
  relayNames,
  specOf,
  startedBox,
  storedOf,
  trusted,
  unitOf,
  withDisk,
  withUnit,
} from './system.ts';
import {
  bodyOf,
  crashed,
  inputsOf,
  isOn,
  judgeRead,
  lifeMs,
  read,
  reset,
  type Thing,
  tick,
  told,
  withBody,
  worldOf,
} from './world.ts';
import { Writes } from './writes.ts';

/**
 * The service at its site as a model. It is the product's pure rules, in the order in which the commands, an
 * execution and a device call them (commands/device-commands.ts, commands/execution.ts,
 * devices/controlled-device.ts), over a disk that survives crashes.
 */
export function gatehouseModel(scenario: Scenario, rules: Rules = productRules): Model<Scene, string> {
  const site = new Site(scenario, rules);
  const { box } = startedBox(rules, scenario.things, emptyDisk, 0);
  const atFirst: Scene = { box, world: worldOf(scenario.things) };
  return {
    initial: (scenario.start ?? []).reduce((scene, input) => site.step(scene, input), atFirst),
    inputs: (scene) => site.inputs(scene),
    step: (scene, input) => site.step(scene, input),
    key: keyOf,
  };
}

class Site {
  readonly #scenario: Scenario;
  readonly #rules: Rules;
  readonly #writes: Writes;
  constructor(scenario: Scenario, rules: Rules) {
    this.#scenario = scenario;
    this.#rules = rules;
    this.#writes = new Writes(scenario, rules);
  }

  inputs(scene: Scene): string[] {
    const { things, commands, actions, happenings } = this.#scenario;
    const slots = Array.from({ length: commands }, (_, i) => i + 1);
    return [
      ...things.flatMap((thing) => [
        ...slots.flatMap((slot) =>
          scene.world.given[`${thing.id}${slot}`]
            ? [`repeat ${thing.id} ${slot}`]
            : actions.map((action) => `give ${thing.id} ${slot} ${action}`),
        ),
        ...this.#ofBoard(scene, thing),
      ]),
      ...(Object.keys(scene.box.behind).length > 0 ? ['keep'] : []),
      ...happenings.flatMap((what) =>
        what.includes('*') ? things.map(({ id }) => what.replace('*', id)) : [what],
      ),
    ];
  }

  #ofBoard({ box, world }: Scene, { id }: Thing): string[] {
    const { running, comms } = unitOf(box, id);
    const { power } = bodyOf(world, id);
    return [
      ...(power ? [`poll ${id}`] : []),
      ...(!power && comms !== 'lost' ? [`lose ${id}`] : []),
      ...(running ? [running.stage === 'written' ? `end ${id}` : `take ${id}`] : []),
    ];
  }

  step(scene: Scene, input: string): Scene {
    const [what = '', id = '', slot = '', action = ''] = input.split(' ');
    const thing = this.#scenario.things.find((one) => one.id === id);
    switch (what) {
      case 'give':
      case 'repeat':
        return this.#give(scene, asThing(thing), slot, action as DeviceAction);
      case 'take':
        return this.#take(scene, asThing(thing));
      case 'end':
        return this.#end(scene, id);
      case 'poll':
        return this.#poll(scene, asThing(thing));
      case 'lose':
        return this.#lose(scene, asThing(thing));
      case 'crash':
        return this.#crash(scene);
      case 'reset':
        return this.#reset(scene);
      case 'tick':
        return this.#writes.letGoDue({ ...scene, world: tick(scene.world) });
      case 'keep':
        return { ...scene, box: flushed(scene.box) };
      default:
        return { ...scene, world: happens(scene.world, what, id) };
    }
  }

  #give(scene: Scene, thing: Thing, slot: string, wish: DeviceAction): Scene {
    const id = `${thing.id}${slot}`;
    const known = scene.box.behind[id] ?? scene.box.disk.commands[id];
    const before = scene.world.given[id];
    // A repeat gets the stored outcome.
    if (known) return scene;
    const action = (before?.action as DeviceAction | undefined) ?? wish;
    const byFlow = slot === '2';
    const { nowMs } = scene.world;
    const expiresMs = before?.expiresMs ?? nowMs + lifeMs;
    const given = before ?? {
      device: thing.id,
      action,
      expiresMs,
      attempts: 0,
      forgotten: false,
      overtaken: false,
      ended: undefined,
      atTheBox: !byFlow,
      permitted: !(byFlow && (action === 'hold-open' || action === 'release')),
    };
    const world = { ...scene.world, given: { ...scene.world.given, [id]: given } };
    const command = commandOf(id, thing.id, action, byFlow, expiresMs - lifeMs);
    const unit = unitOf(scene.box, thing.id);
    const notAdmitted = this.#rules.admission(command, {
      ...{ epochMs: nowMs, clockTrusted: true, permissions, comms: unit.comms, maxHoldS: 5 },
      reachable: unit.comms === 'ok',
      refusal: (asked) => refusalOf(this.#rules, scene.box, this.#scenario.things, thing, asked, nowMs),
    });
    const outcome = outcomeOf(command, notAdmitted?.state ?? 'accepted', notAdmitted?.reason);
    const first = this.#rules.urgencyOf(command) > 0;
    const box = notAdmitted || !first ? this.#stored(scene.box, outcome) : scene.box;
    if (notAdmitted) return { box, world: told(world, id, notAdmitted.state) };
    return this.#start({ box, world }, thing, {
      id,
      action,
      byFlow,
      expiresMs,
      stage: 'waits',
      echoed: false,
    });
  }

  #start(before: Scene, thing: Thing, running: Running): Scene {
    const { id } = thing;
    const scene = this.#makeRoom(before, thing, running);
    const older = unitOf(scene.box, id).running;
    const superseded =
      older && this.#rules.supersedes
        ? this.#told(scene, older.id, 'superseded', running.action !== 'stop')
        : scene;
    const { box, world } = superseded;
    const given = Object.entries(world.given).map(([one, what]) => [
      one,
      what.device === id && one !== running.id ? { ...what, overtaken: true } : what,
    ]);
    const left = older && !this.#rules.supersedes ? older : running;
    return {
      box: withUnit(box, id, { running: left }),
      world: { ...world, given: Object.fromEntries(given) },
    };
  }

  /** A more urgent command is written before a newer one takes over. */
  #makeRoom(scene: Scene, thing: Thing, newer: Running): Scene {
    const older = unitOf(scene.box, thing.id).running;
    if (!older) return scene;
    const [urgency, olderUrgency] = [this.#urgency(newer), this.#urgency(older)];
    const atOnce = this.#rules.takesOver(urgency, olderUrgency, older.stage === 'written');
    return atOnce ? scene : this.#take(scene, thing);
  }

  #urgency({ action, byFlow }: Running): number {
    const channel = byFlow ? ('flows' as const) : ('console' as const);
    return this.#rules.urgencyOf({ action, origin: { channel, user: 'somebody' } });
  }

  /** A command that depends on a contact looks first; right before the bus takes it, all is judged anew. */
  #take(scene: Scene, thing: Thing): Scene {
    const { running } = unitOf(scene.box, thing.id);
    if (!running) return scene;
    const { power } = bodyOf(scene.world, thing.id);
    const first = this.#rules.looksFirst(specOf(thing), running.action);
    if (first && running.stage === 'waits') {
      if (!power) return this.#told(scene, running.id, 'rejected');
      const looked = this.#poll(scene, thing);
      const still = unitOf(looked.box, thing.id).running;
      if (still?.id !== running.id) return looked;
      return { ...looked, box: withUnit(looked.box, thing.id, { running: { ...running, stage: 'looked' } }) };
    }
    const { nowMs } = scene.world;
    const unit = unitOf(scene.box, thing.id);
    const notAdmitted = this.#rules.doorstep({
      looksFirst: first,
      epochMs: nowMs,
      monotonicMs: nowMs,
      expiresEpochMs: running.expiresMs,
      expiresMonotonicMs: running.expiresMs,
      reachable: unit.comms === 'ok',
      contactsAgeMs: unit.askedMs === undefined ? Number.POSITIVE_INFINITY : nowMs - unit.askedMs,
      refusal: refusalOf(this.#rules, scene.box, this.#scenario.things, thing, running.action, nowMs),
    });
    if (notAdmitted) return this.#told(scene, running.id, notAdmitted.state);
    const { scene: cleared, clear } = this.#writes.clear(scene, thing, running.action);
    if (!clear) return this.#told(cleared, running.id, 'rejected');
    const executing = { ...storedOf(cleared.box, running), state: 'executing' as const };
    const isFirst = this.#urgency(running) > 0;
    const box = isFirst ? later(cleared.box, executing) : this.#stored(cleared.box, executing);
    const { scene: written, end } = this.#writes.write(
      { ...cleared, box },
      thing,
      running.action,
      running.id,
    );
    if (end === 'refused') return this.#told(written, running.id, 'rejected');
    const stage = { ...running, stage: 'written' as const, echoed: end === 'echoed' };
    return { ...written, box: withUnit(written.box, thing.id, { running: stage }) };
  }

  /** The box's own action: other relays are let go as far as they can be. */
  #byItself(scene: Scene, thing: Thing, action: 'open' | 'hold-open'): Scene {
    const { scene: cleared } = this.#writes.clear(scene, thing, action);
    return this.#writes.write(cleared, thing, action, undefined).scene;
  }

  #end(scene: Scene, id: string): Scene {
    const { running } = unitOf(scene.box, id);
    if (running?.stage !== 'written') return scene;
    return this.#told(scene, running.id, running.echoed ? 'confirmed' : 'unconfirmed');
  }

  /** Told once all that happened is on the disk. */
  #told(scene: Scene, id: string, state: CommandOutcome['state'], over = false): Scene {
    const world = told(scene.world, id, state, over);
    const [device, unit] = Object.entries(scene.box.units).find(([, one]) => one.running?.id === id) ?? [];
    const stored = unit?.running
      ? this.#stored(flushed(scene.box), { ...storedOf(scene.box, unit.running), state })
      : scene.box;
    return { world, box: device ? withUnit(stored, device, { running: undefined }) : stored };
  }

  #stored(box: Box, outcome: CommandOutcome): Box {
    if (!this.#rules.journalsFirst && (outcome.state === 'accepted' || outcome.state === 'executing'))
      return box;
    const kept = flushed(box);
    return withDisk(kept, { commands: { ...kept.disk.commands, [outcome.commandId]: outcome } });
  }

  #poll(scene: Scene, thing: Thing): Scene {
    const { id, kind } = thing;
    const withFire = this.#scenario.things[0] === thing;
    const before = scene.world;
    const polled = this.#taken(this.#writes.letGoDue({ ...scene, world: read(before, id, withFire) }), thing);
    const answered = withFire ? this.#fireRead(polled) : this.#fireHold(polled, thing);
    const settled = { ...answered, box: trusted(answered.box, id) };
    judgeRead(before, settled.world, id, kind);
    return settled;
  }

  /** The box takes in a reading of contacts and relays. */
  #taken(scene: Scene, thing: Thing): Scene {
    const { nowMs } = scene.world;
    const body = bodyOf(scene.world, thing.id);
    const spec = specOf(thing);
    const unit = unitOf(scene.box, thing.id);
    const contacts = this.#rules.readContacts(spec, unit.contacts, inputsOf(body, thing.kind), nowMs);
    const barrier = this.#rules.stepBarrier(
      spec,
      unit.barrier,
      { type: 'contacts', contacts: contactsOf(contacts) },
      nowMs,
    );
    const steppedMs = contactsOf(contacts).closed === false ? undefined : unit.steppedMs;
    const taken = { contacts, askedMs: nowMs, barrier, steppedMs };
    let next: Scene = { ...scene, box: withUnit(scene.box, thing.id, taken) };
    if (thing.kind !== 'door' && this.#rules.hasReflex(spec) && this.#rules.mustRaise(barrier)) {
      const { running } = unit;
      if (running) next = this.#told(next, running.id, 'superseded');
      next = this.#byItself(next, thing, 'open');
    }
    return this.#relays(next, thing);
  }

  #relays(scene: Scene, thing: Thing): Scene {
    const { nowMs } = scene.world;
    const { relayOn } = bodyOf(scene.world, thing.id);
    const { adopted, hold } = unitOf(scene.box, thing.id);
    const readOn = relayNames.filter((relay) => isOn(scene.world, thing.id, relay));
    let next: Scene = { ...scene, box: withUnit(scene.box, thing.id, { adopted: true, readOn }) };
    if (!adopted && this.#scenario.pulse === 'box' && relayOn)
      next = { ...next, box: withUnit(next.box, thing.id, { dueMs: hold?.untilMs ?? nowMs }) };
    if (
      hold?.by === 'lease' &&
      this.#rules.isOver({ untilMs: hold.untilMs, untilEpochMs: hold.untilMs }, { monotonicMs: nowMs })
    ) {
      next = { ...next, box: withUnit(endHold(next.box, thing.id), thing.id, { dueMs: nowMs }) };
    }
    return this.#writes.letGoDue(next);
  }

  #fireRead(scene: Scene): Scene {
    const is = scene.world.fireSignal ? 'active' : 'normal';
    const fire = this.#rules.stepFireLatch(scene.box.fire, { type: 'input', id: 'fire', is });
    let next: Scene = { ...scene, box: withDisk({ ...scene.box, fire }, { fireSetBy: fire.setBy }) };
    for (const thing of this.#scenario.things) next = this.#fireHold(next, thing);
    return next;
  }

  #fireHold(scene: Scene, thing: Thing): Scene {
    const { comms, hold, running } = unitOf(scene.box, thing.id);
    const { relayOn } = bodyOf(scene.world, thing.id);
    const holds = isLatched(scene.box.fire) && this.#rules.opensOnFire(specOf(thing));
    if (!holds || comms !== 'ok' || (hold?.by === 'fire' && relayOn)) return scene;
    const free = running ? this.#told(scene, running.id, 'superseded') : scene;
    return this.#byItself(free, thing, 'hold-open');
  }

  #reset(scene: Scene): Scene {
    if (!isLatched(scene.box.fire) || this.#rules.resetRefusal(scene.box.fire)) return scene;
    const fire = this.#rules.stepFireLatch(scene.box.fire, { type: 'reset' });
    let next: Scene = {
      world: reset(scene.world),
      box: withDisk({ ...scene.box, fire }, { fireSetBy: fire.setBy }),
    };
    for (const { id } of this.#scenario.things) {
      const { hold } = unitOf(next.box, id);
      if (hold?.by !== 'fire') continue;
      next = { ...next, box: withUnit(endHold(next.box, id), id, { dueMs: next.world.nowMs }) };
    }
    return this.#writes.letGoDue(next);
  }

  #lose(scene: Scene, thing: Thing): Scene {
    const { id } = thing;
    const { barrier } = unitOf(scene.box, id);
    const lost = this.#rules.stepBarrier(specOf(thing), barrier, { type: 'lost' }, scene.world.nowMs);
    let box = withUnit(scene.box, id, {
      comms: 'lost',
      good: 0,
      contacts: {},
      askedMs: undefined,
      barrier: lost,
      adopted: false,
      readOn: [],
    });
    let world = withBody(scene.world, id, { read: undefined });
    if (this.#scenario.things[0] === thing) {
      box = {
        ...box,
        fire: this.#rules.stepFireLatch(box.fire, { type: 'input', id: 'fire', is: 'unknown' }),
      };
      world = { ...world, fireRead: 'unknown' };
    }
    return { box, world };
  }

  #crash(scene: Scene): Scene {
    const { box, ended } = startedBox(this.#rules, this.#scenario.things, scene.box.disk, scene.world.nowMs);
    let world = crashed(scene.world);
    for (const { commandId, state } of ended) world = told(world, commandId, state);
    return { box, world };
  }
}

/** Kept with the next that is. */
function later(box: Box, outcome: CommandOutcome): Box {
  return { ...box, behind: { ...box.behind, [outcome.commandId]: outcome } };
}
function flushed(box: Box): Box {
  if (Object.keys(box.behind).length === 0) return box;
  return { ...withDisk(box, { commands: { ...box.disk.commands, ...box.behind } }), behind: {} };
}
