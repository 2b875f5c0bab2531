import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Camera, type DryRun, parseSite, ruleKinds, type TrackFrame } from '@gatehouse/contracts';
import { IncidentEngine } from '@gatehouse/incidents';
import { seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { asStored, TrackStore } from '@gatehouse/store';
import { DryRuns } from '../../runtime/look-back/dry-runs.ts';
import { readOpening, SegmentWriter } from '../../store/tracks/segment.ts';
import { segmentFile } from '../../store/tracks/segment-folder.ts';

/**
 * The cost of storing tracks, and the time of a dry run of a stored day: `npm run bench -- tracks`. One JSON
 * line a measure; some minutes.
 */
const fps = 5;
const hourMs = 3_600_000;
const dryRunTargetS = 30;

/** The people and vehicles before one camera for an hour. */
interface Actors {
  /** Vehicles that stand and whose boxes jitter. */
  readonly parked: number;
  /** Vehicles that cross one after the other. */
  readonly passing: number;
  /** People who stand together; the detector misses a tenth of them in every frame. */
  readonly people: number;
}

function* hour({ parked, passing, people }: Actors): Generator<TrackFrame> {
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
      x: (((ms + (i * 8_000) / passing) % 8_000) / 8_000) * 0.85,
      still: false,
    }));
    const vehicles = [...standing, ...crossing].map(({ id, x, still }) => ({
      id,
      class: 'car' as const,
      score: 0.6 + random() * 0.3,
      seen: random() > 0.03,
      still,
      box: { x1: x + 0.01 + jitter(), y1: 0.5 + jitter(), x2: x + 0.1 + jitter(), y2: 0.62 + jitter() },
    }));
    const group = Array.from({ length: people }, (_, i) => {
      const [x, y] = [0.1 + i * 0.05, 0.7 + (i % 2) * 0.05];
      return {
        id: 90_000 + i,
        class: 'person' as const,
        score: 0.6 + random() * 0.3,
        seen: random() > 0.1,
        still: false,
        box: { x1: x + jitter(), y1: y + jitter(), x2: x + 0.03 + jitter(), y2: y + 0.15 + jitter() },
      };
    });
    yield { camera: 'east', atMs: 1_700_000_000_000 + ms, tracks: [...vehicles, ...group] };
  }
}

