import { codeIn, DesiredReason, type DesiredWait, eventTypes, partsOf } from '@gatehouse/contracts';
import { type Clock, isoWithOffset, type Log } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';
import { type DesiredEvent, type Final, moved, type Told } from './machine.ts';
import { byOf } from './part.ts';
import { type Current, emptyDesired, type Kept, type StateFile, type StoredDesired } from './state-file.ts';

export interface PhaseRecordOptions {
  readonly file: StateFile;
  readonly store: Pick<EventStore, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
}

const finals: readonly Told['phase'][] = [
  'settled',
  'rolled-back',
  'refused',
  'superseded',
] satisfies Final[];

/**
 * The desired state's phase, and which reports of it have reached the outbox. Memory holds the same as the
 * disk, never more.
 */
export class PhaseRecord {
  readonly #options: PhaseRecordOptions;
  #record: StoredDesired = emptyDesired;
  constructor(options: PhaseRecordOptions) {
    this.#options = options;
  }

  load(): void {
    this.#record = this.#options.file.load();
  }

  get record(): StoredDesired {
    return this.#record;
  }

  /**
   * Makes one move durable, with its reports for the platform. Throws `DESIRED_NOT_KEPT`; nothing has moved
   * then.
   * @param arrived the version that the event brings
   * @param waits the reason why it waits, if the move stages a version
   * @param faultsBefore the box's faults before it is applied
   * @returns whether there was a move
   */
  move(
    event: DesiredEvent,
    more: {
      readonly arrived?: Kept;
      readonly waits?: readonly DesiredWait[];
      readonly faultsBefore?: string[];
    } = {},
  ): boolean {
    const before = this.#record;
    const { standing, told } = moved(before.standing, event);
    if (standing === before.standing) return false;
    const known = [more.arrived, before.current, before.next].filter((one) => one !== undefined);
    const of = (version: number) => known.find((one) => one.version === version);
    const { now, next } = standing;
    const current = of(now.version);
    const waiting = next === undefined ? undefined : of(next);
    const last = before.standing.now.version;
    const ended = told.some(({ phase, version }) => version === last && finals.includes(phase));
    const toRelease = ended ? of(last) : before.ended;
    const faults = more.faultsBefore ? { faultsBefore: more.faultsBefore } : {};
    this.#save({
      standing,
      ...(current ? { current: { ...current, ...faults } } : {}),
      ...(toRelease ? { ended: keptOf(toRelease) } : {}),
      ...(waiting ? { next: keptOf(waiting) } : {}),
      untold: [...before.untold, ...told.map((one) => this.#tale(one, of(one.version), more.waits ?? []))],
    });
    this.#options.log.info('desired-state', { on: event.type, phase: now.phase, version: now.version });
    return true;
  }

  /**
   * Keeps the content that was in place before a version is applied, unless another version has taken its
   * place.
   */
  base(current: Current, base: NonNullable<Current['base']>): void {
    if (this.#record.current === current) this.#save({ ...this.#record, current: { ...current, base } });
  }

  /** The parts keep nothing more for its roll-back. */
  released(ended: Kept): void {
    if (this.#record.ended !== ended) return;
    const { ended: _, ...record } = this.#record;
    this.#save(record);
  }

  /** Puts each report into the outbox, and then takes it off the list. A kill in between sends it twice. */
  tell(): void {
    for (let [first, ...untold] = this.#record.untold; first; [first, ...untold] = this.#record.untold) {
      const { time, who, data } = first;
      const what = ['desired-state', data.phase, data.version, data.reason].filter(Boolean).join(' ');
      const entry = { eventclass: 'door', type: eventTypes.desiredState, time, data } as const;
      this.#options.store.record(entry, { at: time, who, what });
      this.#save({ ...this.#record, untold });
    }
  }

  #save(record: StoredDesired): void {
    this.#options.file.save(record);
    this.#record = record;
  }

  #tale(
    { phase, version, reason, subject }: Told,
    kept: Kept | undefined,
    waits: readonly DesiredWait[],
  ): StoredDesired['untold'][number] {
    return {
      time: isoWithOffset(this.#options.clock.epochMs()),
      who: kept ? byOf(kept) : 'upstream',
      data: {
        phase,
        version,
        ...(kept ? { parts: partsOf(kept.parts), key: kept.key } : {}),
        ...(reason === undefined ? {} : { reason: codeIn(DesiredReason, reason) }),
        ...(subject === undefined ? {} : { subject }),
        ...(phase === 'staged' && waits.length > 0 ? { waitsFor: [...waits] } : {}),
      },
    };
  }
}

function keptOf({ version, key, user, parts }: Kept): Kept {
  return { version, key, user, parts };
}
