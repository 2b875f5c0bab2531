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
import { type Clock, GatehouseError, isoWithOffset, type Log, nothingCalled } from '@gatehouse/kit';
import type { ControlledDevice } from '../devices/controlled-device.ts';
import type { Journal } from '../journal/journal.ts';
import { admission, type Verdict } from './admission.ts';
import { Execution, type HoldOrder } from './execution.ts';
import { priorityOf } from './priority.ts';
import { isLimited, RateLimit } from './rate-limit.ts';
import type { WriteBehind } from './write-behind.ts';

export interface CommandGateOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly writeBehind: WriteBehind;
  readonly devices: ReadonlyMap<string, ControlledDevice>;
  /** False while the wall clock is not known to be right: an absolute expiry from outside means nothing then. */
  readonly clockTrusted: () => boolean;
  readonly permissions: Permissions;
}

interface Running {
  readonly command: DeviceCommand;
  readonly execution: Execution;
  readonly ended: Promise<CommandOutcome>;
  outcome: CommandOutcome;
}

/**
 * Every command's one way in (doors.md, command contract): idempotent by `commandId`, absolute expiry, nothing moved
 * that the journal does not hold, nothing queued behind an outage, and the newer of two for one device wins.
 */
export class CommandGate {
  readonly #options: CommandGateOptions;
  readonly #running = new Map<string, Running>();
  readonly #byDevice = new Map<string, Running>();
  /** Ends that the journal could not take yet. */
  readonly #unsaved = new Map<string, CommandOutcome>();
  readonly #limit: RateLimit;

  constructor(options: CommandGateOptions) {
    this.#options = options;
    this.#limit = new RateLimit(options.permissions);
  }

  /**
   * Takes a command and resolves when it has ended; a repeat gets the first one's outcome. Throws `DEVICE_UNKNOWN`,
   * `COMMAND_ID_REUSED`, `RATE_LIMITED`, or `JOURNAL_*` when it cannot be stored: then nothing was and nothing will be executed.
   */
  submit(command: DeviceCommand): Promise<CommandOutcome> {
    const running = this.#running.get(command.commandId);
    const known = running?.outcome ?? this.find(command.commandId);
    if (known) {
      refuseReuse(command, known);
      return running?.ended ?? Promise.resolve(known);
    }
    const device = this.#device(command.device);
    this.#count(command);
    return this.#admit(command, device);
  }

  /** Where a command stands, if its id was ever taken. */
  find(commandId: string): CommandOutcome | undefined {
    return (
      this.#running.get(commandId)?.outcome ??
      this.#unsaved.get(commandId) ??
      this.#options.journal.find(commandId)
    );
  }

  /** Raises a barrier that is coming down onto a vehicle: ahead of everything, and even if the journal is full. */
  raise(device: ControlledDevice): void {
    this.#byItself(device, 'open', 'LOOP_OCCUPIED', 'vehicle on the loop while lowering');
  }

