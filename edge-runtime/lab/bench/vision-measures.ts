/**
 * The measures of the vision bench that need the running service. Each gives its value and its floor of the
 * same run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { busyClip, quietClip } from './vision-clips.ts';
import { LiveService, startSimulator } from './vision-live.ts';

export interface Measured {
  readonly value: number;
  readonly floor: number;
}

/**
 * CPU-seconds of the service and its analysed frames over a stretch of so many cameras that are always
 * decoded in full.
 */
export async function liveStretch(
  folder: string,
  { url, fps, seconds, cameras }: { url: string; fps: number; seconds: number; cameras: number },
) {
  const ids = Array.from({ length: cameras }, (_, i) => `gate-${i}`);
  const service = await LiveService.start(
    folder,
    ids.map((id) => ({ id, url, fps, decode: 'full' })),
  );
  try {
    const all = () => ids.every((id) => service.frames.filter(({ camera }) => camera === id).length >= 10);
    await service.until('ten analysed frames of each', all, 60);
    const [cpu, count] = [service.cpuSeconds(), service.frames.length];
    await delay(seconds * 1000);
    return { cpuSeconds: service.cpuSeconds() - cpu, frames: service.frames.length - count };
  } finally {
    await service.stop();
  }
}

/**
 * A quiet 1080p25 camera with a 2 s group: CPU of the service that decodes adaptively against one that
 * decodes everything, both at the same time on the same camera, pull, detection and all.
 */
export async function adaptiveDecode(folder: string, seconds: number): Promise<Measured> {
  const simulator = await startSimulator({ quiet: quietClip(folder) });
  const camera = { id: 'quiet', url: simulator.url('quiet'), fps: 5 };
  const adaptive = await LiveService.start(folder, [camera]);
  const full = await LiveService.start(folder, [{ ...camera, decode: 'full' }]);
  try {
    const isQuiet = () => adaptive.statuses.get('quiet')?.decoding === 'keyframes' && full.frames.length > 20;
    await adaptive.until('keyframes only', isQuiet, 90);
    await delay(2_000);
    const before = [adaptive.cpuSeconds(), full.cpuSeconds()] as const;
    await delay(seconds * 1000);
    return { value: adaptive.cpuSeconds() - before[0], floor: full.cpuSeconds() - before[1] };
  } finally {
    await Promise.all([adaptive.stop(), full.stop()]);
    await simulator.stop();
  }
}

/**
 * Outages of 1 to 9 s: seconds from the camera's return to its first analysed frame of after that, one a
 * round.
 */
export async function recoveries(folder: string, rounds: number): Promise<number[]> {
  const simulator = await startSimulator({ busy: busyClip(folder) });
  const service = await LiveService.start(folder, [{ id: 'busy', url: simulator.url('busy'), fps: 5 }]);
  const seconds: number[] = [];
  try {
    await service.until('the camera', () => service.frames.length > 10, 60);
    for (let i = 0; i < rounds; i++) {
      await simulator.misbehave('busy', 'refuse');
      await delay(1_000 + (8_000 * i) / Math.max(1, rounds - 1));
      await simulator.heal('busy');
      const back = Date.now();
      await service.until('a frame', () => (service.frames.at(-1)?.atMs ?? 0) > back, 60);
      seconds.push(((service.frames.find(({ atMs }) => atMs > back)?.heardMs ?? 0) - back) / 1000);
      // Long enough for the camera to count as well again: its back-off starts over.
      await delay(12_000);
    }
  } finally {
    await service.stop();
    await simulator.stop();
  }
  return seconds;
}

/**
 * True if so many busy cameras all keep 90 of 100 of the frames asked for, 99 of 100 heard within 2 s of
 * their capture.
 */
async function holds(folder: string, url: string, cameras: number, seconds: number): Promise<boolean> {
  const fps = 5;
  const list = Array.from({ length: cameras }, (_, i) => ({
    id: `cam-${i}`,
    url,
    fps,
    decode: 'full' as const,
  }));
  const service = await LiveService.start(folder, list);
  try {
    await service.until(
      'all cameras',
      () => new Set(service.frames.map(({ camera }) => camera)).size === cameras,
      60,
    );
    await delay(3_000);
    const from = service.frames.length;
    await delay(seconds * 1000);
    const frames = service.frames.slice(from);
    const late = frames.filter(({ atMs, heardMs }) => heardMs - atMs > 2_000).length;
    const counts = list.map(({ id }) => frames.filter(({ camera }) => camera === id).length);
    return late <= frames.length / 100 && Math.min(...counts) >= 0.9 * fps * seconds;
  } catch (error) {
    if (error instanceof Error && error.message.includes('not within')) return false;
    throw error;
  } finally {
    await service.stop();
  }
}

/**
 * The most busy cameras of 640x360 at 5 analysed frames a second that this host holds, up to `most`; by
 * binary search.
 */
export async function camerasABox(folder: string, most: number, seconds: number): Promise<number> {
  const simulator = await startSimulator({ busy: busyClip(folder) });
  try {
    let [good, bad] = [0, most + 1];
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      if (await holds(folder, simulator.url('busy'), middle, seconds)) good = middle;
      else bad = middle;
    }
    return good;
  } finally {
    await simulator.stop();
  }
}
