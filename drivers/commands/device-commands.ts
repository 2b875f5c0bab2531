import { randomUUID } from 'node:crypto';
import {
  type CommandOutcome,
  type CommandReason,
  type DeviceAction,
  type DeviceCommand,
  defaultCommandLifeMs,
  maxHoldSeconds,
  type Permissions,
} from '@gatehouse/contracts';
import { type Clock, errorOf, isoWithOffset, type Log, nothingCalled } from '@gatehouse/kit';
import type { ControlledDevice } from '../devices/controlled-device.ts';
import { commandFact, isOpen } from '../journal/fact.ts';
import type { Journal } from '../journal/journal.ts';
import { admission, type NotAdmitted } from './admission.ts';
import { Execution, type HoldOrder } from './execution.ts';
import { isAtTheBox, priorityOf, urgencyOf } from './priority.ts';
import { isLimited, partyOf, RateLimit } from './rate-limit.ts';

export interface DeviceCommandsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly devices: ReadonlyMap<string, ControlledDevice>;
  /** Devices of the site that are not among them, and why. */
  readonly outOfService: ReadonlyMap<string, string>;
  /**
   * False while the wall clock is not known to be right: an absolute expiry from outside means nothing then.
   */
  readonly clockTrusted: () => boolean;
  readonly permissions: Permissions;
}

/** A command that has not ended, or whose end has not been tried to be kept. */
interface Entry {
  readonly command: DeviceCommand;
  readonly acceptedMs: number;
  readonly startedMs: number;
  outcome: CommandOutcome;
  /** The journal has it, or has been given it. */
  journalled: boolean;
  execution: Execution | undefined;
  ended: Promise<CommandOutcome>;
}

/**
 * Every command's one way in (drivers/README.md): idempotent by `commandId`, absolute expiry,
 * nothing moved that the journal does not hold, nothing queued behind an outage, and the newer of two for one
 * device wins. A person's stop and what the box does by itself are the exception: they go out at once and are
 * journalled behind. A stop that is repeated over a crash so may be written twice, which does not move
 * anything.
 */
export class DeviceCommands {
  readonly #options: DeviceCommandsOptions;
  readonly #entries = new Map<string, Entry>();
  /** Commands that wait for the journal, the newest of each device; older ones have ended. */
  readonly #waiting = new Map<string, Entry>();
  /** Commands that are carried out, the newest of each device. */
  readonly #executing = new Map<string, Entry>();
  /** When the newest of each device that was not refused has come. */
  readonly #newest = new Map<string, number>();
  #arrivals = 0;
  readonly #limit: RateLimit;

  constructor(options: DeviceCommandsOptions) {
    this.#options = options;
    this.#limit = new RateLimit(options.permissions, options.clock);
  }

  /** The number of a command that comes now. */
  arrive(): number {
    return ++this.#arrivals;
  }

  /**
   * Takes a command and resolves when it has ended; a repeat gets the first one's outcome. Throws
   * `DEVICE_UNKNOWN`, `COMMAND_ID_REUSED`, `RATE_LIMITED`, or rejects with `JOURNAL_*` when it cannot be
   * stored: then nothing was and nothing will be executed. `arrival`: its number of `arrive`, if it has
   * waited since; what has come later for this device is the newer all the same.
   */
  submit(command: DeviceCommand, arrival = this.arrive()): Promise<CommandOutcome> {
    const entry = this.#entries.get(command.commandId);
    const known = entry?.outcome ?? this.#options.journal.find(command.commandId);
    if (known) {
      refuseReuse(command, known);
      return entry?.ended ?? Promise.resolve(known);
    }
    const device = this.#device(command.device);
    this.#count(command);
    const notAdmitted = device ? this.#refusalOf(command, device, arrival) : outOfService;
    const entered = this.#enter(command, notAdmitted);
    if (!device || notAdmitted) entered.ended = this.#refuse(entered, device);
    else if (urgencyOf(command) > 0) entered.ended = this.#carryOut(entered, device, 'SUPERSEDED');
    else entered.ended = this.#keepThenCarryOut(entered, device);
    return entered.ended;
  }

  /** Where a command stands, if its id was ever taken. */
  find(commandId: string): CommandOutcome | undefined {
    return this.#entries.get(commandId)?.outcome ?? this.#options.journal.find(commandId);
  }

  /**
   * Raises a barrier that is coming down onto a vehicle: ahead of everything, and whatever the journal's disk
   * says.
   */
  raise(device: ControlledDevice): void {
    this.#byItself(device, 'open', 'LOOP_OCCUPIED', 'vehicle on the loop while lowering');
  }

  /** Opens a device in a fire and holds it: ahead of everything, and whatever the journal's disk says. */
  holdForFire(device: ControlledDevice): void {
    this.#byItself(device, 'hold-open', 'FIRE_LATCHED', 'fire alarm');
  }

