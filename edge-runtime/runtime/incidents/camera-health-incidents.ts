import { type CameraStatus, faultBy, type HealthFault, type Incident } from '@gatehouse/contracts';
import { incidentId } from '@gatehouse/incidents';
import {
  type Clock,
  describeError,
  every,
  GatehouseError,
  isoWithOffset,
  type Log,
  type Part,
} from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';
import type { Hub } from '../hub.ts';
import { CameraTroubles, type Trouble, troubleKey } from './camera-troubles.ts';
import { cleared, opened, told } from './incident-life.ts';
import type { IncidentRecords } from './incident-records.ts';

/**
 * Troubles are compared with the open incidents this often. Gathered losses and writes that the disk refused
 * are also looked at.
 */
const lookEveryMs = 1_000;
const kind = 'camera-health';
/** No more open incidents than cameras times conditions. */
const mostOpen = 1_000;

export interface CameraHealthIncidentsOptions {
  readonly store: EventStore;
  readonly cameras: readonly string[];
  readonly statuses: Hub<CameraStatus>;
  readonly records: IncidentRecords;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Cameras' troubles in, incidents out: keeps the open incidents in the store in step with the cameras'
 * health.
 */
export class CameraHealthIncidents implements Part {
  readonly #options: CameraHealthIncidentsOptions;
  readonly #troubles: CameraTroubles;
  readonly #open = new Map<string, Incident>();
  #refused: GatehouseError | undefined;
  #stops: (() => void)[] = [];

  constructor(options: CameraHealthIncidentsOptions) {
    this.#options = options;
    this.#troubles = new CameraTroubles(options.cameras);
  }

  start(): void {
    const { store, statuses, clock, cameras } = this.#options;
    for (const { incident } of store.incidents({ open: true, limit: mostOpen })) {
      if (incident.kind !== kind) continue;
      const condition = store.dedupeKeyOf(incident.id)?.split('/')[2];
      if (condition === undefined) continue;
      this.#open.set(`${incident.camera ?? ''}/${condition}`, incident);
      const known = incident.camera === undefined || cameras.includes(incident.camera);
      if (condition === 'stale' && known) this.#troubles.resume(incident.camera);
    }
    this.#stops = [
      statuses.subscribe((status) => this.#troubles.see(clock.monotonicMs(), status)),
      every(clock, lookEveryMs, () => this.#look()),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  health(): HealthFault[] {
    return this.#refused ? [faultBy('watch', 'CAMERA_TROUBLES_WAIT', this.#refused)] : [];
  }

  #look(): void {
    const { clock, log } = this.#options;
    const wanted = new Map(
      this.#troubles.troubles(clock.monotonicMs()).map((trouble) => [troubleKey(trouble), trouble]),
    );
    try {
      for (const [key, trouble] of wanted) if (!this.#open.has(key)) this.#raise(key, trouble);
      for (const [key, incident] of this.#open)
        if (!wanted.has(key) && this.#mayClear(incident)) this.#clear(key, incident);
      this.#refused = undefined;
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      if (!this.#refused) log.error('camera-health-not-recorded', { reason: describeError(error) });
      this.#refused = error;
    }
  }

  /** Not before the first report of the camera. A camera that the site no longer has is watched by nobody. */
  #mayClear({ camera }: Incident): boolean {
    const known = camera === undefined || this.#options.cameras.includes(camera);
    return !known || this.#troubles.heard(camera);
  }

  #raise(key: string, trouble: Trouble): void {
    const { store, records, clock } = this.#options;
    const { camera, condition, sinceMs } = trouble;
    const dedupeKey = `${camera ?? 'box'}/${kind}/${condition}/${sinceMs}`;
    const id = incidentId(store.epoch, {
      camera: camera ?? 'box',
      kind,
      occupancy: `${condition}/${sinceMs}`,
    });
    // The same trouble was opened and cleared before: it is reported again after a stop of one of the two
    // services.
    if (store.incident(id)) return;
    const at = isoWithOffset(clock.epochMs());
    const evidence = evidenceOf(trouble, clock.epochMs());
    const incident = opened({ id, kind, priority: priorities[condition], camera, evidence }, at);
    records.commit([told(incident, { dedupeKey, change: 'opened', at })]);
    this.#open.set(key, incident);
  }

  #clear(key: string, { id }: Incident): void {
    const { store, records, clock } = this.#options;
    const dedupeKey = store.dedupeKeyOf(id);
    const incident = store.incident(id);
    if (dedupeKey && incident && incident.phase !== 'cleared') {
      const at = isoWithOffset(clock.epochMs());
      records.commit([told(cleared(incident, at), { dedupeKey, change: 'cleared', at })]);
    }
    this.#open.delete(key);
  }
}

/**
 * A camera that sees nothing or another scene has the priority "soon"; one that sees badly has "when there is
 * time".
 */
const priorities: Readonly<Record<Trouble['condition'], 2 | 3>> = {
  stale: 2,
  covered: 2,
  blinded: 2,
  moved: 2,
  blurred: 3,
  'decode-errors': 3,
  reconnecting: 3,
  'clock-off': 3,
};

function evidenceOf(trouble: Trouble, nowMs: number): Incident['evidence'] {
  const { camera, condition, value, threshold, unit, sinceMs, wallOffsetMs } = trouble;
  const name = camera === undefined ? 'cameras-lost' : condition;
  return {
    sinceMs,
    atMs: Math.max(sinceMs, Math.round(nowMs) - wallOffsetMs),
    ...(wallOffsetMs === 0 ? {} : { wallOffsetMs }),
    gates: [{ name, value, threshold, ...(unit ? { unit } : {}), passed: true }],
  };
}
