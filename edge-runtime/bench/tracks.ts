import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Camera, parseSite, type TrackFrame } from '@gatehouse/contracts';
import { IncidentEngine } from '@gatehouse/incidents';
import { seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { asStored, readSegment, TrackStore } from '@gatehouse/store';
import { runOver } from '../runtime/look-back/dry-run.ts';

/** What storing tracks costs and how fast rules run over them again: `npm run bench -- tracks`. One JSON line a measure. */
const fps = 5;
const hourMs = 3_600_000;

/** An hour of one camera: `parked` vehicles whose boxes jitter, `passing` that cross one after the other. */
function* hour(parked: number, passing: number): Generator<TrackFrame> {
  const random = seededRandom(1);
  const jitter = () => (random() - 0.5) * 0.004;
  for (let ms = 0; ms < hourMs; ms += 1000 / fps) {
    const standing = Array.from({ length: parked }, (_, i) => ({
      id: i + 1,
      x: 0.05 + i * 0.12,
      still: true,
    }));
    const crossing = Array.from({ length: passing }, (_, i) => ({
      id: 100 + i + passing * Math.floor(ms / 8_000),
      x: ((ms % 8_000) / 8_000) * 0.85,
      still: false,
    }));
    yield {
      camera: 'east',
      atMs: 1_700_000_000_000 + ms,
      tracks: [...standing, ...crossing].map(({ id, x, still }) => ({
        ...{ id, class: 'car' as const, score: 0.6 + random() * 0.3, seen: random() > 0.03, still },
        box: { x1: x + 0.01 + jitter(), y1: 0.5 + jitter(), x2: x + 0.1 + jitter(), y2: 0.62 + jitter() },
      })),
    };
  }
}

function measureBytes(scene: string, parked: number, passing: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'gh-bench-tracks-'));
  const store = new TrackStore({ folder, clock: systemClock, log: silentLog });
  try {
    const frames = [...hour(parked, passing)].map(asStored);
    store.start();
    const began = performance.now();
    for (const frame of frames) store.append(frame, () => ({ zones: [], state: undefined }));
    const tookMs = performance.now() - began;
    // The floor: what the same frames are as lines of JSON, compressed as one piece.
    const floorBytes = gzipSync(frames.map((frame) => JSON.stringify(frame)).join('\n')).length;
    print({
      ...{
        measure: 'tracks-bytes-an-hour',
        scene,
        fps,
        bytes: store.bytes(),
        floor: 'gzip of JSON lines',
        floorBytes,
      },
      microsecondsAFrame: Math.round((tookMs * 1000) / frames.length),
    });
    if (scene === 'busy') measureRerun(store, frames);
  } finally {
    store.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The floor of a dry run: the same rules over the same frames, already in memory. */
function measureRerun(store: TrackStore, frames: readonly TrackFrame[]): void {
  const camera = benchCamera();
  const files = store.segments('east', 0, Number.MAX_SAFE_INTEGER).map(({ file }) => file);
  const began = performance.now();
  const { raised } = runOver(
    camera,
    {},
    files.flatMap((file) => readSegment(readFileSync(file)) ?? []),
  );
  const tookMs = performance.now() - began;
  const engine = new IncidentEngine([camera]);
  const floorBegan = performance.now();
  for (const frame of frames) engine.step(frame);
  const floorMs = performance.now() - floorBegan;
  print({
    ...{ measure: 'dry-run-seconds-for-24-h', raisedInTheHour: raised.length, frames: frames.length * 24 },
    ...{ seconds: seconds(tookMs * 24), floor: 'the rules alone', floorSeconds: seconds(floorMs * 24) },
  });
}

function benchCamera(): Camera {
  const site = parseSite(`version: 1
site: { id: bench, name: { zh-CN: 测, en: Bench } }
box: { id: bench }
cameras:
  - id: east
    name: { zh-CN: 东, en: East }
    url: rtsp://192.0.2.1/1
    zones: [{ id: lane, name: { zh-CN: 道, en: Lane }, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], rules: [{ kind: illegal-parking }] }]
`);
  const camera = site.ok ? site.site.cameras[0] : undefined;
  if (!camera) throw new Error('the bench has no site');
  return camera;
}

function seconds(ms: number): number {
  return Math.round(ms / 10) / 100;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

measureBytes('empty', 0, 0);
measureBytes('quiet', 2, 0);
measureBytes('busy', 4, 3);