  #byItself(device: ControlledDevice, action: DeviceAction, supersedes: CommandReason, reason: string): void {
    const command: DeviceCommand = {
      commandId: randomUUID(),
      device: device.spec.id,
      action,
      expiresAt: isoWithOffset(this.#options.clock.epochMs() + defaultCommandLifeMs),
      origin: { channel: 'box', user: 'safety', reason },
    };
    this.#options.log.warn('box-acts', {
      device: device.spec.id,
      commandId: command.commandId,
      action,
      reason,
    });
    this.#newest.set(device.spec.id, this.arrive());
    const entry = this.#enter(command, undefined);
    entry.ended = this.#carryOut(entry, device, supersedes);
  }

  /** Refuses what a person sends too often: not even stored, or a flood would fill the disk. */
  #count(command: DeviceCommand): void {
    const { clock, journal, log } = this.#options;
    const { origin, action, device, commandId } = command;
    if (!isLimited(origin)) return;
    const taken = this.#limit.take(origin, action);
    if (taken === 'taken') return;
    const { channel, user } = origin;
    if (taken === 'first') {
      log.warn('commands-limited', { origin: channel, user });
      const at = isoWithOffset(clock.epochMs());
      const facts = { action, reason: 'RATE_LIMITED' };
      void journal.keep({ fact: 'entry', entry: { at, what: 'refused', device, commandId, origin, facts } });
    }
    throw errorOf('RATE_LIMITED', {
      most: this.#options.permissions[channel].perMinute,
      party: partyOf(origin),
    });
  }

  /**
   * Of two commands that are not refused the one that came later is the newer. An older stop goes out all the
   * same: in doubt nothing moves.
   */
  #refusalOf(command: DeviceCommand, device: ControlledDevice, arrival: number): NotAdmitted | undefined {
    const refused = this.#notAdmitted(command, device);
    if (refused) return refused;
    const newest = this.#newest.get(command.device) ?? 0;
    if (arrival < newest && urgencyOf(command) === 0) return { state: 'superseded', reason: 'SUPERSEDED' };
    this.#newest.set(command.device, Math.max(arrival, newest));
    return undefined;
  }

  #notAdmitted(command: DeviceCommand, device: ControlledDevice): NotAdmitted | undefined {
    const { clock, clockTrusted, permissions, journal } = this.#options;
    if (urgencyOf(command) === 0 && journal.mayHaveBeenKnown(Date.parse(command.expiresAt)))
      return { state: 'rejected', reason: 'EARLIER_COMMANDS_LOST' };
    return admission(command, {
      epochMs: clock.epochMs(),
      clockTrusted: clockTrusted(),
      permissions,
      comms: device.board.comms,
      reachable: device.board.reachable,
      maxHoldS: device.spec.hold?.maxS ?? 0,
      refusal: (action) => device.refusal(action),
    });
  }

  #enter(command: DeviceCommand, notAdmitted: NotAdmitted | undefined): Entry {
    const { clock } = this.#options;
    const outcome = this.#outcome(command, notAdmitted ?? { state: 'accepted' });
    const entry: Entry = {
      command,
      outcome,
      journalled: false,
      execution: undefined,
      ended: Promise.resolve(outcome),
      acceptedMs: clock.epochMs(),
      startedMs: clock.monotonicMs(),
    };
    this.#entries.set(command.commandId, entry);
    return entry;
  }

  /** A command that ends at once is told so once that is stored. */
  async #refuse(entry: Entry, device: ControlledDevice | undefined): Promise<CommandOutcome> {
    const { commandId, device: id, state, reason } = entry.outcome;
    this.#options.log.info('command-refused', { commandId, device: id, state, reason });
    await this.#keepFirst(entry);
    this.#entries.delete(commandId);
    device?.commandEnded(entry.outcome);
    return entry.outcome;
  }

  /**
   * Nothing moves before the journal holds the command. Of those that wait for it the newest of a device is
   * carried out.
   */
  async #keepThenCarryOut(entry: Entry, device: ControlledDevice): Promise<CommandOutcome> {
    const { id } = device.spec;
    this.#overtake(id, 'SUPERSEDED');
    this.#waiting.set(id, entry);
    await this.#keepFirst(entry);
    if (this.#waiting.get(id) !== entry) return this.#ended(entry, entry.outcome);
    this.#waiting.delete(id);
    return this.#carryOut(entry, device, 'SUPERSEDED');
  }

  /** Ends what waits for the journal for a device: something newer has come. */
  #overtake(device: string, reason: CommandReason): void {
    const older = this.#waiting.get(device);
    if (!older) return;
    this.#waiting.delete(device);
    const finishedAt = isoWithOffset(this.#options.clock.epochMs());
    older.outcome = { ...older.outcome, state: 'superseded', reason, finishedAt };
  }

  async #keepFirst(entry: Entry): Promise<void> {
    const { command, acceptedMs } = entry;
    const fact = () => {
      // One that has ended meanwhile is stored with its end, by this one fact.
      entry.journalled = isOpen(entry.outcome);
      return commandFact(command, entry.outcome, acceptedMs);
    };
    const person = isAtTheBox(command.origin);
    try {
      await this.#options.journal.keepFirst({ fact, moves: () => isOpen(entry.outcome), person });
    } catch (error) {
      this.#entries.delete(command.commandId);
      if (this.#waiting.get(command.device) === entry) this.#waiting.delete(command.device);
      throw error;
    }
  }

  async #carryOut(
    entry: Entry,
    device: ControlledDevice,
    supersedes: CommandReason,
  ): Promise<CommandOutcome> {
    const { clock, log } = this.#options;
    const { command, outcome: accepted, startedMs } = entry;
    const { id } = device.spec;
    const urgency = urgencyOf(command);
    if (urgency > 0) this.#overtake(id, supersedes);
    this.#executing.get(id)?.execution?.supersede(supersedes, urgency);
    const hold = holdOf(command, device);
    entry.execution = new Execution({
      command,
      device,
      hold,
      clock,
      log,
      accepted,
      urgency,
      priority: priorityOf(command),
      from: partyOf(command.origin),
      expiresMonotonicMs: startedMs + Date.parse(command.expiresAt) - clock.epochMs(),
      markExecuting: (outcome) => this.#markExecuting(entry, outcome, hold),
    });
    this.#executing.set(id, entry);
    const end = await entry.execution.run();
    const finishedAt = isoWithOffset(clock.epochMs());
    const outcome = { ...accepted, ...end, finishedAt, tookMs: clock.monotonicMs() - startedMs };
    if (this.#executing.get(id) === entry) {
      this.#executing.delete(id);
      device.commandEnded(outcome);
    }
    return this.#ended(entry, outcome);
  }

  /** Throws `JOURNAL_*` if a command that must be on the disk first is not: then nothing is sent. */
  #markExecuting(entry: Entry, outcome: CommandOutcome, hold: HoldOrder | undefined): void {
    const { clock, journal } = this.#options;
    const { command, acceptedMs } = entry;
    const at = isoWithOffset(clock.epochMs());
    const lease = hold?.by === 'lease' ? { leaseUntilMs: clock.epochMs() + hold.forMs } : {};
    const executing = { fact: 'executing', at, outcome, ...lease } as const;
    if (urgencyOf(command) === 0) journal.keepNow(executing, isAtTheBox(command.origin));
    else {
      void journal.keepSoon(commandFact(command, outcome, acceptedMs));
      entry.journalled = true;
    }
    entry.outcome = outcome;
  }

  /** Resolves once its end has been tried to be kept. */
  async #ended(entry: Entry, outcome: CommandOutcome): Promise<CommandOutcome> {
    const { journal, log, clock } = this.#options;
    const { commandId, device, action, state, reason, relay, feedback, tookMs } = outcome;
    const wasStored = !isOpen(entry.outcome) && !entry.journalled && entry.execution === undefined;
    entry.outcome = outcome;
    log.info('command-ended', { commandId, device, action, state, reason, relay, feedback, tookMs });
    if (!wasStored) {
      const at = isoWithOffset(clock.epochMs());
      const wire = entry.execution?.wire ?? [];
      const fact = entry.journalled
        ? ({ fact: 'ended', at, outcome, wire } as const)
        : commandFact(entry.command, outcome, entry.acceptedMs);
      await journal.keep(fact);
    }
    this.#entries.delete(commandId);
    return outcome;
  }

  #outcome(
    command: DeviceCommand,
    { state, reason }: Partial<NotAdmitted> & Pick<NotAdmitted, 'state'>,
  ): CommandOutcome {
    const now = isoWithOffset(this.#options.clock.epochMs());
    const { commandId, device, action, origin } = command;
    return {
      commandId,
      device,
      action,
      origin,
      state,
      ...(reason ? { reason } : {}),
      relay: 'not-actuated',
      feedback: 'unknown',
      acceptedAt: now,
      ...(state === 'accepted' ? {} : { finishedAt: now }),
    };
  }

  /** Nothing for a device of the site that is out of service. */
  #device(id: string): ControlledDevice | undefined {
    const device = this.#options.devices.get(id);
    if (device || this.#options.outOfService.has(id)) return device;
    throw nothingCalled('DEVICE_UNKNOWN', id, [
      ...this.#options.devices.keys(),
      ...this.#options.outOfService.keys(),
    ]);
  }
}

const outOfService: NotAdmitted = { state: 'rejected', reason: 'OUT_OF_SERVICE' };

/** How long a hold-open closes its relay, and by whose right; nothing for other actions. */
function holdOf({ action, holdS, origin }: DeviceCommand, { spec }: ControlledDevice): HoldOrder | undefined {
  if (action !== 'hold-open') return undefined;
  if (origin.channel === 'box') return { by: 'fire', forMs: maxHoldSeconds * 1000 };
  return { by: 'lease', forMs: (holdS ?? spec.hold?.maxS ?? 0) * 1000 };
}

function refuseReuse(command: DeviceCommand, known: CommandOutcome): void {
  if (command.device === known.device && command.action === known.action) return;
  throw errorOf('COMMAND_ID_REUSED', {
    commandId: command.commandId,
    action: known.action,
    device: known.device,
  });
}
