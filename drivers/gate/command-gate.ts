import { randomUUID } from 'node:crypto';
import {
  type CommandOutcome,
  type CommandState,
  type DeviceCommand,
  defaultCommandLifeMs,
  maxCommandLifeMs,
} from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, type Log } from '@gatehouse/kit';
import type { Priority } from '../bus/request-queue.ts';
import type { ControlledDevice } from '../devices/controlled-device.ts';
import type { Journal } from '../journal/journal.ts';
import { Execution } from './execution.ts';
import type { WriteBehind } from './write-behind.ts';

export interface CommandGateOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly writeBehind: WriteBehind;
  readonly devices: ReadonlyMap<string, ControlledDevice>;
  /** False while the wall clock is not known to be right: an absolute expiry from outside means nothing then. */
  readonly clockTrusted: () => boolean;
}

interface Running {
  readonly command: DeviceCommand;
  readonly execution: Execution;
  readonly ended: Promise<CommandOutcome>;
  outcome: CommandOutcome;
}

type Verdict = { readonly state: CommandState; readonly reason: string };

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

  constructor(options: CommandGateOptions) {
    this.#options = options;
  }

  /**
   * Takes a command and resolves when it has ended; a repeat gets the first one's outcome. Throws `DEVICE_UNKNOWN`,
   * `COMMAND_ID_REUSED`, or `JOURNAL_*` when it cannot be stored: then nothing was and nothing will be executed.
   */
  submit(command: DeviceCommand): Promise<CommandOutcome> {
    const running = this.#running.get(command.commandId);
    const known = running?.outcome ?? this.find(command.commandId);
    if (known) {
      refuseReuse(command, known);
      return running?.ended ?? Promise.resolve(known);
    }
    return this.#admit(command, this.#device(command.device), this.#priority(command));
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
    const command: DeviceCommand = {
      commandId: randomUUID(),
      device: device.spec.id,
      action: 'open',
      expiresAt: isoWithOffset(this.#options.clock.epochMs() + defaultCommandLifeMs),
      origin: { channel: 'box', user: 'safety', reason: 'vehicle on the loop while lowering' },
    };
    this.#options.log.warn('barrier-raised', { device: device.spec.id, commandId: command.commandId });
    const accepted = this.#outcome(command, { state: 'accepted', reason: '' });
    this.#keep(() => this.#options.journal.accept(command, accepted));
    this.#execute(command, device, accepted, 'safety', 'LOOP_OCCUPIED');
  }

  #admit(command: DeviceCommand, device: ControlledDevice, priority: Priority): Promise<CommandOutcome> {
    const verdict = this.#verdict(command, device);
    const outcome = this.#outcome(command, verdict ?? { state: 'accepted', reason: '' });
    this.#options.journal.accept(command, outcome);
    if (!verdict) return this.#execute(command, device, outcome, priority, 'SUPERSEDED');
    this.#options.log.info('command-refused', {
      commandId: command.commandId,
      device: command.device,
      ...verdict,
    });
    device.commandEnded(outcome);
    return Promise.resolve(outcome);
  }

  /** Why a command ends before the bus is asked. */
  #verdict(command: DeviceCommand, device: ControlledDevice): Verdict | undefined {
    const { clock, clockTrusted } = this.#options;
    const lifeMs = Date.parse(command.expiresAt) - clock.epochMs();
    if (lifeMs <= 0) return { state: 'expired', reason: 'COMMAND_EXPIRED' };
    if (lifeMs > maxCommandLifeMs) return { state: 'rejected', reason: 'EXPIRY_TOO_FAR' };
    if (isRemote(command) && !clockTrusted()) return { state: 'rejected', reason: 'CLOCK_NOT_SYNCHRONISED' };
    if (device.board.comms === 'starting') return { state: 'rejected', reason: 'DEVICE_STARTING' };
    if (!device.board.reachable) return { state: 'rejected', reason: 'DEVICE_LOST' };
    const refusal = device.refusal(command.action);
    return refusal && { state: 'rejected', reason: refusal };
  }

  #execute(
    command: DeviceCommand,
    device: ControlledDevice,
    accepted: CommandOutcome,
    priority: Priority,
    supersedeReason: string,
  ): Promise<CommandOutcome> {
    const { clock, log, journal } = this.#options;
    const startedMs = clock.monotonicMs();
    this.#byDevice.get(device.spec.id)?.execution.supersede(supersedeReason);
    const markExecuting = (outcome: CommandOutcome) => {
      if (priority === 'safety') this.#keep(() => journal.executing(outcome));
      else journal.executing(outcome);
      running.outcome = outcome;
    };
    const expiresMonotonicMs = startedMs + Date.parse(command.expiresAt) - clock.epochMs();
    const execution = new Execution({
      command,
      device,
      priority,
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

  #outcome(command: DeviceCommand, { state, reason }: Verdict): CommandOutcome {
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
    throw new GatehouseError('DEVICE_UNKNOWN', 'input', `no device is called "${id}".`, 'See GET /devices.');
  }

  /** doors.md, contract 8: a guard's open and stop go before remote commands; a lowering is never urgent. */
  #priority({ action, origin }: DeviceCommand): Priority {
    return origin.channel === 'console' && action !== 'close' ? 'guard' : 'remote';
  }
}

/** Flows run on what comes from outside as well; people at the console and the command line stand at the box. */
function isRemote({ origin }: DeviceCommand): boolean {
  return origin.channel === 'upstream' || origin.channel === 'flows';
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
