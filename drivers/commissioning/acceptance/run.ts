import {
  actionsOf,
  type Device,
  type DeviceAction,
  type DeviceState,
  type Input,
  type InputState,
  type LocalName,
} from '@gatehouse/contracts';
import { errorOf, isoWithOffset, sleep } from '@gatehouse/kit';
import type { AcceptanceOptions, Found } from './found.ts';
import type { Task } from './hands.ts';
import { ending, type Side } from './peer.ts';
import { acceptancePlan, type Step, tellsOpen } from './plan.ts';
import { codeOf, helpfulReason } from './reason.ts';
import { type Check, inTime, type Line, type Measure } from './record.ts';
import { sensorRead } from './sensor-step.ts';

/** How often things are looked at while something is waited for: no time on the sheet is finer. */
export const lookEveryMs = 50;
/** Longest wait for a contact to be read after somebody has actuated it, and for alarms. */
const contactWithinMs = 10_000;
/** Longest wait for a door to fall shut before it is opened again. */
const settleWithinMs = 60_000;
/** Length of the hold that is tried, seconds, and what it may be late in ending. */
const holdS = 5;
const holdSlackMs = 4_000;

/** Walks through a site's plan and reports each line. Never throws: a fault is a failed line. */
export class AcceptanceRun {
  readonly #options: AcceptanceOptions;
  /** Positions each device was read in during its movements. */
  readonly #positions = new Map<string, Set<DeviceState['position']>>();

  constructor(options: AcceptanceOptions) {
    this.#options = options;
  }

