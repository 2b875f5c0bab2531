import {
  bottomCentre,
  type CameraView,
  type Incident,
  type IncidentChange,
  type Track,
  type TrackFrame,
  type Watched,
} from '@gatehouse/contracts';
import { type Clock, isoWithOffset, type Log, type Part, readBounded } from '@gatehouse/kit';
import type { VisionClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import type { Hub } from '../hub.ts';
import type { IncidentRecords } from '../incidents/incident-records.ts';
import type { ClipFiles } from './clip-files.ts';
import type { StillFiles, StillName } from './still-files.ts';

export interface EvidenceCollectorOptions {
  readonly store: Pick<EventStore, 'dedupeKeyOf'>;
  readonly records: IncidentRecords;
  readonly frames: Hub<TrackFrame>;
  readonly changes: Hub<IncidentChange>;
  readonly stills: StillFiles;
  readonly clips: ClipFiles;
  /** True if the disk has room for such evidence now. If absent, it always has. */
  readonly allows?: (what: 'clips' | 'stills') => boolean;
  /** The candidates that a camera's rules watch now. */
  readonly view: (camera: string) => CameraView;
  /** Full picture of a camera nearest to a frame time, JPEG. */
  readonly takeStill: (camera: string, atMs: number) => Promise<Uint8Array>;
  /** The part of a camera's ring between two frame times, MP4. */
  readonly takeClip: (camera: string, fromMs: number, toMs: number) => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A clip begins so long before its incident was raised, and ends so long after. */
const clipBeforeMs = 5_000;
const clipAfterMs = 10_000;
/** Until a moment later the ring may not hold the last second yet. */
const ringLagMs = 2_000;
/**
 * A thing that has been there so long does not just pass by. Its first picture is still in the ring (30 s).
 */
const firstAfterMs = 4_000;
const firstWithinMs = 20_000;
/**
 * Candidates are looked through this often: a camera that sends 25 frames a second must not cost 25 looks.
 */
const lookEveryMs = 1_000;
/** First pictures of possible incidents, in memory: 64 of some 200 KB. Past it the oldest goes. */
const maxFirst = 64;
const maxClipsRunning = 8;

/**
 * Gathers the evidence of an incident: the first picture of its beginning, the pictures of the decision and
 * of the clearing, and a clip with the seconds before. An incident without any of them stays all the same.
 */
export class EvidenceCollector implements Part {
  readonly #options: EvidenceCollectorOptions;
  readonly #lookedMs = new Map<string, number>();
  /** By camera, kind and occupancy; `undefined` while it is being taken. */
  readonly #first = new Map<string, Uint8Array | undefined>();
  #clipsRunning = 0;
  #stops: (() => void)[] = [];
  constructor(options: EvidenceCollectorOptions) {
    this.#options = options;
  }

  start(): void {
    const { frames, changes } = this.#options;
    this.#stops = [
      frames.subscribe((frame) => this.#look(frame)),
      changes.subscribe((change) => this.#illustrate(change)),
    ];
  }
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Takes the first picture of each new candidate, and forgets those of candidates that have gone. */
  #look({ camera, atMs }: TrackFrame): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - (this.#lookedMs.get(camera) ?? Number.NEGATIVE_INFINITY) < lookEveryMs) return;
    this.#lookedMs.set(camera, nowMs);
    const { watched, tracks } = this.#options.view(camera);
    const keys = new Set(watched.map((one) => keyOf(camera, one)));
    for (const key of this.#first.keys())
      if (key.startsWith(`${camera}/`) && !keys.has(key)) this.#first.delete(key);
    for (const one of watched) {
      const ageMs = atMs - one.sinceMs;
      const isDue = one.phase === 'watching' && ageMs >= firstAfterMs && ageMs <= firstWithinMs;
      if (isDue && isThere(one, tracks) && !this.#first.has(keyOf(camera, one)))
        void this.#takeFirst(camera, one);
    }
  }

  async #takeFirst(camera: string, one: Watched): Promise<void> {
    const { takeStill, log } = this.#options;
    const key = keyOf(camera, one);
    this.#first.set(key, undefined);
    const [oldest] = this.#first.keys();
    if (this.#first.size > maxFirst && oldest !== undefined) this.#first.delete(oldest);
    try {
      const jpeg = await takeStill(camera, one.sinceMs);
      if (this.#first.has(key)) this.#first.set(key, jpeg);
    } catch (error) {
      log.debug('first-still-missed', { camera, error });
    }
  }

  #illustrate({ change, incident: { id, camera, evidence } }: IncidentChange): void {
    if (!camera || !evidence) return;
    if (change === 'opened') {
      this.#keepFirst(id);
      void this.#keepStill(id, 'opened', () => this.#options.takeStill(camera, evidence.atMs));
      this.#clipLater(id, camera, evidence.atMs);
    } else if (change === 'cleared')
      void this.#keepStill(id, 'cleared', () => this.#options.takeStill(camera, evidence.atMs));
  }

  #keepFirst(id: string): void {
    const key = this.#options.store.dedupeKeyOf(id);
    const jpeg = key === undefined ? undefined : this.#first.get(key);
    if (jpeg) void this.#keepStill(id, 'first', async () => jpeg);
  }

  async #keepStill(id: string, name: StillName, take: () => Promise<Uint8Array>): Promise<void> {
    const { stills, log } = this.#options;
    if (!this.#allows('stills')) return;
    try {
      stills.write(id, name, await take());
      this.#note(id, (incident) =>
        incident.stills.includes(name) ? undefined : { ...incident, stills: [...incident.stills, name] },
      );
    } catch (error) {
      log.warn('still-missed', { incident: id, still: name, error });
    }
  }

  /**
   * Drop policy: while 8 clips wait for their seconds after, a further incident gets none (drop-newest), and
   * the log says so.
   */
  #clipLater(id: string, camera: string, atMs: number): void {
    const { clock, log } = this.#options;
    if (!this.#allows('clips')) return;
    if (this.#clipsRunning >= maxClipsRunning) {
      log.warn('clip-missed', { incident: id, camera, reason: `${maxClipsRunning} clips wait already` });
      return;
    }
    this.#clipsRunning++;
    const cancel = clock.after(clipAfterMs + ringLagMs, () => void this.#keepClip(id, camera, atMs));
    this.#stops.push(cancel);
  }

  async #keepClip(id: string, camera: string, atMs: number): Promise<void> {
    const { clips, takeClip, log } = this.#options;
    try {
      clips.write(id, await takeClip(camera, atMs - clipBeforeMs, atMs + clipAfterMs));
      this.#note(id, (incident) => (incident.clip ? undefined : { ...incident, clip: true }));
    } catch (error) {
      log.warn('clip-missed', { incident: id, camera, error });
    } finally {
      this.#clipsRunning--;
    }
  }

  /** Health says that evidence is not kept for want of room, and the log said it once, at the beginning. */
  #allows(what: 'clips' | 'stills'): boolean {
    return this.#options.allows?.(what) ?? true;
  }

  #note(id: string, edit: (incident: Incident) => Incident | undefined): void {
    const { records, clock } = this.#options;
    records.addEvidence(id, isoWithOffset(clock.epochMs()), edit);
  }
}