  /** Opens a device in a fire and holds it: ahead of everything, and even if the journal is full. */
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
    const accepted = this.#outcome(command, { state: 'accepted' });
    this.#keep(() => this.#options.journal.accept(command, accepted));
    this.#execute(command, device, accepted, supersedes);
  }

  /** Refuses what its origin sends too often: not even stored, or a flood would fill the disk. */
  #count(command: DeviceCommand): void {
    const { clock, journal, log } = this.#options;
    const { origin, action, device, commandId } = command;
    if (!isLimited(origin.channel)) return;
    const taken = this.#limit.take(origin.channel, action, clock.monotonicMs());
    if (taken === 'taken') return;
    if (taken === 'first') {
      log.warn('commands-limited', { origin: origin.channel, user: origin.user });
      const at = isoWithOffset(clock.epochMs());
      const facts = { action, reason: 'RATE_LIMITED' };
      this.#keep(() => journal.keep({ at, what: 'refused', device, commandId, origin, facts }));
    }
    throw new GatehouseError(
      'RATE_LIMITED',
      'peer',
      `more than ${this.#options.permissions[origin.channel].perMinute} commands a minute came from ${origin.channel}.`,
      'Send fewer; nothing was done.',
    );
  }

  #admit(command: DeviceCommand, device: ControlledDevice): Promise<CommandOutcome> {
    const verdict = this.#verdict(command, device);
    const outcome = this.#outcome(command, verdict ?? { state: 'accepted' });
    this.#options.journal.accept(command, outcome);
    if (!verdict) return this.#execute(command, device, outcome, 'SUPERSEDED');
    this.#options.log.info('command-refused', {
      commandId: command.commandId,
      device: command.device,
      ...verdict,
    });
    device.commandEnded(outcome);
    return Promise.resolve(outcome);
  }

  #verdict(command: DeviceCommand, device: ControlledDevice): Verdict | undefined {
    const { clock, clockTrusted, permissions } = this.#options;
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

  #execute(
    command: DeviceCommand,
    device: ControlledDevice,
    accepted: CommandOutcome,
    supersedeReason: CommandReason,
  ): Promise<CommandOutcome> {
    const { clock, log, journal } = this.#options;
    const startedMs = clock.monotonicMs();
    this.#byDevice.get(device.spec.id)?.execution.supersede(supersedeReason);
    const hold = holdOf(command, device);
    const leaseMs = hold?.by === 'lease' ? hold.forMs : undefined;
    const markExecuting = (outcome: CommandOutcome) => {
      const leaseUntilMs = leaseMs === undefined ? undefined : clock.epochMs() + leaseMs;
      const mark = () => journal.executing(outcome, leaseUntilMs);
      if (command.origin.channel === 'box') this.#keep(mark);
      else mark();
      running.outcome = outcome;
    };
    const expiresMonotonicMs = startedMs + Date.parse(command.expiresAt) - clock.epochMs();
    const execution = new Execution({
      command,
      device,
      priority: priorityOf(command),
      hold,
      clock,
      log,
      accepted,
      expiresMonotonicMs,
      markExecuting,
    });
    const ended = execution.run().then((end) => {
      const finishedAt = isoWithOffset(clock.epochMs());
      const outcome = { ...accepted, ...end, finishedAt, tookMs: clock.monotonicMs() - startedMs };
      this.#ended(running, outcome);
      return outcome;
    });
    const running: Running = { command, execution, ended, outcome: accepted };
    this.#running.set(command.commandId, running);
    this.#byDevice.set(device.spec.id, running);
    return ended;
  }

  #ended(running: Running, outcome: CommandOutcome): void {
    const { journal, log } = this.#options;
    const { commandId, device, action, state, reason, relay, feedback, tookMs } = outcome;
    running.outcome = outcome;
    this.#unsaved.set(commandId, outcome);
    this.#keep(() => {
      journal.finish(outcome, running.execution.wire);
      this.#unsaved.delete(commandId);
    });
    this.#running.delete(commandId);
    if (this.#byDevice.get(device) === running) {
      this.#byDevice.delete(device);
      running.execution.device.commandEnded(outcome);
    }
    log.info('command-ended', { commandId, device, action, state, reason, relay, feedback, tookMs });
  }

  #keep(fact: () => void): void {
    this.#options.writeBehind.write(fact);
  }

  #outcome(
    command: DeviceCommand,
    { state, reason }: Partial<Verdict> & Pick<Verdict, 'state'>,
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

  #device(id: string): ControlledDevice {
    const device = this.#options.devices.get(id);
    if (device) return device;
    throw nothingCalled('DEVICE_UNKNOWN', 'device', id, [...this.#options.devices.keys()]);
  }
}

/** How long a hold-open closes its relay, and by whose right; nothing for other actions. */
function holdOf({ action, holdS, origin }: DeviceCommand, { spec }: ControlledDevice): HoldOrder | undefined {
  if (action !== 'hold-open') return undefined;
  if (origin.channel === 'box') return { by: 'fire', forMs: maxHoldSeconds * 1000 };
  return { by: 'lease', forMs: (holdS ?? spec.hold?.maxS ?? 0) * 1000 };
}

function refuseReuse(command: DeviceCommand, known: CommandOutcome): void {
  if (command.device === known.device && command.action === known.action) return;
  throw new GatehouseError(
    'COMMAND_ID_REUSED',
    'input',
    `commandId ${command.commandId} belongs to "${known.action}" of ${known.device}.`,
    'Use a new commandId for each command.',
  );
}
