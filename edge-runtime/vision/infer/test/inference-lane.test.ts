import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  GatehouseError,
  ManualClock,
  ProcessorMonitor,
  seededRandom,
  silentLog,
  systemClock,
} from '@gatehouse/kit';
import { InferenceLane, type InferenceLaneOptions } from '../inference-lane.ts';
import { type FakeOrders, fakeRecipe } from './fake-detector.ts';

function frame(value: number, atMs: number) {
  return { atMs, planes: Buffer.alloc(64 * 48 * 3, value), sourceWidth: 640, sourceHeight: 480 };
}

async function startLane(t: TestContext, orders: FakeOrders = {}, more: Partial<InferenceLaneOptions> = {}) {
  const lane = new InferenceLane({
    model: 'fake',
    recipe: fakeRecipe(orders),
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
    ...more,
  });
  t.after(() => lane.stop());
  lane.start();
  await new Promise<void>((resolve) => lane.onInput(() => resolve()));
  return lane;
}

test('a frame comes back as detections with its own time', async (t) => {
  const lane = await startLane(t);
  const { promise, resolve } = Promise.withResolvers<[number, number | undefined]>();
  const seat = lane.seat('a', ({ atMs }, [first]) => resolve([atMs, first?.score]));
  lane.offer(seat, frame(51, 1234));
  assert.deepEqual(await promise, [1234, 0.6]);
  assert.deepEqual(lane.status, { state: 'ready', failure: undefined, restarts: 0, inferences: 1 });
});

test('the latest frame wins, what it replaced is counted, and cameras take turns', async (t) => {
  const lane = await startLane(t);
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const record =
    (camera: string) =>
    ({ atMs }: { atMs: number }) => {
      seen.push(`${camera}${atMs}`);
      if (seen.length === 4) resolve();
    };
  const [a, b, c] = ['a', 'b', 'c'].map((name) => lane.seat(name, record(name)));
  assert.ok(a && b && c);
  // The first is dispatched at once; the worker's answer needs this thread's event loop, so the rest waits.
  for (let i = 1; i <= 20; i++) lane.offer(a, frame(1, i));
  lane.offer(b, frame(1, 1));
  lane.offer(c, frame(1, 1));
  await promise;
  assert.deepEqual(seen, ['a1', 'b1', 'c1', 'a20']);
  assert.deepEqual([a.dropped, b.dropped], [18, 0]);
});

test('a worker that dies is replaced, and the service says so meanwhile', async (t) => {
  const lane = await startLane(t, { dieOn: 13 });
  const { promise, resolve } = Promise.withResolvers<number>();
  const seat = lane.seat('a', ({ atMs }) => resolve(atMs));
  lane.offer(seat, frame(13, 1));
  while (lane.status.state === 'ready') await new Promise((next) => setImmediate(next));
  assert.equal(lane.status.failure?.code, 'DETECTOR_LOST');
  lane.offer(seat, frame(1, 2));
  assert.equal(await promise, 2);
  assert.equal(lane.status.restarts, 1);
  assert.equal(lane.status.failure, undefined);
});

for (const [what, runnable, hungAfterS] of [
  ['is replaced after 10 s', 1, 10],
  ['is given 50 s while the box is short of processor', 40, 50],
] as const)
  test(`a worker that does not answer ${what}`, async (t) => {
    const clock = new ManualClock();
    const read = () => ({ threads: new Map(), runnable, processors: 2 });
    const processor = new ProcessorMonitor({ clock, log: silentLog, read });
    processor.start();
    await clock.advance(5_000);
    const lane = await startLane(t, { hangOn: 13 }, { watchClock: processor.clock });
    const seat = lane.seat('a', () => undefined);
    const timers = clock.pendingTimers;
    lane.offer(seat, frame(13, 1));
    await clock.advance(1000 * hungAfterS - 1_000);
    assert.equal(clock.pendingTimers, timers + 1, 'it is still waited for');
    await clock.advance(2_000);
    while (lane.status.failure?.code !== 'DETECTOR_LOST') await new Promise((next) => setImmediate(next));
  });