  async *lines(): AsyncGenerator<Line> {
    for (const step of acceptancePlan(this.#options.site)) yield* this.#step(step);
  }

  async *#step(step: Step): AsyncGenerator<Line> {
    switch (step.type) {
      case 'move':
        yield await this.#line(step.device, step.action, () => this.#move(step.device, step.action));
        return;
      case 'limits':
        yield await this.#line(step.device, 'limits', async () => this.#limits(step.device));
        return;
      case 'contact':
        yield* this.#contact(step.device, step.contact);
        return;
      case 'hold':
        yield await this.#line(step.device, 'hold', () => this.#hold(step.device));
        return;
      case 'interlock':
        yield await this.#line(step.interlock, 'interlock', () => this.#interlock(step.interlock.doors));
        return;
      case 'sensor':
        yield await this.#line(step.sensor, 'sensor', () => sensorRead(step.sensor, this.#options));
        return;
      case 'input':
        yield await this.#line(step.input, 'input', () => this.#input(step.input));
        return;
      case 'fire':
        yield* this.#fire(step.input, step.opens);
    }
  }

  async #line(
    { id, name }: { readonly id: string; readonly name: LocalName },
    check: Check,
    tryIt: () => Promise<Found>,
  ): Promise<Line> {
    const at = isoWithOffset(this.#options.clock.epochMs());
    const found = await tryIt().catch((error: unknown): Found => ({ reason: codeOf(error) }));
    const measures = (found.measures ?? []).filter((measure) => measure !== undefined);
    const late = inTime(measures) ? undefined : 'TOO_LATE';
    const code = found.reason ?? (found.seen === 'no' ? 'NOT_SEEN' : late);
    const { site, driversPid } = this.#options;
    const reason = code && (await helpfulReason(site, id, code, driversPid));
    const verdict = found.untried ? 'not-tested' : reason ? 'failed' : 'passed';
    return {
      ...{ subject: id, name, check, verdict, measures, at },
      ...(found.read ? { read: found.read } : {}),
      ...(reason ? { reason } : {}),
      seen: found.seen ?? 'not-asked',
    };
  }

  /** A command: the actuator moves in time, the box reads it back, the host knows, and somebody saw it. */
  async #move(device: Device, action: 'open' | 'close' | 'stop'): Promise<Found> {
    const { peer, hands, clock } = this.#options;
    const target = ({ open: 'open', close: 'closed', stop: undefined } as const)[action];
    if (action === 'open' && device.kind === 'door') await this.#allShut(device.id);
    const before = (await this.#state(device)).position;
    const startMs = clock.monotonicMs();
    const sent = ending(peer.command(device.id, action));
    let movedMs: number | undefined;
    let arrivedMs: number | undefined;
    const look = async () => {
      const { position } = await this.#state(device);
      this.#noticed(device, position);
      const nowMs = clock.monotonicMs();
      if (position !== before && position !== 'unknown') movedMs ??= nowMs - startMs;
      if (position === target) arrivedMs ??= nowMs;
      return sent.ended();
    };
    await this.#until(device.moveWithinMs + contactWithinMs, look);
    const outcome = await sent.outcome;
    await look();
    if (outcome.state !== 'confirmed') return { reason: outcome.reason ?? outcome.state.toUpperCase() };
    const wholeMs = outcome.tookMs ?? clock.monotonicMs() - startMs;
    return {
      measures: [
        // First sign of movement; without a contact the read-back of the relay, with all that went before it.
        { clause: 'actuator', ms: movedMs ?? wholeMs },
        ...(target && arrivedMs !== undefined ? [await this.#hostKnows(device, target, arrivedMs)] : []),
      ],
      seen: await hands.see(device, action),
    };
  }

  /** Both ends were read during the movements, each by its own contact where one is wired. */
  #limits({ id, kind }: Device): Found {
    const seen = this.#positions.get(id) ?? new Set();
    const wanted = kind === 'door' ? (['open'] as const) : (['open', 'closed'] as const);
    return wanted.every((position) => seen.has(position)) ? {} : { reason: 'LIMIT_NOT_SEEN' };
  }

  /** A contact that somebody actuates; on a loop, closing must be refused meanwhile. */
  async *#contact(device: Device, contact: keyof Device['inputs']): AsyncGenerator<Line> {
    const channel = device.inputs[contact];
    if (channel === undefined) return;
    const task = (on: boolean): Task => ({
      of: device,
      contact,
      bus: device.bus,
      unit: device.unit,
      channel,
      on,
    });
    const says = (on: boolean) => async (side: Side) =>
      (await side.devices()).some(({ id, inputs }) => id === device.id && (inputs[contact] ?? false) === on);
    let there = false;
    yield await this.#line(device, contact as Check, async () => {
      const found = await this.#actuate(task(true), says(true), contact === 'tamper' ? device.id : undefined);
      there = !found.reason && !found.untried;
      return found;
    });
    if (contact === 'loop' && actionsOf(device).includes('close'))
      yield await this.#line(device, 'loop-guard', async () =>
        there ? this.#refused(device, 'close', ['LOOP_OCCUPIED']) : { untried: true, reason: 'NOBODY_THERE' },
      );
    if (there) await this.#actuate(task(false), says(false));
  }

  async #hold(device: Device): Promise<Found> {
    const { peer, clock } = this.#options;
    const startMs = clock.monotonicMs();
    const outcome = await peer.command(device.id, 'hold-open', holdS);
    if (outcome.state !== 'confirmed') return { reason: outcome.reason ?? outcome.state.toUpperCase() };
    const ended = await this.#until(
      holdS * 1000 + holdSlackMs,
      async () => (await this.#state(device)).hold === undefined,
    );
    if (!ended) return { reason: 'HOLD_NOT_ENDED' };
    return clock.monotonicMs() - startMs < holdS * 1000 - 1_000 ? { reason: 'HOLD_TOO_SHORT' } : {};
  }

  /** While one door of an interlock stands open, the others are refused. */
  async #interlock(doors: readonly string[]): Promise<Found> {
    const { peer, site } = this.#options;
    const [first, ...others] = doors.map((id) => site.devices.find((device) => device.id === id));
    if (!first) return { reason: 'DEVICE_UNKNOWN' };
    await this.#allShut(first.id);
    const outcome = await peer.command(first.id, 'open');
    if (outcome.state !== 'confirmed') return { reason: outcome.reason ?? outcome.state.toUpperCase() };
    for (const other of others) {
      if (!other) return { reason: 'DEVICE_UNKNOWN' };
      if ((await this.#state(first)).position !== 'open')
        return { untried: true, reason: 'DOOR_SHUT_TOO_SOON' };
      const found = await this.#refused(other, 'open', ['INTERLOCKED', 'INTERLOCK_UNKNOWN']);
      if (found.reason) return found;
    }
    return {};
  }

  async #input({ id, bus, unit, channel }: Input): Promise<Found> {
    const input = this.#inputOf(id);
    const task = (on: boolean): Task => ({ of: input, contact: 'signal', bus, unit, channel, on });
    const found = await this.#actuate(task(true), this.#inputSays(id, 'active'), id);
    if (found.reason || found.untried) return found;
    const gone = await this.#actuate(task(false), this.#inputSays(id, 'normal'));
    return { ...found, ...(gone.reason ? { reason: gone.reason } : {}) };
  }

  async *#fire(input: Input, opens: readonly Device[]): AsyncGenerator<Line> {
    const { peer } = this.#options;
    const { id, bus, unit, channel } = input;
    const task = (on: boolean): Task => ({ of: input, contact: 'signal', bus, unit, channel, on });
    const before = new Map((await peer.drivers.devices()).map((state) => [state.id, state.position]));
    let startMs: number | undefined;
    yield await this.#line(input, 'fire-latch', async () => {
      const found = await this.#actuate(task(true), this.#inputSays(id, 'active'), id, (ms) => {
        startMs = ms;
      });
      if (found.reason || found.untried) return found;
      const latched = await this.#until(contactWithinMs, async () => (await peer.fire()).latched);
      return { ...found, ...(latched ? {} : { reason: 'FIRE_NOT_LATCHED' }) };
    });
    const since = startMs;
    const tried = (tryIt: () => Promise<Found>) => async (): Promise<Found> =>
      since === undefined ? { untried: true, reason: 'NOBODY_THERE' } : tryIt();
    const opened = await Promise.all(
      opens.map((device) => this.#openedInFire(device, before.get(device.id), since)),
    );
    for (const [i, device] of opens.entries())
      yield await this.#line(
        device,
        'fire-open',
        tried(async () => opened[i] ?? {}),
      );
    for (const device of opens.filter((one) => actionsOf(one).includes('close')))
      yield await this.#line(
        device,
        'fire-no-close',
        tried(() => this.#refused(device, 'close', ['FIRE_LATCHED'])),
      );
    yield await this.#line(
      input,
      'fire-no-reset',
      tried(() => this.#resetRefused()),
    );
    yield await this.#line(
      input,
      'fire-reset',
      tried(async () => {
        const gone = await this.#actuate(task(false), this.#inputSays(id, 'normal'));
        if (gone.reason || gone.untried) return gone;
        return (await peer.resetFire()).latched ? { reason: 'FIRE_NOT_RESET' } : {};
      }),
    );
  }

  /** Held by the fire, and arrived where a contact tells. All move and are watched at once. Never throws. */
  async #openedInFire(
    device: Device,
    before: DeviceState['position'] | undefined,
    sinceMs: number | undefined,
  ): Promise<Found> {
    if (sinceMs === undefined) return {};
    const { clock } = this.#options;
    let heldMs: number | undefined;
    let movedMs: number | undefined;
    const look = async () => {
      const { hold, position } = await this.#state(device);
      const nowMs = clock.monotonicMs();
      if (hold?.by === 'fire') heldMs ??= nowMs;
      if (position !== before && position !== 'unknown') movedMs ??= nowMs;
      return heldMs !== undefined && (!tellsOpen(device) || position === 'open');
    };
    try {
      if (!(await this.#until(device.moveWithinMs + contactWithinMs, look)))
        return { reason: 'FIRE_NOT_OPENED' };
    } catch (error) {
      return { reason: codeOf(error) };
    }
    // A door that stood open already, or has no contact, is timed by the hold alone.
    return { measures: [{ clause: 'actuator', ms: (movedMs ?? heldMs ?? sinceMs) - sinceMs }] };
  }

  async #resetRefused(): Promise<Found> {
    try {
      await this.#options.peer.resetFire();
      return { reason: 'FIRE_RESET_TOO_SOON' };
    } catch (error) {
      return codeOf(error) === 'FIRE_STILL_ACTIVE' ? {} : { reason: codeOf(error) };
    }
  }

  /** A command that must be refused, for one of these reasons and no other. */
  async #refused(device: Device, action: DeviceAction, reasons: readonly string[]): Promise<Found> {
    const { state, reason = '' } = await this.#options.peer.command(device.id, action);
    if (state === 'rejected' && reasons.includes(reason)) return {};
    return { reason: state === 'rejected' ? reason : 'NOT_REFUSED' };
  }

  /** Has a contact actuated, and times until the drivers, the host and, for an alarm, the centre know. */
  async #actuate(
    task: Task,
    known: (side: Side) => Promise<boolean>,
    alarmOf?: string,
    done: (startMs: number) => void = () => undefined,
  ): Promise<Found> {
    const { peer, hands, clock } = this.#options;
    const alarmsBefore = alarmOf === undefined ? 0 : await peer.openAlarms(alarmOf);
    const startMs = await hands.act(task);
    if (startMs === undefined) return { untried: true, reason: 'NOBODY_THERE' };
    if (!(await this.#until(contactWithinMs, () => known(peer.drivers))))
      return { reason: 'CONTACT_NOT_SEEN' };
    done(startMs);
    const since = (clause: Measure['clause']): Measure => ({
      clause,
      ms: Math.max(0, clock.monotonicMs() - startMs),
    });
    if (!(await this.#until(contactWithinMs, () => known(peer.host)))) return { reason: 'HOST_NOT_TOLD' };
    const host = since('host');
    if (alarmOf === undefined) return { measures: [host] };
    const alarmed = await this.#until(
      contactWithinMs,
      async () => (await peer.openAlarms(alarmOf)) > alarmsBefore,
    );
    return alarmed ? { measures: [since('centre'), host] } : { reason: 'NO_ALARM' };
  }

  /** How long after the drivers the host knew; nothing if the door had fallen shut before it was asked. */
  async #hostKnows(
    device: Device,
    position: DeviceState['position'],
    sinceMs: number,
  ): Promise<Measure | undefined> {
    const { peer, clock } = this.#options;
    const at = async (side: Side) =>
      (await side.devices()).some((state) => state.id === device.id && state.position === position);
    let known = false;
    await this.#until(contactWithinMs, async () => {
      known = await at(peer.host);
      return known || !(await at(peer.drivers));
    });
    return known ? { clause: 'host', ms: clock.monotonicMs() - sinceMs } : undefined;
  }

  #inputSays(id: string, state: InputState['state']) {
    return async (side: Side) =>
      (await side.inputs()).some((input) => input.id === id && input.state === state);
  }

  #inputOf(id: string): Input {
    const input = this.#options.site.inputs.find((one) => one.id === id);
    if (!input) throw new Error(`the plan names input ${id}, which the site lacks`);
    return input;
  }

  async #state({ id }: Pick<Device, 'id'>): Promise<DeviceState> {
    const state = (await this.#options.peer.drivers.devices()).find((device) => device.id === id);
    if (state) return state;
    throw errorOf('DEVICE_UNKNOWN/drivers', { id });
  }

  /** Waits until a door and its interlocked doors have fallen shut; one that does not is refused then. */
  async #allShut(door: string): Promise<void> {
    const { interlocks } = this.#options.site;
    const doors = new Set([door, ...interlocks.flatMap(({ doors: all }) => (all.includes(door) ? all : []))]);
    await this.#until(settleWithinMs, async () =>
      (await this.#options.peer.drivers.devices()).every(
        ({ id, position }) => !doors.has(id) || position !== 'open',
      ),
    );
  }

  #noticed({ id }: Device, position: DeviceState['position']): void {
    this.#positions.set(id, (this.#positions.get(id) ?? new Set()).add(position));
  }

  async #until(withinMs: number, met: () => Promise<boolean>): Promise<boolean> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + withinMs;
    while (!(await met())) {
      if (clock.monotonicMs() > endMs) return false;
      await sleep(clock, lookEveryMs);
    }
    return true;
  }
}
