import { type HealthFault, healthFault } from '@gatehouse/contracts';
import { type Clock, describeError, GatehouseError, type Log, type Part, systemCode } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';

/** Evidence files by incident. */
export interface EvidenceFiles {
  incidents(): readonly { readonly id: string; readonly writtenMs: number }[];
  remove(incident: string): void;
}

export interface RetentionJobOptions {
  readonly store: EventStore;
  readonly evidence: readonly EvidenceFiles[];
  /**
   * Days that evidence without an incident is kept: it belongs to an incident that a restored backup does not
   * know.
   */
  readonly evidenceDays: number;
  readonly clock: Clock;
  readonly log: Log;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Between two steps, so that an alarm waits for one step at most. */
const pauseMs = 50;
/**
 * A clock that jumped this far ahead may be wrong. For a day nothing is deleted by it, so that somebody can
 * set it right.
 */
const doubtfulMs = hourMs;
const doubtForMs = dayMs;

/**
 * Deletes records past their term, every hour, in small steps, with the stills and clips of the incidents
 * that go.
 */
export class RetentionJob implements Part {
  readonly #options: RetentionJobOptions;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => undefined;
  #failure: unknown;
  constructor(options: RetentionJobOptions) {
    this.#options = options;
  }

  start(): void {
    const { store, clock } = this.#options;
    const newest = store.newestMs();
    // The box was off for days, or its clock started in another year: it cannot tell which.
    if (newest !== undefined && clock.epochMs() - newest > dayMs) this.#doubt();
    this.#next(hourMs);
  }
  stop(): void {
    this.#cancel();
  }

  /** Nothing past its term is deleted: the disk fills. */
  health(): HealthFault[] {
    if (this.#failure === undefined) return [];
    return [healthFault('records', 'RETENTION_FAILED', { reason: describeError(this.#failure) })];
  }

  /** The wall clock was stepped. */
  clockStepped(stepMs: number): void {
    if (stepMs > doubtfulMs) this.#doubt();
  }

  #doubt(): void {
    this.#notBeforeMs = this.#options.clock.monotonicMs() + doubtForMs;
    this.#options.log.warn('retention-waits-for-the-clock', { hours: doubtForMs / hourMs });
  }
  #next(delayMs: number): void {
    this.#cancel = this.#options.clock.after(delayMs, () => this.#next(this.#step()));
  }

  /** Returns milliseconds until the next step. */
  #step(): number {
    const { store, evidence, clock, log } = this.#options;
    if (clock.monotonicMs() < this.#notBeforeMs) return hourMs;
    try {
      const { incidents, more } = store.prune(clock.epochMs());
      for (const id of incidents) for (const files of evidence) files.remove(id);
      if (incidents.length > 0) log.info('incidents-past-their-term', { count: incidents.length });
      if (more) return pauseMs;
      this.#sweep();
      this.#failure = undefined;
    } catch (error) {
      if (!(error instanceof GatehouseError) && systemCode(error) === undefined) throw error;
      log.warn('retention-failed', { error });
      this.#failure = error;
    }
    return hourMs;
  }

  /** Files whose incident is gone: a stop between the deletion of the two, or a restored backup. */
  #sweep(): void {
    const { store, evidence, evidenceDays, clock } = this.#options;
    const beforeMs = clock.epochMs() - evidenceDays * dayMs;
    for (const files of evidence)
      for (const { id, writtenMs } of files.incidents())
        if (writtenMs < beforeMs && !store.incident(id)) files.remove(id);
  }
}
