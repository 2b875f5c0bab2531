import {
  type CommandOutcome,
  CommandReason,
  type CommandState,
  codeIn,
  type DeviceCommand,
} from '@gatehouse/contracts';
import { type Clock, describeError, GatehouseError, type Log, sleep } from '@gatehouse/kit';
import { didNothing } from '../bus/request.ts';
import type { Priority } from '../bus/request-queue.ts';
import type { ControlledDevice } from '../devices/controlled-device.ts';
import { looksFirst } from '../devices/safety.ts';
import type { WireRecord } from '../journal/fact.ts';
import { doorstep } from './admission.ts';
import { takesOver } from './priority.ts';

/** Between looks at the contacts after a write: first soon, then calmer. Milliseconds. */
const firstLookMs = 5;
const calmLookMs = 100;

/** Without an echo the relay may have moved: also when the line was lost behind the write. */
const unanswered: readonly string[] = ['BUS_TIMEOUT', 'BUS_WRONG_REPLY', 'BUS_DOWN', 'BUS_EXCEPTION'];
/** What a device is called whose bus is down, or whose board does not answer, before anything was written. */
const lost: readonly string[] = ['BUS_DOWN', 'BUS_TIMEOUT', 'BUS_UNIT_SILENT'];

/** Ends a command before its write. */
export class Refused extends Error {
  readonly state: CommandState;
  readonly reason: CommandReason;
  constructor(state: CommandState, reason: CommandReason) {
    super(reason);
    this.state = state;
    this.reason = reason;
  }
}

/** A hold-open: how long its relay closes, milliseconds, and by whose right. */
export interface HoldOrder {
  readonly by: 'lease' | 'fire';
  readonly forMs: number;
}

export interface ExecutionOptions {
  readonly command: DeviceCommand;
  readonly device: ControlledDevice;
  readonly priority: Priority;
  /** Whose it is: those of different parties take turns on the bus. */
  readonly from: string;
  /** What is more than 0 is written before something less urgent takes over. */
  readonly urgency: number;
  readonly hold: HoldOrder | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** The outcome as accepted. */
  readonly accepted: CommandOutcome;
  /** Monotonic deadline that the absolute expiry meant when the command came: a stepped clock cannot extend it. */
  readonly expiresMonotonicMs: number;
  /** Makes `executing` durable; throws if it cannot, and then nothing is sent. */
  readonly markExecuting: (outcome: CommandOutcome) => void;
}

type End = Pick<CommandOutcome, 'state' | 'relay' | 'feedback'> & { readonly reason?: CommandReason };

/** One command's way over the bus: last checks, one write that is never repeated, then reading back. */
export class Execution {
  readonly #options: ExecutionOptions;
  readonly #abort = new AbortController();
  /** The bus took the write: from here on the relay may have moved, whatever becomes of the line. */
  #taken = false;
  /** Something newer takes over as soon as this has been written. */
  #supersededBehind: CommandReason | undefined;
  readonly wire: WireRecord[] = [];

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  get device(): ControlledDevice {
    return this.#options.device;
  }
  get action(): DeviceCommand['action'] {
    return this.#options.command.action;
  }

