import {
  type ConfigurePart,
  codeIn,
  type DesiredAnswer,
  type DesiredMessage,
  DesiredReason,
  type DesiredView,
  type DesiredWait,
  faultBy,
  type HealthFault,
  partsOf,
} from '@gatehouse/contracts';
import { type Clock, errorOf, every, GatehouseError, type Log, type Part, WindowLimit } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';
import { type IntakeOptions, readMessage } from './intake.ts';
import { type DesiredEvent, isNews, type Step } from './machine.ts';
import type { ConfigurablePart } from './part.ts';
import { codeOf, Parts } from './parts.ts';
import { PhaseRecord } from './phase-record.ts';
import { Refusals } from './refusals.ts';
import { type Fault, faultKey, RollbackWatch } from './rollback-watch.ts';
import type { Current, Kept, StateFile } from './state-file.ts';

const stepMs = 1_000;
/**
 * The interval at which each phase looks at the box. For a settled version it looks only for local changes.
 */
const lookEveryMs: Readonly<Partial<Record<Step['phase'], number>>> = {
  watching: 5_000,
  'rolling-back': 5_000,
  settled: 60_000,
};
/**
 * A message costs up to 60 ms for its signature and schema, and seconds for zones of a large site (drop
 * policy: drop-newest).
 */
const messagesPerMinute = 12;

export interface DesiredStateOptions extends IntakeOptions {
  readonly file: StateFile;
  readonly parts: Readonly<Record<ConfigurePart, ConfigurablePart>>;
  /** Reasons against a change now. */
  readonly unquiet: () => readonly DesiredWait[];
  /** The box's faults now. */
  readonly faults: () => readonly Fault[];
  readonly store: Pick<EventStore, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The platform's desired state on this box: takes versions, and carries each through the machine's phases.
 * Each decision is on disk before it is carried out.
 */
export class DesiredState implements Part {
  readonly #options: DesiredStateOptions;
  readonly #phases: PhaseRecord;
  readonly #parts: Parts;
  readonly #refusals: Refusals;
  readonly #limit: WindowLimit;
  #waits: readonly DesiredWait[] = [];
  /** The step of the last look, its time, and the watch over it so far. */
  #at: Step | undefined;
  #lookedMs = 0;
  #watch: RollbackWatch | undefined;
  #busy = false;
  /** True once the machine knows that this is another process. */
  #resumed = false;
  #failure: unknown;
  #stop: () => void = () => undefined;

  constructor(options: DesiredStateOptions) {
    this.#options = options;
    this.#phases = new PhaseRecord(options);
    this.#parts = new Parts(options.parts);
    this.#refusals = new Refusals(options.store, options.clock);
    this.#limit = new WindowLimit(messagesPerMinute, 60_000, options.clock);
  }

  /** Goes on where the process before this one ended. A roll-back of zones is complete before it returns. */
  async start(): Promise<void> {
    this.#phases.load();
    await this.#step();
    this.#stop = every(this.#options.clock, stepMs, () => void this.#step());
  }

  stop(): void {
    this.#stop();
  }