/** The thing still stands where it was seen. One that has driven on is watched for some seconds more. */
function isThere({ box }: Watched, tracks: readonly Track[]): boolean {
  if (!box) return true;
  return tracks.some((track) => {
    const [x, y] = bottomCentre(track.box);
    return x >= box.x1 && x <= box.x2 && y >= box.y1 && y <= box.y2 + 0.01;
  });
}

/** The occupancy of an incident in the store's spelling. */
function keyOf(camera: string, { kind, occupancy }: Watched): string {
  return `${camera}/${kind}/${occupancy}`;
}

/** A larger clip is not kept: 15 s of the heaviest camera are some 30 MB. */
const maxClipBytes = 64 * 1024 * 1024;
const clipWithinMs = 20_000;

/** A clip from vision; Throws vision's own error, or `BODY_TOO_LARGE`. */
export async function fetchClip(
  vision: Pick<VisionClient, 'open' | 'limitMs'>,
  camera: string,
  fromMs: number,
  toMs: number,
): Promise<Uint8Array> {
  const query = { from: Math.max(0, fromMs), to: toMs };
  const signal = AbortSignal.timeout(vision.limitMs(clipWithinMs));
  const timing = { timeoutMs: clipWithinMs, signal };
  return readBounded(await vision.open('clip', { params: { id: camera }, query, ...timing }), maxClipBytes);
}