async function withStore(run: (store: TrackStore, folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-bench-tracks-'));
  const store = new TrackStore({ folder, clock: systemClock, log: silentLog });
  try {
    store.start();
    await run(store, folder);
  } finally {
    store.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureBytes(scene: string, frames: readonly TrackFrame[]): Promise<void> {
  return withStore((store) => {
    const began = performance.now();
    for (const frame of frames)
      store.append(frame, () => ({ zones: [], state: undefined, fireAlarm: false }));
    const tookMs = performance.now() - began;
    // The floor: the same frames as lines of JSON, compressed as one piece.
    const floorBytes = gzipSync(frames.map((frame) => JSON.stringify(frame)).join('\n')).length;
    print({
      measure: 'tracks-bytes-an-hour',
      scene,
      fps,
      bytes: store.bytes(),
      floor: 'gzip of JSON lines',
      floorBytes,
      microsecondsAFrame: Math.round((tookMs * 1000) / frames.length),
    });
  });
}

interface Busy {
  readonly scene: string;
  readonly frames: readonly TrackFrame[];
  readonly rules: string;
  readonly hours: number;
}

/**
 * A dry run of stored hours, as the product runs it, and as an installer sees it. The floor: the same rules
 * over the same frames, already in memory.
 */
function measureDryRun({ scene, frames, rules, hours }: Busy): Promise<void> {
  return withStore(async (store, folder) => {
    storeHours(store, folder, frames, hours);
    const camera = benchCamera(rules);
    const runs = new DryRuns({
      tracks: store,
      calendar: {},
      really: () => [],
      clock: systemClock,
      log: silentLog,
    });
    const beganCpu = process.cpuUsage();
    const began = performance.now();
    const { ended, steps } = await watch(runs, runs.begin(camera).id);
    const tookMs = performance.now() - began;
    const cpuMs = cpuMsSince(beganCpu);
    if (ended.state !== 'done') throw new Error(`the dry run ${ended.state}: ${ended.failure?.message}`);
    const engine = new IncidentEngine([camera]);
    const floorBeganCpu = process.cpuUsage();
    const floorBegan = performance.now();
    for (const frame of repeated(frames, hours)) engine.step(frame);
    const floorMs = performance.now() - floorBegan;
    const floorCpuMs = cpuMsSince(floorBeganCpu);
    print({
      measure: 'dry-run-seconds',
      scene,
      hours,
      rules: camera.zones[0]?.rules.length,
      frames: ended.result?.frames,
      raised: ended.result?.raised,
      progressSteps: steps,
      seconds: seconds(tookMs),
      cpuSeconds: seconds(cpuMs),
      targetFor24h: dryRunTargetS,
      floor: 'the rules alone',
      floorSeconds: seconds(floorMs),
      floorCpuSeconds: seconds(floorCpuMs),
    });
  });
}

/** CPU time of this process with all its threads. A figure taken on a busy machine is judged by it. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Follows a run to its end; counts how many different shares of progress there were to see. */
async function watch(runs: DryRuns, id: string): Promise<{ ended: DryRun; steps: number }> {
  const seen = new Set<number>();
  for (;;) {
    const run = runs.get(id);
    if (!run) throw new Error('the dry run is gone');
    seen.add(run.progress);
    if (run.state !== 'running') return { ended: run, steps: seen.size };
    await new Promise<void>((resolve) => systemClock.after(50, resolve));
  }
}

/** Stores the hour, and copies of its segments: only the beginning of a segment names absolute time. */
function storeHours(store: TrackStore, folder: string, frames: readonly TrackFrame[], hours: number): void {
  for (const frame of frames) store.append(frame, () => ({ zones: [], state: undefined, fireAlarm: false }));
  const segments = store.segments('east', 0, Number.MAX_SAFE_INTEGER);
  store.stop();
  for (const [n, { file, fromMs }] of segments.entries()) {
    const bytes = readFileSync(file);
    const opened = readOpening(bytes);
    if (!opened) throw new Error(`${file} cannot be read`);
    const { classes, ...opening } = opened.opening;
    for (let i = 1; i < hours; i++) {
      const { head } = new SegmentWriter({ ...opening, fromMs: fromMs + i * hourMs }, classes);
      const copy = segmentFile(folder, 'east', i * segments.length + n + 1);
      writeFileSync(copy, Buffer.concat([head, bytes.subarray(opened.next)]));
    }
  }
  store.start();
}

/** The hour over and over. */
function* repeated(frames: readonly TrackFrame[], hours: number): Generator<TrackFrame> {
  for (let i = 0; i < hours; i++)
    for (const frame of frames) yield { ...frame, atMs: frame.atMs + i * hourMs };
}

function benchCamera(rules: string): Camera {
  const site = parseSite(`version: 1
site: { id: bench, name: { zh-CN: 测, en: Bench } }
box: { id: bench }
cameras:
  - id: east
    name: { zh-CN: 东, en: East }
    url: rtsp://192.0.2.1/1
    zones: [{ id: lane, name: { zh-CN: 道, en: Lane }, polygon: [[0, 0.3], [0.5, 0.25], [1, 0.3], [1, 1], [0, 1]], rules: [${rules}] }]
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

const stored = (actors: Actors) => [...hour(actors)].map(asStored);
const busy = stored({ parked: 4, passing: 3, people: 0 });
const crowded = stored({ parked: 4, passing: 3, people: 12 });
await measureBytes('empty', stored({ parked: 0, passing: 0, people: 0 }));
await measureBytes('quiet', stored({ parked: 2, passing: 0, people: 0 }));
await measureBytes('busy', busy);
await measureBytes('crowded', crowded);
await measureDryRun({ scene: 'busy', frames: busy, rules: '{ kind: illegal-parking }', hours: 24 });
await measureDryRun({
  scene: 'crowded, every rule',
  frames: crowded,
  hours: 6,
  rules: ruleKinds.map((kind) => `{ kind: ${kind} }`).join(', '),
});
