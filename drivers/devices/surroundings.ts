import type { FireState, Site } from '@gatehouse/contracts';
import { type Clock, errorOf, type GatehouseError, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import type { Journal } from '../journal/journal.ts';
import { type Alarm, inputAlarms, interlockAlarms } from './alarms.ts';
import type { ControlledDevice } from './controlled-device.ts';
import {
  type FireLatch,
  fireLatchAtStart,
  inputsThatAre,
  isLatched,
  resetRefusal,
  stepFireLatch,
} from './fire-latch.ts';
import { type Hold, type HoldEnd, wantsRenewal } from './hold.ts';
import type { InputPoint } from './input-point.ts';
import { interlockRefusal, type Member, openTogether } from './interlock.ts';
import { resumed } from './lease.ts';
import { type Circumstances, opensOnFire } from './safety.ts';

export interface SurroundingsOptions {
  readonly site: Site;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly devices: ReadonlyMap<string, ControlledDevice>;
  readonly alarms: (source: string, alarms: readonly Alarm[]) => void;
  readonly fireChanged: (fire: FireState) => void;
  /** Opens a device and holds it open, ahead of everything and whatever the journal's disk says. */
  readonly holdForFire: (device: ControlledDevice) => void;
}

/** Between two attempts to hold one device open in a fire, milliseconds. */
const fireRetryMs = 5_000;

/** Relations between devices: interlocks, and the fire latch that overrules them. */
export class Surroundings implements Part {
  readonly #options: SurroundingsOptions;
  readonly #triedMs = new Map<string, number>();
  #latch: FireLatch;
  #since: string | undefined;

  constructor(options: SurroundingsOptions) {
    this.#options = options;
    this.#latch = fireLatchAtStart(this.#fireInputs(), []);
  }

  /**
   * Takes up what stood before the restart; nothing is written to any board for it until that has been read.
   */
  start(): void {
    const { journal, devices, clock } = this.#options;
    const { fire: kept, leases } = journal.stands();
    this.#latch = fireLatchAtStart(this.#fireInputs(), kept?.setBy ?? []);
    this.#since = kept?.since;
    // Whether an arm that was sent down has arrived is not known before it is read.
    for (const device of devices.values())
      if (journal.lastMove(device.spec.id) === 'close') device.interrupted();
    const now = { epochMs: clock.epochMs(), monotonicMs: clock.monotonicMs() };
    for (const [id, untilMs] of leases) {
      const device = devices.get(id);
      const lease = device?.spec.hold && resumed(untilMs, device.spec.hold.maxS * 1000, now);
      if (lease) device?.resume(lease);
      else this.#endLease(id, 'over');
    }
  }

  stop(): void {
    this.#triedMs.clear();
  }

  get fire(): FireState {
    return {
      latched: isLatched(this.#latch),
      ...(this.#since ? { since: this.#since } : {}),
      active: inputsThatAre(this.#latch, 'active'),
      unknown: inputsThatAre(this.#latch, 'unknown'),
    };
  }

  holdEnded(device: ControlledDevice, hold: Hold, end: HoldEnd): void {
    if (hold.by === 'lease') this.#endLease(device.spec.id, end);
  }

  around(device: ControlledDevice): Pick<Circumstances, 'fireLatched' | 'interlock'> {
    const { id } = device.spec;
    const refusals = this.#options.site.interlocks
      .filter(({ doors }) => doors.includes(id))
      .map((interlock) => interlockRefusal(id, this.#members(interlock)));
    return {
      fireLatched: isLatched(this.#latch),
      interlock: refusals.find((refusal) => refusal !== undefined),
    };
  }

  deviceChanged({ spec }: ControlledDevice): void {
    for (const interlock of this.#options.site.interlocks) {
      if (!interlock.doors.includes(spec.id)) continue;
      const members = this.#members(interlock);
      // An alarm does not end because one of its doors is out of sight.
      if (members.some(({ position }) => position === 'unknown') && openTogether(members).length === 0)
        continue;
      this.#options.alarms(interlock.id, interlockAlarms(openTogether(members)));
    }
  }

  inputChanged(point: InputPoint): void {
    const { id, kind } = point.spec;
    const { is } = point;
    if (kind === 'fire') this.#step(id, is);
    if (is !== 'unknown') this.#tellInput(id, kind, is === 'active');
  }

  /** The open relay of a device was read: in a fire it is held open, and held anew whenever it has let go. */
  relayRead(device: ControlledDevice, on: boolean): void {
    if (!isLatched(this.#latch) || !opensOnFire(device.spec) || device.board.comms !== 'ok') return;
    const { clock } = this.#options;
    const now = { epochMs: clock.epochMs(), monotonicMs: clock.monotonicMs() };
    const triedMs = this.#triedMs.get(device.spec.id) ?? Number.NEGATIVE_INFINITY;
    if (!wantsRenewal(device.held, on, now) || now.monotonicMs - triedMs < fireRetryMs) return;
    this.#triedMs.set(device.spec.id, now.monotonicMs);
    this.#options.holdForFire(device);
  }

  /**
   * A person at the box resets the latch. Throws `FIRE_STILL_ACTIVE` or `FIRE_INPUT_UNKNOWN`; nothing is
   * changed then.
   */
  reset(origin: { readonly channel: 'console' | 'cli'; readonly user: string }): FireState {
    const { journal, devices, fireChanged, log } = this.#options;
    if (!isLatched(this.#latch)) return this.fire;
    const refusal = resetRefusal(this.#latch);
    if (refusal) throw resetError(refusal, this.fire);
    const setBy = this.#latch.setBy;
    const entry = { ...this.#entry('fire-reset', { setBy }), origin };
    journal.keepNow({ fact: 'entry', entry, standing: { change: 'fire-reset' } }, true);
    log.warn('fire-reset', { user: origin.user });
    this.#latch = stepFireLatch(this.#latch, { type: 'reset' });
    this.#since = undefined;
    this.#triedMs.clear();
    for (const device of devices.values()) device.endFire();
    for (const id of setBy) this.#tellInput(id, 'fire', false);
    fireChanged(this.fire);
    return this.fire;
  }

  #step(id: string, is: InputPoint['is']): void {
    const { journal, log, devices, clock, fireChanged } = this.#options;
    const before = this.#latch;
    this.#latch = stepFireLatch(before, { type: 'input', id, is });
    if (this.#latch.setBy.length > before.setBy.length) {
      this.#since ??= isoWithOffset(clock.epochMs());
      const { setBy } = this.#latch;
      const since = this.#since;
      log.warn('fire-latched', { input: id });
      const entry = this.#entry('fire-latched', { setBy });
      void journal.keep({ fact: 'entry', entry, standing: { change: 'fire-latched', since, setBy } });
      for (const device of devices.values()) this.relayRead(device, false);
    }
    fireChanged(this.fire);
  }

  #endLease(id: string, end: HoldEnd): void {
    const entry = this.#entry('hold-ended', { end }, id);
    const standing = { change: 'lease-ended', device: id } as const;
    void this.#options.journal.keep({ fact: 'entry', entry, standing });
  }

  #tellInput(id: string, kind: InputPoint['spec']['kind'], active: boolean): void {
    this.#options.alarms(id, inputAlarms(kind, active, this.#latch.setBy.includes(id)));
  }

  #members({ doors }: Site['interlocks'][number]): Member[] {
    // Of a door that is out of service nothing is known: it may be open.
    return doors.map(
      (id) => this.#options.devices.get(id)?.member() ?? { id, position: 'unknown', unlocked: false },
    );
  }

  #fireInputs(): string[] {
    return this.#options.site.inputs.filter(({ kind }) => kind === 'fire').map(({ id }) => id);
  }

  #entry(
    what: 'fire-latched' | 'fire-reset' | 'hold-ended',
    facts: Record<string, unknown>,
    device?: string,
  ) {
    const at = isoWithOffset(this.#options.clock.epochMs());
    return { at, what, facts, ...(device === undefined ? {} : { device }) };
  }
}

function resetError(refusal: 'FIRE_STILL_ACTIVE' | 'FIRE_INPUT_UNKNOWN', fire: FireState): GatehouseError {
  return errorOf(refusal, {
    inputs: fire[refusal === 'FIRE_STILL_ACTIVE' ? 'active' : 'unknown'].join(', '),
  });
}