test('a detector that throws is replaced with its reason kept', async (t) => {
  const lane = await startLane(t, { throwOn: 13 });
  const seat = lane.seat('a', () => undefined);
  lane.offer(seat, frame(13, 1));
  while (lane.status.state === 'ready') await new Promise((next) => setImmediate(next));
  assert.match(lane.status.failure?.message ?? '', /this frame is too much/);
});

test('another model with another input takes over: the new shape is told, and frames of it are answered', async (t) => {
  const failures: (string | undefined)[] = [];
  const recipes = [fakeRecipe({ dieOn: 13 }), fakeRecipe({ width: 96 })];
  const lane = await startLane(
    t,
    {},
    {
      recipe: (lost) => {
        failures.push(lost?.code);
        return (recipes.shift() ?? fakeRecipe())();
      },
    },
  );
  lane.offer(
    lane.seat('a', () => undefined),
    frame(13, 1),
  );
  const shapes: number[] = [];
  const { promise, resolve } = Promise.withResolvers<number>();
  lane.onInput(({ width }) => {
    shapes.push(width);
    if (width !== 96) return;
    const seat = lane.seat('a', ({ atMs }) => resolve(atMs));
    lane.offer(seat, { ...frame(1, 2), planes: Buffer.alloc(96 * 48 * 3, 1) });
  });
  assert.equal(await promise, 2);
  assert.deepEqual(shapes, [64, 96]);
  assert.deepEqual(failures, [undefined, 'DETECTOR_LOST']);
});

test('a missing model is one clear line that names it and the remedy, and is looked for again', async (t) => {
  let asked = 0;
  const lane = new InferenceLane({
    model: 'yolox',
    recipe: async () => {
      if (++asked === 1)
        throw new GatehouseError('MODEL_MISSING', 'environment', 'model yolox is not here.', 'Fetch it.');
      return { module: new URL('./fake-detector.ts', import.meta.url).href, args: [{}] };
    },
    clock: systemClock,
    random: () => 0,
    log: silentLog,
  });
  t.after(() => lane.stop());
  lane.start();
  while (lane.status.state !== 'failed') await new Promise((next) => setImmediate(next));
  assert.deepEqual(lane.status.failure, {
    code: 'MODEL_MISSING',
    message: 'model yolox is not here.',
    remedy: 'Fetch it.',
  });
  await new Promise<void>((resolve) => lane.onInput(() => resolve()));
  assert.equal(asked, 2);
});

test('a lane that is stopped while its model still loads stops', { timeout: 20_000 }, async () => {
  const recipe = fakeRecipe({});
  const asked = Promise.withResolvers<void>();
  const lane = new InferenceLane({
    model: 'fake',
    recipe: () => {
      asked.resolve();
      return recipe();
    },
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
  });
  lane.start();
  await asked.promise;
  // The worker is made in the next turns of the event loop and takes some ten of milliseconds to load.
  for (let turn = 0; turn < 3; turn++) await new Promise((next) => setImmediate(next));
  await lane.stop();
});

test('a worker that loads or infers when its lane stops is not ended from outside: it frees its model itself', {
  timeout: 20_000,
}, async (t) => {
  for (const when of ['loading', 'inferring']) {
    const life = new SharedArrayBuffer(4);
    const orders = { life, ...(when === 'loading' ? { loadMs: 300 } : {}) };
    if (when === 'inferring') {
      const lane = await startLane(t, orders);
      lane.offer(
        lane.seat('a', () => undefined),
        frame(1, 1),
      );
      await lane.stop();
    } else {
      const parts = { clock: systemClock, random: seededRandom(1), log: silentLog };
      const lane = new InferenceLane({ model: 'fake', recipe: fakeRecipe(orders), ...parts });
      lane.start();
      const began = Atomics.waitAsync(new Int32Array(life), 0, 0);
      await began.value;
      await lane.stop();
    }
    assert.equal(new Int32Array(life)[0], 2, when);
  }
});