  /** The newest version and its phase; `undefined` if none ever came. */
  view(): DesiredView | undefined {
    const { standing, current } = this.#phases.record;
    const { now } = standing;
    if (now.phase === 'none') return undefined;
    const reason = 'reason' in now ? now.reason : undefined;
    return {
      phase: now.phase,
      version: now.version,
      parts: current?.version === now.version ? partsOf(current.parts) : [],
      ...(reason === undefined ? {} : { reason: codeIn(DesiredReason, reason) }),
      ...(now.phase === 'staged' && this.#waits.length > 0 ? { waitsFor: [...this.#waits] } : {}),
    };
  }

  health(): HealthFault[] {
    return this.#failure === undefined ? [] : [faultBy('platform', 'DESIRED_WAITS', this.#failure)];
  }

  /**
   * Takes a message over; durable when it returns. Throws `MESSAGES_LIMITED`, or `DESIRED_NOT_KEPT` for one
   * that must come again.
   */
  take(message: DesiredMessage): DesiredAnswer {
    if (!this.#limit.take()) throw limited();
    const reading = readMessage(message, this.#options, this.#options.clock.epochMs());
    if (reading.is === 'no-version') {
      const { reason, key, again } = reading;
      this.#try(() => this.#refusals.tell(message, reason, key));
      return { taken: false, refusal: reason, ...(again ? { again } : {}) };
    }
    const { desired, key } = reading;
    const { version, user, parts } = desired.data;
    if (!isNews(this.#phases.record.standing, version)) return { taken: false };
    const arrived: Kept = { version, key, user, parts };
    const wrong = reading.is === 'not-permitted' ? 'NOT_PERMITTED' : this.#parts.unfit(arrived);
    const event: DesiredEvent =
      wrong === undefined ? { type: 'arrived', version } : { type: 'arrived-wrong', version, reason: wrong };
    const waits = this.#options.unquiet();
    this.#phases.move(event, { arrived, waits });
    this.#try(() => this.#phases.tell());
    return wrong === undefined ? { taken: true } : { taken: false, refusal: codeIn(DesiredReason, wrong) };
  }

  async #step(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      if (!this.#resumed) this.#phases.move({ type: 'restarted' });
      this.#resumed = true;
      // A phase leads to the next at once. A phase that has to wait changes nothing.
      for (let before: unknown; before !== this.#phases.record.standing; ) {
        before = this.#phases.record.standing;
        // A full store must not prevent a roll-back.
        this.#try(() => this.#phases.tell());
        await this.#look();
      }
      if (this.#phases.record.untold.length === 0) this.#failure = undefined;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#busy = false;
    }
  }

  async #look(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const { now } = this.#phases.record.standing;
    if (now === this.#at && nowMs - this.#lookedMs < (lookEveryMs[now.phase] ?? 0)) return;
    if (now !== this.#at) this.#watch = undefined;
    this.#at = now;
    this.#lookedMs = nowMs;
    await this.#release();
    const { current } = this.#phases.record;
    if (!current) return;
    if (now.phase === 'staged') await this.#begin(current);
    // Applied, but the disk did not take the record of it. As after a kill nobody knows how far it came.
    else if (now.phase === 'applying') this.#phases.move({ type: 'restarted' });
    else if (now.phase === 'watching') await this.#judge(current);
    else if (now.phase === 'rolling-back') {
      await this.#parts.undo(current);
      this.#move(current, { type: 'undone' });
    } else if (now.phase === 'settled' && (await this.#areEdited(current)))
      this.#move(current, { type: 'edited' });
  }

  /** Waits until the box is quiet, and applies at that moment. */
  async #begin(current: Current): Promise<void> {
    const { unquiet, faults } = this.#options;
    try {
      // A version may replace only the content that is in place when it is staged. Later changes are
      // somebody's own.
      if (!current.base) this.#phases.base(current, await this.#parts.base(current));
      const { current: staged = current } = this.#phases.record;
      this.#waits = unquiet();
      if (this.#waits.length > 0) return;
      if (await this.#parts.areEdited(staged, false)) return this.#move(staged, { type: 'edited' });
    } catch (error) {
      if (!isDown(error)) return this.#move(current, { type: 'unfit', reason: codeOf(error) });
      this.#waits = ['FLOWS_DOWN'];
      return;
    }
    const unfit = this.#parts.unfit(current);
    if (unfit !== undefined) return this.#move(current, { type: 'unfit', reason: unfit });
    const faultsBefore = [...faults(), ...(await this.#parts.faults(current))].map(faultKey);
    // The last look has none after it.
    this.#waits = unquiet();
    if (this.#waits.length > 0 || this.#phases.record.current?.version !== current.version) return;
    if (this.#phases.move({ type: 'quiet' }, { faultsBefore })) await this.#apply();
  }

  async #apply(): Promise<void> {
    const { current } = this.#phases.record;
    if (!current) return;
    try {
      await this.#parts.apply(current);
    } catch (error) {
      this.#options.log.warn('desired-state-not-applied', { version: current.version, error });
      return this.#move(current, { type: 'apply-failed', reason: codeOf(error) });
    }
    this.#move(current, { type: 'applied' });
  }

  async #judge(current: Current): Promise<void> {
    const { clock, faults } = this.#options;
    // Edits are looked at before the faults. If the flows service replaced the flows by itself, that is no
    // edit, and the later look finds it as a fault.
    const edited = await this.#areEdited(current);
    this.#watch ??= new RollbackWatch(current.faultsBefore ?? [], clock.monotonicMs());
    const found = [...faults(), ...(await this.#parts.faults(current))];
    const judgement = this.#watch.judge(found, clock.monotonicMs());
    if (judgement.is === 'worse') {
      const { reason, subject } = judgement.fault;
      this.#move(current, { type: 'worse', reason, subject });
    } else if (edited) this.#move(current, { type: 'edited' });
    else if (judgement.is === 'held') this.#move(current, { type: 'held' });
  }

  /** While the flows are down nobody edits them. */
  async #areEdited(current: Current): Promise<boolean> {
    try {
      return await this.#parts.areEdited(current, true);
    } catch (error) {
      if (isDown(error)) return false;
      throw error;
    }
  }

  /** The flows may be down. Then each look tries again, and nothing waits for it. */
  async #release(): Promise<void> {
    const { ended } = this.#phases.record;
    if (!ended) return;
    try {
      await this.#parts.release(ended);
    } catch (error) {
      this.#options.log.debug('desired-state-not-released', { error });
      return;
    }
    this.#phases.released(ended);
  }

  /** Only while the same version is still under way: a newer one may have come meanwhile. */
  #move({ version }: Current, event: DesiredEvent): void {
    if (this.#phases.record.current?.version === version) this.#phases.move(event, { waits: this.#waits });
  }

  /** A report that cannot be stored now is stored with the next step. */
  #try(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Tried again with the next step; the log has each reason once. */
  #failed(error: unknown): void {
    if (reasonOf(error) !== reasonOf(this.#failure)) this.#options.log.warn('desired-state-waits', { error });
    this.#failure = error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof GatehouseError ? error.code : String(error);
}

function isDown(error: unknown): boolean {
  return error instanceof GatehouseError && error.code === 'PEER_DOWN';
}

function limited(): GatehouseError {
  return errorOf('MESSAGES_LIMITED/desired', { most: messagesPerMinute });
}
