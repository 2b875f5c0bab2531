/**
 * Eight cameras that misbehave beside two healthy ones, for as long as asked. The healthy ones must miss nothing (no gap between
 * analysed frames longer than a keyframe's distance allows), and the service's memory must stay flat.
 *
 * `node edge-runtime/bench/vision-endurance.ts [--minutes N] [--seed N]` prints a line a minute and a verdict, as JSON lines with
 * commit, host, seed and duration. Exit 1 when a measure is missed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom } from '@gatehouse/kit';
import { busyClip } from './vision-clips.ts';
import { LiveService, type Simulator, startSimulator } from './vision-live.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
});
const minutes = Number(values.minutes);
const random = seededRandom(Number(values.seed));
/** `refuse` closes a simulator's one socket, so each bad camera has a simulator of its own. */
const kinds = ['stall', 'drop', 'half-close', 'refuse', 'unauthorized', 'garbage', 'stall', 'garbage'];
/** 5 frames a second asked for; a second without one is a miss. */
const longestGapMs = 1_000;
/** Memory may end this much above what it was after the first quarter, at most. */
const growth = 1.15;
const folder = mkdtempSync(join(tmpdir(), 'gh-endure-'));
const clip = busyClip(folder);

/** Makes one camera fail and heal in turn, at random, until told to stop. */
async function torment(simulator: Simulator, kind: string, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await delay(2_000 + random() * 10_000);
    await simulator.misbehave('bad', kind);
    await delay(1_000 + random() * 15_000);
    await simulator.heal('bad');
  }
}

const good = await startSimulator({ a: clip, b: clip });
const bad = await Promise.all(kinds.map(() => startSimulator({ bad: clip })));
const healthy = ['good-a', 'good-b'];
const service = await LiveService.start(folder, [
  { id: 'good-a', url: good.url('a'), fps: 5, decode: 'full' },
  { id: 'good-b', url: good.url('b'), fps: 5, decode: 'full' },
  ...bad.map((simulator, i) => ({ id: `bad-${i}`, url: simulator.url('bad'), fps: 5 })),
]);
const stop = new AbortController();
const memory: number[] = [];
try {
  const seen = () => new Set(service.frames.map(({ camera }) => camera));
  await service.until('the healthy cameras', () => healthy.every((id) => seen().has(id)), 120);
  const tormentors = bad.map((simulator, i) => torment(simulator, kinds[i] ?? 'stall', stop.signal));
  const startMs = Date.now();
  while (Date.now() - startMs < minutes * 60_000) {
    await delay(5_000);
    memory.push(service.residentBytes());
    if (memory.length % 12 === 0)
      console.log(
        JSON.stringify({
          minute: memory.length / 12,
          megabytes: Math.round((memory.at(-1) ?? 0) / 1e6),
          frames: service.frames.length,
        }),
      );
  }
  stop.abort();
  await Promise.all(tormentors);
  const gaps = healthy.map((id) => {
    const times = service.frames
      .filter(({ camera, heardMs }) => camera === id && heardMs >= startMs)
      .map(({ atMs }) => atMs);
    return Math.max(...times.map((atMs, i) => (i === 0 ? 0 : atMs - (times[i - 1] ?? atMs))));
  });
  const mean = (part: readonly number[]) =>
    part.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, part.length);
  const quarter = Math.floor(memory.length / 4);
  const ratio = mean(memory.slice(-quarter)) / mean(memory.slice(quarter, 2 * quarter));
  const ok = gaps.every((gapMs) => gapMs <= longestGapMs) && ratio <= growth;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  console.log(
    JSON.stringify({
      ...{ bench: 'vision-endurance', commit, host: hostname(), cores: availableParallelism() },
      ...{ seed: Number(values.seed), minutes, longestGapsMs: gaps.map(Math.round), longestGapMs },
      ...{ memoryRatio: Math.round(ratio * 1000) / 1000, memoryTarget: growth, ok },
    }),
  );
  if (!ok) process.exitCode = 1;
} finally {
  stop.abort();
  await service.stop();
  await Promise.all([good, ...bad].map((simulator) => simulator.stop()));
  rmSync(folder, { recursive: true, force: true });
}
