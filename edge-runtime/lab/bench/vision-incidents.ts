/**
 * Compares the incidents of a camera that is decoded adaptively with those of one that is decoded in full:
 * same stream, same time.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Camera, type TrackFrame, visionForRuntime } from '@gatehouse/contracts';
import { IncidentEngine } from '@gatehouse/incidents';
import { silentLog, systemClock } from '@gatehouse/kit';
import { ApiClient } from '@gatehouse/local-api';
import { NearDecisions } from '../../runtime/cameras/near-decisions.ts';
import { LiveService, startSimulator } from './vision-live.ts';

/** An opening or clearing, seconds since the first one's camera was switched on. */
interface Change {
  readonly what: string;
  readonly atS: number;
}

export interface IncidentsCompared {
  readonly adaptive: readonly Change[];
  readonly full: readonly Change[];
  /** Part of the time in which the adaptive camera was decoded by its keyframes. */
  readonly keyframesPart: number;
}

/** Long enough for an adaptive camera to fall asleep before anything comes. */
const emptyS = 40;
const carS = 89;
/** The zone that makes the incidents of the clips; media's EXPECTED.md, zone Z1. */
const zone = {
  id: 'lane',
  name: { 'zh-CN': '测试', en: 'bench' },
  polygon: [
    [0, 0.05],
    [0.32, 0.05],
    [0.32, 0.46],
    [0, 0.46],
  ],
  rules: [
    { kind: 'illegal-parking', violationAfterS: 30, clearAfterS: 3 },
    { kind: 'fire-passage', alarmAfterS: 30, clearAfterS: 3 },
  ],
};
const ids = ['adaptive', 'full'] as const;

/**
 * An empty place, a car that stops there and leaves, and the empty place again: a keyframe every 2 s, no
 * reordered pictures.
 */
function parkingClip(folder: string, media: string): string {
  const file = join(folder, 'parking.mp4');
  const [empty, car] = ['empty_lot_60s.mp4', 'car_stop_75s.mp4'].map((name) => join(media, name));
  execFileSync('ffmpeg', [
    ...[
      '-v',
      'error',
      '-y',
      '-t',
      String(emptyS),
      '-i',
      empty ?? '',
      '-i',
      car ?? '',
      '-t',
      '15',
      '-i',
      empty ?? '',
    ],
    ...['-filter_complex', '[0:v][1:v][2:v]concat=n=3,fps=12', '-an'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-bf', '0'],
    ...['-g', '24', '-keyint_min', '24', '-sc_threshold', '0', file],
  ]);
  return file;
}

/** Plays the clip once, in real time, to one service with both cameras. */
export async function compareIncidents(folder: string, media: string): Promise<IncidentsCompared> {
  const simulator = await startSimulator({ lot: parkingClip(folder, media) });
  const startMs = Date.now();
  const name = { 'zh-CN': '测试', en: 'bench' };
  const engine = new IncidentEngine(
    ids.map((id) => Camera.parse({ id, name, url: 'rtsp://127.0.0.1/', zones: [zone] })),
  );
  const changes = { adaptive: [] as Change[], full: [] as Change[] };
  const onFrame = (frame: TrackFrame) => {
    for (const { camera, kind, phase, evidence } of engine.step(frame))
      if (phase !== 'updated')
        changes[camera as (typeof ids)[number]].push({
          what: `${phase} ${kind}`,
          atS: (evidence.atMs - startMs) / 1000,
        });
  };
  const url = simulator.url('lot');
  const cameras = ids.map((decode) => ({ id: decode, url, fps: 5, decode }));
  const service = await LiveService.start(folder, cameras, onFrame);
  const watch = new NearDecisions({
    cameras: ['adaptive'],
    watched: (camera) => engine.candidates(camera).map(({ gates }) => ({ gates: [...gates] })),
    vision: new ApiClient(visionForRuntime, service.client),
    clock: systemClock,
    log: silentLog,
  });
  let asleep = 0;
  let looks = 0;
  try {
    await service.until('both cameras', () => service.statuses.size === 2 && service.frames.length > 0, 60);
    watch.start();
    while (Date.now() - startMs < (emptyS + carS + 12) * 1000) {
      await delay(500);
      looks++;
      if (service.statuses.get('adaptive')?.decoding === 'keyframes') asleep++;
    }
  } finally {
    watch.stop();
    await service.stop();
    await simulator.stop();
  }
  return { ...changes, keyframesPart: asleep / Math.max(1, looks) };
}

/** The most by which the two differ in time, seconds; infinite when they are not the same incidents. */
export function farthestApart({ adaptive, full }: IncidentsCompared): number {
  const whats = (list: readonly Change[]) => list.map(({ what }) => what).sort();
  if (full.length === 0 || whats(adaptive).join() !== whats(full).join()) return Number.POSITIVE_INFINITY;
  return Math.max(
    ...full.map(({ what, atS }) => Math.abs((adaptive.find((other) => other.what === what)?.atS ?? 0) - atS)),
  );
}
