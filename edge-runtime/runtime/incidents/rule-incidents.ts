import {
  type Camera,
  type CameraView,
  type Finding,
  faultBy,
  type HealthFault,
  type Incident,
  type Prompt,
  type Site,
  type TrackFrame,
} from '@gatehouse/contracts';
import {
  applyFinding,
  type DroppedSubject,
  dedupeKeyOf,
  type EngineState,
  IncidentEngine,
  incidentId,
} from '@gatehouse/incidents';
import { type Clock, GatehouseError, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import { asStored, type EventStore, type IncidentWrite, type TrackStore } from '@gatehouse/store';
import type { Hub } from '../hub.ts';
import { watched } from '../look-back/at-moment.ts';
import { cleared, told } from './incident-life.ts';
import type { IncidentRecords } from './incident-records.ts';

/** Rule state is saved at least this often, so that a restart costs at most this much dwell. */
const saveEveryMs = 5_000;
/** After a failed write (disk full), the next attempt. */
const retryAfterMs = 1_000;
/**
 * Findings kept in memory while the disk refuses them. Past it `updated` findings are dropped: only opened
 * and cleared are facts.
 */
const maxPending = 10_000;

export interface RuleIncidentsOptions {
  /** The first zones, rules and calendar. */
  readonly site: Site;
  readonly tracks: TrackStore;
  readonly store: EventStore;
  readonly frames: Hub<TrackFrame>;
  readonly records: IncidentRecords;
  /** Stages before an incident, for the present listeners. */
  readonly prompts: Hub<Prompt>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The key under which the engine's state of all cameras is saved. */
const engineKey = 'all';

/**
 * Frames in, incidents out: steps the rules, commits their findings with their own state, then publishes
 * them. A finding that cannot be written waits in memory until it can be.
 */
export class RuleIncidents implements Part {
  readonly #options: RuleIncidentsOptions;
  /** Findings with the time they were made. */
  #pending: { readonly finding: Finding; readonly at: string }[] = [];
  #savedMs = 0;
  #retryMs = 0;
  #failure: GatehouseError | undefined;
  #engine: IncidentEngine;
  #fireAlarm = false;
  #site: Site;
  /**
   * The time of each camera's last frame through the rules, monotonic. A frame that makes them throw does not
   * count.
   */
  readonly #steppedMs = new Map<string, number>();
  /** The newest frame of each camera. */
  readonly #frames = new Map<string, TrackFrame>();
  #unsubscribe: () => void = () => undefined;

  constructor(options: RuleIncidentsOptions) {
    this.#options = options;
    this.#site = options.site;
    this.#engine = engineOf(options.site);
  }

  start(): void {
    const { store, frames } = this.#options;
    const state = store.engineState(engineKey);
    if (state !== undefined) this.#clearDropped(this.#engine.restore(state as EngineState));
    this.#unsubscribe = frames.subscribe((frame) => this.#take(frame));
  }

  stop(): void {
    this.#unsubscribe();
    this.#flush();
  }

  /** Tells the rules whether a fire alarm is latched; it counts from the next frame of each camera on. */
  set fireAlarm(active: boolean) {
    if (active !== this.#fireAlarm) this.#options.tracks.beginAnew();
    this.#fireAlarm = active;
    this.#engine.fireAlarm = active;
  }

  /** The last view of a camera's rules, with the candidates that they watch. */
  view(camera: string): CameraView {
    const frame = this.#frames.get(camera);
    const ageMs = this.rulesAgeMs(camera);
    return {
      camera,
      ...(frame ? { atMs: frame.atMs } : {}),
      ...(ageMs === undefined ? {} : { ageMs }),
      tracks: frame?.tracks ?? [],
      watched: this.#engine.candidates(camera).map(watched),
      zones: this.#zonesOf(camera),
    };
  }

  /** Milliseconds since a camera's rules last came through a frame; `undefined` if they never did. */
  rulesAgeMs(camera: string): number | undefined {
    const steppedMs = this.#steppedMs.get(camera);
    return steppedMs === undefined ? undefined : this.#options.clock.monotonicMs() - steppedMs;
  }

  /**
   * Goes on with an edited site. The rules' state is about places and times, so it is compared with the new
   * zones and thresholds. An open incident that no longer fits them is cleared in the same transaction.
   */
  reload(site: Site): void {
    this.#flush();
    const next = engineOf(site);
    next.fireAlarm = this.#fireAlarm;
    const dropped = next.restore(this.#engine.snapshot());
    this.#clearDropped(dropped, next.snapshot());
    this.#engine = next;
    this.#site = site;
    this.#options.tracks.rollOver();
  }

  health(): HealthFault[] {
    if (this.#failure === undefined) return [];
    return [faultBy('watch', 'FINDINGS_WAIT', this.#failure, { count: this.#pending.length })];
  }

  #take(frame: TrackFrame): void {
    const { clock } = this.#options;
    // The rules step on the stored form, so that running them again gives the same.
    const stored = asStored(frame);
    this.#options.tracks.append(stored, () => ({
      zones: this.#zonesOf(frame.camera),
      state: this.#engine.snapshot(frame.camera),
      fireAlarm: this.#fireAlarm,
    }));
    this.#frames.set(frame.camera, stored);
    const { findings, prompts } = this.#engine.advance(stored);
    this.#keep(findings);
    for (const prompt of prompts) this.#options.prompts.publish(prompt);
    const now = clock.monotonicMs();
    this.#steppedMs.set(frame.camera, now);
    if (now < this.#retryMs) return;
    if (this.#pending.length > 0 || now - this.#savedMs >= saveEveryMs) this.#flush();
  }

  #keep(findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    const at = isoWithOffset(this.#options.clock.epochMs());
    this.#pending.push(...findings.map((finding) => ({ finding, at })));
    if (this.#pending.length > maxPending)
      this.#pending = this.#pending.filter(({ finding }) => finding.phase !== 'updated').slice(-maxPending);
  }

  #flush(): void {
    const { log, clock } = this.#options;
    const now = clock.monotonicMs();
    try {
      this.#commit(this.#writes(), this.#engine.snapshot());
      this.#savedMs = now;
      this.#pending = [];
      if (this.#failure !== undefined) log.info('store-writable-again');
      this.#failure = undefined;
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      if (this.#failure === undefined) log.error('store-refused', { error });
      this.#failure = error;
      this.#retryMs = now + retryAfterMs;
    }
  }

  /** Turns waiting findings into incident rows, each based on the one before it. */
  #writes(): IncidentWrite[] {
    const { store } = this.#options;
    const latest = new Map<string, Incident>();
    return this.#pending.flatMap(({ finding, at }): IncidentWrite[] => {
      const dedupeKey = dedupeKeyOf(finding);
      const known = latest.get(dedupeKey) ?? store.incidentByDedupeKey(dedupeKey);
      // Found twice (a restart between commit and save), or about an incident that is already closed: nothing
      // new.
      if ((finding.phase === 'opened') === (known !== undefined) || known?.phase === 'cleared') return [];
      const incident = applyFinding(known, finding, { id: incidentId(store.epoch, finding), at });
      latest.set(dedupeKey, incident);
      return [told(incident, { dedupeKey, change: finding.phase, at })];
    });
  }

  /** The zone or rule that would clear these is gone from the site file: nothing watches them any more. */
  #clearDropped(dropped: readonly DroppedSubject[], state?: EngineState): void {
    const { store, clock, log } = this.#options;
    const at = isoWithOffset(clock.epochMs());
    const writes = dropped.flatMap((one): IncidentWrite[] => {
      const dedupeKey = dedupeKeyOf(one);
      const open = store.incidentByDedupeKey(dedupeKey);
      if (!open || open.phase === 'cleared') return [];
      log.warn('incident-no-longer-watched', { incident: open.id, camera: one.camera });
      return [told(cleared(open, at), { dedupeKey, change: 'cleared', at })];
    });
    this.#commit(writes, state);
  }

  #zonesOf(camera: string): Camera['zones'] {
    return this.#site.cameras.find(({ id }) => id === camera)?.zones ?? [];
  }

  #commit(writes: readonly IncidentWrite[], state?: unknown): void {
    this.#options.records.commit(writes, state === undefined ? undefined : { camera: engineKey, state });
  }
}

function engineOf({ cameras, site }: Site): IncidentEngine {
  return new IncidentEngine(cameras, { timezone: site.timezone, holidays: site.holidays });
}
