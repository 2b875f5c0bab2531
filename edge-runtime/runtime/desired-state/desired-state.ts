import {
  type ConfigurePart,
  type DesiredAnswer,
  type DesiredMessage,
  type DesiredView,
  type DesiredWait,
  eventTypes,
  partsOf,
} from '@gatehouse/contracts';
import { type Clock, every, GatehouseError, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';
import { RequestLimit } from '../apis/request-limit.ts';
import { fingerprint, type IntakeOptions, readMessage } from './intake.ts';
import { type DesiredEvent, isNews, moved, type Told } from './machine.ts';
import type { ConfigurablePart, Update } from './part.ts';
import { emptyDesired, type Kept, type StateFile, type StoredDesired } from './state-file.ts';
import { type Fault, faultKey, Watch } from './watch.ts';

const stepMs = 1_000;
/** How often each phase looks at the box; a settled version only for what somebody has changed since. */
const lookEveryMs: Readonly<Partial<Record<string, number>>> = {
  watching: 5_000,
  'rolling-back': 5_000,
  settled: 60_000,
};
/** A message costs up to 60 ms for its signature and schema, and seconds for zones of a large site (drop policy: drop-newest). */
const messagesPerMinute = 12;
/** Messages that are no version are told one by one up to here: each is a row on the disk, and whoever may publish can cause them. */
const toldPerMinute = 10;

export interface DesiredStateOptions extends IntakeOptions {
  readonly file: StateFile;
  readonly parts: Readonly<Record<ConfigurePart, ConfigurablePart>>;
  /** What stands against a change now. */
  readonly unquiet: () => readonly DesiredWait[];
  /** What is not well with the box now. */
  readonly faults: () => readonly Fault[];
  readonly store: Pick<EventStore, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The platform's desired state on this box: takes versions, and carries each through the machine's phases. Whatever is decided is on
 * disk before it is done.
 */
export class DesiredState implements Part {
  readonly #options: DesiredStateOptions;
  readonly #limit: RequestLimit;
  readonly #told: RequestLimit;
  #record: StoredDesired = emptyDesired;
  #waits: readonly DesiredWait[] = [];
  #watch: Watch | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #busy = false;
  /** Whether the machine knows that this is another process. */
  #resumed = false;
  #failure = '';
  /** The last message that was no version, and how many were not told. */
  #lastRefused = '';
  #leftOut = 0;
  #stop: () => void = () => undefined;

  constructor(options: DesiredStateOptions) {
    this.#options = options;
    this.#limit = new RequestLimit(messagesPerMinute, 60_000, options.clock);
    this.#told = new RequestLimit(toldPerMinute, 60_000, options.clock);
  }

  /** Goes on where the process before this one ended; a roll-back of zones is through before it returns. */
  async start(): Promise<void> {
    const { file, clock } = this.#options;
    this.#record = file.load();
    await this.#step();
    this.#stop = every(clock, stepMs, () => void this.#step());
  }

  stop(): void {
    this.#stop();
  }

  /** The newest version and where it stands; `undefined` if none ever came. */
  view(): DesiredView | undefined {
    const { now } = this.#record.standing;
    if (now.phase === 'none') return undefined;
    const { current } = this.#record;
    const reason = 'reason' in now ? now.reason : undefined;
    return {
      ...{ phase: now.phase, version: now.version },
      parts: current?.version === now.version ? partsOf(current.parts) : [],
      ...(reason === undefined ? {} : { reason }),
      ...(now.phase === 'staged' && this.#waits.length > 0 ? { waitsFor: [...this.#waits] } : {}),
    };
  }

  /** Takes a message over; durable when it returns. Throws `MESSAGES_LIMITED`, or `DESIRED_NOT_KEPT` for one that must come again. */
  take(message: DesiredMessage): DesiredAnswer {
    const { clock } = this.#options;
    if (!this.#limit.take()) throw limited();
    const reading = readMessage(message, this.#options, clock.epochMs());
    if (reading.is === 'no-version') {
      const { reason, key, again } = reading;
      this.#refuse(fingerprint(message, reason), reason, key);
      return { taken: false, refusal: reason, ...(again ? { again } : {}) };
    }
    const { desired, key } = reading;
    const { version, user, parts } = desired.data;
    if (!isNews(this.#record.standing, version)) return { taken: false };
    const kept: Kept = { version, key, user, parts };
    const wrong = reading.is === 'not-permitted' ? 'NOT_PERMITTED' : this.#unfit(kept);
    if (wrong !== undefined) {
      this.#move({ type: 'arrived-wrong', version, reason: wrong }, kept);
      return { taken: false, refusal: wrong };
    }
    this.#waits = this.#options.unquiet();
    this.#move({ type: 'arrived', version }, kept);
    return { taken: true };
  }

  /** Makes one move durable, and with it what is to be told; in memory it counts once it is on disk. */
  #move(event: DesiredEvent, arrived?: Kept, changes: Partial<Kept & StoredDesired['current']> = {}): void {
    const before = this.#record;
    const { standing, told } = moved(before.standing, event);
    if (standing === before.standing) return;
    const known = [arrived, before.current, before.next].filter((one) => one !== undefined);
    const of = (version: number) => known.find((one) => one.version === version);
    const { now, next } = standing;
    const current = of(now.version);
    const waiting = next === undefined ? undefined : of(next);
    const last = before.standing.now.version;
    const ended = told.some(({ phase, version }) => version === last && finals.includes(phase));
    const toRelease = ended ? of(last) : before.ended;
    const record: StoredDesired = {
      standing,
      ...(current ? { current: { ...current, ...changes } } : {}),
      ...(toRelease ? { ended: keptOf(toRelease) } : {}),
      ...(waiting ? { next: waiting } : {}),
      untold: [...before.untold, ...told.map((one) => this.#tale(one, of(one.version)))],
    };
    this.#options.file.save(record);
    this.#record = record;
    if (now !== before.standing.now) {
      this.#lookedMs = Number.NEGATIVE_INFINITY;
      this.#watch = undefined;
    }
    this.#options.log.info('desired-state', { on: event.type, phase: now.phase, version: now.version });
    this.#tellAll();
  }

  #tale({ phase, version, reason, subject }: Told, kept: Kept | undefined): StoredDesired['untold'][number] {
    const waits = phase === 'staged' ? this.#waits : [];
    return {
      time: isoWithOffset(this.#options.clock.epochMs()),
      who: kept ? byOf(kept) : 'upstream',
      data: {
        ...{ phase, version },
        ...(kept ? { parts: partsOf(kept.parts), key: kept.key } : {}),
        ...(reason === undefined ? {} : { reason }),
        ...(subject === undefined ? {} : { subject }),
        ...(waits.length > 0 ? { waitsFor: [...waits] } : {}),
      },
    };
  }

  /** What is decided goes into the outbox, and off the list once it is there: a kill in between tells it twice. */
  #tellAll(): void {
    const { store, file } = this.#options;
    while (this.#record.untold.length > 0) {
      const [first, ...untold] = this.#record.untold;
      if (!first) return;
      const { time, who, data } = first;
      const what = ['desired-state', data.phase, data.version, data.reason].filter(Boolean).join(' ');
      const told = this.#try(() => {
        store.record(
          { eventclass: 'door', type: eventTypes.desiredState, time, data },
          { at: time, who, what },
        );
        file.save({ ...this.#record, untold });
      });
      if (!told) return;
      this.#record = { ...this.#record, untold };
    }
  }

  async #step(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      if (!this.#resumed) this.#move({ type: 'restarted' });
      this.#resumed = true;
      this.#tellAll();
      // A phase leads to the next at once; what has to wait changes nothing.
      for (let before: unknown; before !== this.#record.standing; ) {
        before = this.#record.standing;
        await this.#look();
      }
      this.#failure = '';
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#busy = false;
    }
  }

  async #look(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const { phase } = this.#record.standing.now;
    if (nowMs - this.#lookedMs < (lookEveryMs[phase] ?? 0)) return;
    this.#lookedMs = nowMs;
    if (this.#record.ended) await this.#release(this.#record.ended);
    const { current } = this.#record;
    if (!current) return;
    if (phase === 'staged') await this.#begin(current);
    // Applied, but the disk did not take that it was: how far it came is not known, as after a kill.
    else if (phase === 'applying') this.#move({ type: 'restarted' });
    else if (phase === 'watching') await this.#judge(current);
    else if (phase === 'rolling-back') await this.#undo(current);
    else if (phase === 'settled' && (await this.#isEdited(current).catch(unlessDown)))
      this.#moveOn(current, { type: 'edited' });
  }

  /** Waits until the box is quiet, and applies at that moment. */
  async #begin(current: Current): Promise<void> {
    const { unquiet, faults } = this.#options;
    try {
      if (!current.base) return await this.#base(current);
      this.#waits = unquiet();
      if (this.#waits.length > 0) return;
      if (await this.#isEdited(current)) return this.#moveOn(current, { type: 'edited' });
    } catch (error) {
      if (!isDown(error)) return this.#moveOn(current, { type: 'unfit', reason: codeOf(error) });
      this.#waits = ['FLOWS_DOWN'];
      return;
    }
    const unfit = this.#unfit(current);
    if (unfit !== undefined) return this.#moveOn(current, { type: 'unfit', reason: unfit });
    const before = [...faults(), ...(await this.#partFaults(current))].map(faultKey);
    // The last look is the one that nothing comes after.
    this.#waits = unquiet();
    if (this.#waits.length > 0 || this.#record.current !== current) return;
    this.#move({ type: 'quiet' }, undefined, { faultsBefore: before });
    await this.#apply();
  }

  /** What is in place when a version is staged is what it may replace: later changes are somebody's own. */
  async #base(current: Current): Promise<void> {
    const base: Partial<Record<ConfigurePart, unknown>> = {};
    for (const [name, part] of this.#parts(current)) base[name] = await part.base(updateOf(current));
    if (this.#record.current !== current) return;
    const record = { ...this.#record, current: { ...current, base } };
    this.#options.file.save(record);
    this.#record = record;
    await this.#begin(record.current);
  }

  async #apply(): Promise<void> {
    const { current } = this.#record;
    if (!current) return;
    try {
      for (const [name, part] of this.#parts(current))
        await part.apply(updateOf(current), current.base?.[name]);
    } catch (error) {
      this.#options.log.warn('desired-state-not-applied', { version: current.version, error });
      return this.#moveOn(current, { type: 'apply-failed', reason: codeOf(error) });
    }
    this.#moveOn(current, { type: 'applied' });
  }

  async #judge(current: Current): Promise<void> {
    const { clock, faults } = this.#options;
    // Looked at before the faults: flows that gave way by themselves are no edit, and by then they are a fault.
    const edited = await this.#isEdited(current).catch(unlessDown);
    this.#watch ??= new Watch(current.faultsBefore ?? [], clock.monotonicMs());
    const found = [...faults(), ...(await this.#partFaults(current))];
    const judgement = this.#watch.judge(found, clock.monotonicMs());
    if (judgement.is === 'worse') {
      const { reason, subject } = judgement.fault;
      this.#moveOn(current, { type: 'worse', reason, subject });
    } else if (edited) this.#moveOn(current, { type: 'edited' });
    else if (judgement.is === 'held') this.#moveOn(current, { type: 'held' });
  }

  async #undo(current: Current): Promise<void> {
    for (const [name, part] of this.#parts(current))
      if (current.base) await part.undo(updateOf(current), current.base[name]);
    this.#moveOn(current, { type: 'undone' });
  }

  /** The flows may be down: then it is tried again with each look, and nothing waits for it. */
  async #release(ended: Kept): Promise<void> {
    try {
      for (const [, part] of this.#parts(ended)) await part.release(updateOf(ended));
    } catch (error) {
      return this.#options.log.debug('desired-state-not-released', { error });
    }
    if (this.#record.ended !== ended) return;
    const { ended: _, ...record } = this.#record;
    this.#options.file.save(record);
    this.#record = record;
  }

  /** Only if the version that was looked at is still the one it is about: a newer one may have come meanwhile. */
  #moveOn(current: Current, event: DesiredEvent): void {
    if (this.#record.current?.version === current.version) this.#move(event);
  }

  async #isEdited(current: Current): Promise<boolean> {
    for (const [name, part] of this.#parts(current)) {
      const standing = await part.standing(updateOf(current), current.base?.[name]);
      const after = this.#record.standing.now.phase !== 'staged';
      if (standing === 'edited' || (after && standing === 'before')) return true;
    }
    return false;
  }

  async #partFaults(current: Current): Promise<Fault[]> {
    const found: Fault[] = [];
    for (const [name, part] of this.#parts(current))
      found.push(...(await part.faults(updateOf(current), current.base?.[name])));
    return found;
  }

  #unfit(kept: Kept): string | undefined {
    try {
      for (const [, part] of this.#parts(kept)) part.check(updateOf(kept));
    } catch (error) {
      return codeOf(error);
    }
    return undefined;
  }

  #parts({ parts }: Kept): [ConfigurePart, ConfigurablePart][] {
    return partsOf(parts).map((name) => [name, this.#options.parts[name]]);
  }

  /** A message that is no version of this box: an event and a record, within a budget. */
  #refuse(print: string, reason: string, key: string | undefined): void {
    if (print === this.#lastRefused) return;
    this.#lastRefused = print;
    if (!this.#told.take()) {
      this.#leftOut++;
      return;
    }
    const time = isoWithOffset(this.#options.clock.epochMs());
    const leftOut = this.#leftOut > 0 ? { leftOut: this.#leftOut } : {};
    const data = { phase: 'refused' as const, reason, ...(key ? { key } : {}), ...leftOut };
    const told = this.#try(() =>
      this.#options.store.record(
        { eventclass: 'door', type: eventTypes.desiredState, time, data },
        { at: time, who: `upstream ${key ?? ''}`.trim(), what: `desired-state refused ${reason}` },
      ),
    );
    if (told) this.#leftOut = 0;
  }

  #try(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** Tried again with the next step; the log has each reason once. */
  #failed(error: unknown): void {
    const code = error instanceof GatehouseError ? error.code : String(error);
    if (code !== this.#failure) this.#options.log.warn('desired-state-waits', { error });
    this.#failure = code;
  }
}

type Current = NonNullable<StoredDesired['current']>;

const finals = ['settled', 'rolled-back', 'refused', 'superseded'];

function keptOf({ version, key, user, parts }: Kept): Kept {
  return { version, key, user, parts };
}

function byOf({ key, user }: Kept): string {
  return `upstream ${key} ${user}`;
}

function updateOf(kept: Kept): Update {
  return { version: kept.version, by: byOf(kept), parts: kept.parts };
}

function codeOf(error: unknown): string {
  return error instanceof GatehouseError ? error.code : 'INTERNAL';
}

function isDown(error: unknown): boolean {
  return error instanceof GatehouseError && error.code === 'PEER_DOWN';
}

/** While the flows are down nobody edits them. */
function unlessDown(error: unknown): false {
  if (isDown(error)) return false;
  throw error;
}

function limited(): GatehouseError {
  return new GatehouseError(
    'MESSAGES_LIMITED',
    'peer',
    `more than ${messagesPerMinute} messages of desired state came within a minute.`,
    "See who publishes to this box's topics.",
  );
}
