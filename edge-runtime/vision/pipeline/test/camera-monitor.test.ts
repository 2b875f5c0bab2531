import assert from 'node:assert/strict';
import { test } from 'node:test';
import { every, ManualClock, ProcessorMonitor, silentLog } from '@gatehouse/kit';
import type { InputShape } from '../../detect/detector.ts';
import { CameraMonitor } from '../camera-monitor.ts';
import { type CameraFacts, cameraStatus } from '../camera-state.ts';

const input: InputShape = { width: 16, height: 16, fit: 'letterbox', pad: 114 };
const grey = new Uint8Array(3 * input.width * input.height).fill(120);

/** A second of a camera and its decoder, and whether the box is short of processor. */
interface Second {
  readonly delivered: boolean;
  readonly decoded: boolean;
  readonly starved?: boolean;
}

/** A camera on a manual clock whose pictures are as old as the decoder is late. */
function watchedCamera() {
  const clock = new ManualClock();
  let second: Second = { delivered: true, decoded: true };
  const runnable = () => (second.starved ? 40 : 1);
  const read = () => ({ threads: new Map(), runnable: runnable(), processors: 2 });
  const processor = new ProcessorMonitor({ clock, log: silentLog, read });
  const watch = new CameraMonitor({
    watchMs: () => processor.clock.monotonicMs(),
    get short() {
      return processor.short;
    },
  });
  const now = () => clock.monotonicMs();
  const opened: { name: string; atS: number }[] = [];
  const names = () => (watch.facts(now()).conditions ?? []).map(({ name }) => name);
  processor.start();
  every(clock, 200, () => {
    if (second.delivered) watch.delivered(now(), now() - 100, true);
    const frame = { atMs: now() - 100, planes: grey, sourceWidth: 16, sourceHeight: 16 };
    const luma = { width: 16, height: 16, pixels: grey.subarray(0, 256) };
    if (second.decoded) watch.decoded(now(), frame, input, luma);
  });
  every(clock, 1_000, () => {
    watch.look(now());
    for (const name of names())
      if (!opened.some((one) => one.name === name)) opened.push({ name, atS: now() / 1000 });
  });
  return {
    watch,
    processor,
    now,
    names,
    opened,
    async pass(seconds: number, what: Second) {
      second = what;
      await clock.advance(1000 * seconds);
    },
  };
}

const well: Second = { delivered: true, decoded: true };

test('a camera whose pictures arrive is not stale while the box is too short of processor to decode them', async () => {
  const camera = watchedCamera();
  await camera.pass(20, well);
  // Too little is decoded in time for the three seconds that finding the shortage takes: 5 s are the limit.
  await camera.pass(300, { delivered: true, decoded: false, starved: true });
  await camera.pass(9, { ...well, starved: false });
  await camera.pass(30, well);
  assert.deepEqual(
    camera.opened.filter(({ name }) => name === 'stale'),
    [],
  );
});

test('a decoder that stops without a shortage leaves its camera stale within eleven seconds', async () => {
  const camera = watchedCamera();
  await camera.pass(20, well);
  await camera.pass(20, { delivered: true, decoded: false });
  const [stale] = camera.opened.filter(({ name }) => name === 'stale');
  assert.ok(stale && stale.atS > 25 && stale.atS <= 31, `${stale?.atS} s`);
});

test('a camera that dies while the box is short of processor is told all the same, after 32 s at the most', async () => {
  const camera = watchedCamera();
  await camera.pass(20, well);
  await camera.pass(20, { ...well, starved: true });
  assert.equal(camera.processor.short, true);
  await camera.pass(60, { delivered: false, decoded: false, starved: true });
  const [stale] = camera.opened.filter(({ name }) => name === 'stale');
  assert.ok(stale && stale.atS > 60 && stale.atS <= 40 + 32, `${stale?.atS} s`);
  await camera.pass(20, well);
  assert.deepEqual(
    camera.names().filter((name) => name === 'stale'),
    [],
  );
});

test('connections and pictures that a shortage damages are not counted against the camera', async () => {
  const camera = watchedCamera();
  await camera.pass(10, well);
  await camera.pass(5, { ...well, starved: true });
  for (let i = 0; i < 50; i++) {
    camera.watch.said(camera.now(), '[h264] error while decoding MB 3 4');
    camera.watch.lost(camera.now());
  }
  const { decodeErrorsPerMinute, reconnectsPerHour } = camera.watch.facts(camera.now());
  assert.deepEqual([decodeErrorsPerMinute, reconnectsPerHour], [0, 0]);
  await camera.pass(20, well);
  for (let i = 0; i < 50; i++) {
    camera.watch.said(camera.now(), '[h264] error while decoding MB 3 4');
    camera.watch.lost(camera.now());
  }
  const after = camera.watch.facts(camera.now());
  assert.deepEqual([after.decodeErrorsPerMinute, after.reconnectsPerHour], [50, 50]);
});

test('a camera that is analysed late names the shortage as its reason, and a fault of its own before that', () => {
  const facts: CameraFacts = {
    id: 'gate',
    nowMs: 60_000,
    startedMs: 0,
    analysedMs: 40_000,
    modelFailure: undefined,
    undecodable: true,
    codec: 'h264',
    width: 1920,
    height: 1080,
    analysedFps: 0.1,
    wantedFps: 5,
    decoding: 'full',
    gopMs: 2_000,
    processorShort: true,
    pull: { phase: 'streaming', reconnects: 0, reason: undefined, detail: undefined, retryInMs: undefined },
    health: { deliveredFps: 25, shedFps: 0, decodeErrorsPerMinute: 0, reconnectsPerHour: 0 },
  };
  const said = (more: Partial<CameraFacts>) => {
    const { state, reason } = cameraStatus({ ...facts, ...more });
    return [state, reason];
  };
  assert.deepEqual(said({}), ['stale', 'PROCESSOR_SHORT']);
  assert.deepEqual(said({ processorShort: false }), ['stale', 'CAMERA_GARBAGE']);
  assert.deepEqual(said({ processorShort: false, undecodable: false }), ['stale', 'CAMERA_STALLED']);
  assert.deepEqual(said({ analysedMs: 59_000 }), ['live', undefined]);
  const refused = { ...facts.pull, phase: 'waiting', reason: 'CAMERA_UNAUTHORIZED' } as const;
  assert.deepEqual(said({ pull: refused }), ['down', 'CAMERA_UNAUTHORIZED']);
});

test('when the clock of the box is set, the clock of a camera is no longer held for wrong, or is from then on', () => {
  const { watch, now, names } = watchedCamera();
  const yearsMs = 56 * 365 * 86_400_000;
  watch.boxClockSet(now(), 5_000);
  assert.equal(watch.facts(now()).clockOffsetMs, undefined, 'it has not been read yet');
  watch.clockOffset(now(), yearsMs + 300);
  assert.deepEqual(names(), ['clock-off']);
  watch.boxClockSet(now(), yearsMs);
  assert.deepEqual([watch.facts(now()).clockOffsetMs, names()], [300, []]);
  watch.boxClockSet(now(), -3_600_000);
  assert.deepEqual([watch.facts(now()).clockOffsetMs, names()], [3_600_300, ['clock-off']]);
});