  /** A newer command, or a safety reflex, takes the device over: at once, or behind the write of what is more urgent. */
  supersede(reason: CommandReason, urgency: number): void {
    if (takesOver(urgency, this.#options.urgency, this.#taken))
      this.#abort.abort(new Refused('superseded', reason));
    else this.#supersededBehind ??= reason;
  }

  /** Never throws: whatever happens is an end with what is known. */
  async run(): Promise<End> {
    try {
      if (looksFirst(this.device.spec, this.action)) await this.device.board.readInputs(this.#sending);
      const unproven = await this.#write();
      return await this.#readBack(unproven);
    } catch (error) {
      return this.#endedBy(error);
    }
  }

  get #sending() {
    const { priority, from } = this.#options;
    return { priority, from, signal: this.#abort.signal };
  }

  /** Returns what is missing of the board's echo: without it the relay may still have moved. */
  async #write(): Promise<'ECHO_MISSING' | 'EXCEPTION_UNCLEAR' | undefined> {
    try {
      const { hold, command } = this.#options;
      await this.device.act(this.action, {
        ...this.#sending,
        check: () => this.#check(),
        onTake: () => this.#take(),
        record: ({ sent, received }) =>
          this.wire.push({ sent: sent.toString('hex'), received: received.toString('hex') }),
        reflex: command.origin.channel === 'box' && !hold,
        ...(hold ? { forMs: hold.forMs, holdBy: hold.by } : {}),
      });
      return undefined;
    } catch (error) {
      if (!this.#taken || !(error instanceof GatehouseError) || !unanswered.includes(error.code)) throw error;
      if (didNothing(error)) throw error;
      this.#options.log.warn('echo-missing', { commandId: this.#options.command.commandId, error });
      return error.code === 'BUS_EXCEPTION' ? 'EXCEPTION_UNCLEAR' : 'ECHO_MISSING';
    }
  }

  /** On the bus's doorstep: whatever changed while waiting counts now. */
  #check(): void {
    const { command, clock, expiresMonotonicMs } = this.#options;
    this.#abort.signal.throwIfAborted();
    // What the box does by itself follows a reading just made, and is done in spite of a hold or an interlock.
    const byItself = command.origin.channel === 'box';
    const notAdmitted = doorstep({
      looksFirst: looksFirst(this.device.spec, this.action),
      expiresEpochMs: Date.parse(command.expiresAt),
      expiresMonotonicMs,
      epochMs: clock.epochMs(),
      monotonicMs: clock.monotonicMs(),
      reachable: byItself || this.device.board.reachable,
      contactsAgeMs: this.device.contactsAgeMs,
      refusal: byItself ? undefined : this.device.refusal(this.action),
    });
    if (notAdmitted) throw new Refused(notAdmitted.state, notAdmitted.reason);
  }

  #take(): void {
    const { accepted, markExecuting } = this.#options;
    this.#check();
    markExecuting({ ...accepted, state: 'executing', relay: 'unknown', feedback: 'unknown' });
    this.#taken = true;
    if (this.#supersededBehind) this.#abort.abort(new Refused('superseded', this.#supersededBehind));
  }

  async #readBack(unproven: CommandReason | undefined): Promise<End> {
    const writtenMs = this.#options.clock.monotonicMs();
    const relay = await this.#relay(writtenMs);
    const feedback = await this.#feedback(writtenMs);
    if (this.#abort.signal.aborted && feedback !== 'reached') {
      const { reason } = asRefused(this.#abort.signal.reason);
      return { state: 'superseded', reason, relay, feedback };
    }
    const missing =
      unproven ?? (this.action === 'release' ? releaseProof(relay) : missingProof(relay, feedback));
    return missing
      ? { state: 'unconfirmed', reason: missing, relay, feedback }
      : { state: 'confirmed', relay, feedback };
  }

  /** The coil as the board reports it; after the pulse's end an open coil proves nothing. */
  async #relay(writtenMs: number): Promise<CommandOutcome['relay']> {
    const { device, clock, priority, from } = this.#options;
    const channel = device.channel(this.action);
    try {
      const { bits } = await device.board.readRelays({ priority, from });
      if (channel !== undefined && bits[channel]) return 'actuated';
      if (this.action === 'release') return 'not-actuated';
      return clock.monotonicMs() - writtenMs < (this.#options.hold?.forMs ?? device.spec.pulseMs)
        ? 'not-actuated'
        : 'unknown';
    } catch (error) {
      this.#options.log.warn('relay-not-read', { device: device.spec.id, why: describeError(error) });
      return 'unknown';
    }
  }

  /** Looks at the contacts until the limit is reached, the time is over, or another command takes over. */
  async #feedback(writtenMs: number): Promise<CommandOutcome['feedback']> {
    const { device, clock } = this.#options;
    const target = {
      open: 'open',
      'hold-open': 'open',
      close: 'closed',
      stop: undefined,
      release: undefined,
    }[this.action];
    if (target === undefined || !this.#contactFitted(target === 'open')) return 'none-fitted';
    let seen = false;
    for (let lookMs = firstLookMs; ; lookMs = Math.min(calmLookMs, lookMs * 1.5)) {
      seen = (await this.#look()) || seen;
      if (seen && device.position === target) return 'reached';
      if (this.#abort.signal.aborted) return 'unknown';
      if (clock.monotonicMs() - writtenMs >= device.spec.moveWithinMs)
        return seen ? 'not-reached' : 'unknown';
      await sleep(clock, lookMs, this.#abort.signal);
    }
  }

  async #look(): Promise<boolean> {
    try {
      await this.device.board.readInputs(this.#sending);
      return true;
    } catch (error) {
      if (!this.#abort.signal.aborted)
        this.#options.log.debug('contacts-not-read', {
          device: this.device.spec.id,
          why: describeError(error),
        });
      return false;
    }
  }

  /** A door may have a contact for either end; a barrier's limit must be the one it travels to. */
  #contactFitted(open: boolean): boolean {
    const { kind, inputs } = this.device.spec;
    if (kind === 'door') return inputs.open !== undefined || inputs.closed !== undefined;
    return (open ? inputs.open : inputs.closed) !== undefined;
  }

  #endedBy(error: unknown): End {
    const untouched = { relay: 'not-actuated', feedback: 'unknown' } as const;
    if (error instanceof Refused) return { state: error.state, reason: error.reason, ...untouched };
    if (error instanceof GatehouseError) {
      const reason = lost.includes(error.code) ? 'DEVICE_LOST' : codeIn(CommandReason, error.code);
      this.#options.log.warn('command-not-sent', { commandId: this.#options.command.commandId, error });
      return { state: 'rejected', reason, ...untouched };
    }
    this.#options.log.error('command-failed', { commandId: this.#options.command.commandId, error });
    return { state: 'unconfirmed', reason: 'INTERNAL_ERROR', relay: 'unknown', feedback: 'unknown' };
  }
}

/** A hold has ended when its relay is read as off. */
function releaseProof(relay: CommandOutcome['relay']): CommandReason | undefined {
  if (relay === 'actuated') return 'RELAY_NOT_RELEASED';
  return relay === 'unknown' ? 'NOT_READ_BACK' : undefined;
}

function missingProof(
  relay: CommandOutcome['relay'],
  feedback: CommandOutcome['feedback'],
): CommandReason | undefined {
  if (relay === 'not-actuated') return 'RELAY_NOT_ACTUATED';
  if (feedback === 'not-reached') return 'FEEDBACK_NOT_REACHED';
  return relay === 'unknown' || feedback === 'unknown' ? 'NOT_READ_BACK' : undefined;
}

function asRefused(reason: unknown): Refused {
  return reason instanceof Refused ? reason : new Refused('superseded', 'SUPERSEDED');
}
