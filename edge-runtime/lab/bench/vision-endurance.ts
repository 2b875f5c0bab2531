/**
 * Eight cameras that misbehave beside two healthy ones, for ten minutes. The healthy ones must miss nothing
 * (no second without an analysed frame of the five asked for), and the service's memory must stay flat.
 *
 * `node edge-runtime/lab/bench/vision-endurance.ts --out
 * edge-runtime/lab/bench/results/vision-endurance.jsonl [--minutes N] [--seed N]` prints a line a minute and
 * a verdict, as JSON lines, the first with commit, host, seed and duration; `--out` puts the same into a
 * file, to be committed. Exit 1 when a measure is missed; a run of fewer than ten minutes is a miss, whatever
 * it measured.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom } from '@gatehouse/kit';
import { madeBy } from './bench-report.ts';
import { busyClip, otherCodecClip } from './vision-clips.ts';
import { LiveService, type Simulator, startSimulator } from './vision-live.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const wholeMinutes = 10;
const minutes = Number(values.minutes);
const random = seededRandom(Number(values.seed));
/**
 * `refuse` closes a simulator's one socket, so each bad camera has a simulator of its own. Of the two that
 * change, one changes its size, one its codec.
 */
const kinds = ['stall', 'half-close', 'refuse', 'unauthorized', 'garbage', 'change', 'change', 'bad-times'];
/**
 * A camera that behaves again is back within this: the back-off's cap of 30 s and its jitter, connecting, a
 * group. Milliseconds. The camera that refused the password is not awaited: it is tried once in 15 minutes,
 * or cameras lock the account.
 */
const backWithinMs = 90_000;
/** 5 frames a second asked for; a second without one is a miss. */
const longestGapMs = 1_000;
/** Memory may end this much above its value after the first quarter, at most. */
const growth = 1.15;
/** Memory is looked at every so often, milliseconds. */
const lookEveryMs = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'gh-endure-'));
const clip = busyClip(folder);
const others = [busyClip(folder, { size: '704x576', name: 'busy-576p.mp4' }), otherCodecClip(folder)];

/** One line, printed and kept. */
function tell(line: object): void {
  const text = JSON.stringify(line);
  console.log(text);
  if (values.out) appendFileSync(values.out, `${text}\n`);
}

if (values.out) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, '');
}
tell({
  bench: 'vision-endurance',
  ...madeBy(),
  seed: Number(values.seed),
  minutes,
  began: new Date().toISOString(),
});

/** False when it was cut short. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

/** Makes one camera fail and heal in turn, at random, until it is aborted. */
async function torment(simulator: Simulator, kind: string, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    if (!(await pause(2_000 + random() * 10_000, stop))) return;
    await simulator.misbehave('bad', kind);
    await pause(1_000 + random() * 15_000, stop);
    await simulator.heal('bad');
  }
}

const good = await startSimulator({ a: clip, b: clip });
const bad = await Promise.all(
  kinds.map((kind, i) => {
    const other = kind === 'change' ? others[i % others.length] : undefined;
    return startSimulator({ bad: clip }, other ? { bad: other } : {});
  }),
);
const healthy = ['good-a', 'good-b'];
const service = await LiveService.start(folder, [
  { id: 'good-a', url: good.url('a'), fps: 5, decode: 'full' },
  { id: 'good-b', url: good.url('b'), fps: 5, decode: 'full' },
  ...bad.map((simulator, i) => ({ id: `bad-${i}`, url: simulator.url('bad'), fps: 5 })),
]);
/**
 * The longest time between two analysed frames of each healthy camera, and from the last one until now,
 * milliseconds.
 */
function gapsSince(startMs: number): number[] {
  return healthy.map((id) => {
    const times = service.frames
      .filter(({ camera, heardMs }) => camera === id && heardMs >= startMs)
      .map(({ atMs }) => atMs);
    const ends = [startMs, ...times, Date.now()];
    return Math.round(Math.max(...ends.slice(1).map((atMs, i) => atMs - (ends[i] ?? atMs))));
  });
}
/** The bad cameras, all healed now, that have shown no frame within the time they have. */
async function awaitAllBack(): Promise<string[]> {
  const healedMs = Date.now();
  const missing = () =>
    bad
      .map((_, i) => `bad-${i}`)
      .filter((_, i) => kinds[i] !== 'unauthorized')
      .filter((id) => !service.frames.some(({ camera, atMs }) => camera === id && atMs > healedMs));
  while (missing().length > 0 && Date.now() - healedMs < backWithinMs) await delay(500);
  return missing().map((id) => `${id} (${kinds[Number(id.slice(4))]})`);
}
const stop = new AbortController();
const memory: number[] = [];
try {
  const seen = () => new Set(service.frames.map(({ camera }) => camera));
  await service.until('the healthy cameras', () => healthy.every((id) => seen().has(id)), 120);
  const tormented = Promise.all(
    bad.map((simulator, i) => torment(simulator, kinds[i] ?? 'stall', stop.signal)),
  );
  // A simulator that is gone ends the run; its error comes out where this is awaited.
  tormented.catch(() => stop.abort());
  const startMs = Date.now();
  while (Date.now() - startMs < minutes * 60_000 && !stop.signal.aborted) {
    await delay(lookEveryMs);
    memory.push(service.residentBytes());
    const lookedMs = memory.length * lookEveryMs;
    if (lookedMs % 60_000 === 0)
      tell({
        minute: lookedMs / 60_000,
        megabytes: Math.round((memory.at(-1) ?? 0) / 1e6),
        frames: service.frames.length,
        longestGapsMs: gapsSince(startMs),
      });
  }
  stop.abort();
  await tormented;
  const mean = (part: readonly number[]) =>
    part.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, part.length);
  const quarter = Math.floor(memory.length / 4);
  const ratio = mean(memory.slice(-quarter)) / mean(memory.slice(quarter, 2 * quarter));
  const longestGapsMs = gapsSince(startMs);
  const neverBack = await awaitAllBack();
  const whole = minutes >= wholeMinutes;
  const steady = longestGapsMs.every((gapMs) => gapMs <= longestGapMs) && ratio <= growth;
  const ok = whole && steady && neverBack.length === 0;
  tell({
    minutes: (Date.now() - startMs) / 60_000,
    whole,
    longestGapsMs,
    longestGapMs,
    memoryRatio: Math.round(ratio * 1000) / 1000,
    memoryTarget: growth,
    neverBack,
    ok,
  });
  if (!ok) process.exitCode = 1;
} finally {
  stop.abort();
  await service.stop();
  await Promise.all([good, ...bad].map((simulator) => simulator.stop()));
  rmSync(folder, { recursive: true, force: true });
}
