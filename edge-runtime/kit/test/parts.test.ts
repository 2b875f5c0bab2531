import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Backoff,
  BoundedQueue,
  blankCredentials,
  describeError,
  GatehouseError,
  jsonLog,
  seededRandom,
  silentLog,
  startAll,
  stopAll,
} from '@gatehouse/kit';
import fc from 'fast-check';

test('back-off grows from half to all of each step, stays under its cap and starts again after a reset', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, attempts) => {
      const backoff = new Backoff({ firstMs: 100, capMs: 5_000 }, seededRandom(seed));
      for (let n = 0; n < attempts; n++) {
        const full = Math.min(5_000, 100 * 2 ** n);
        const wait = backoff.nextMs();
        assert.ok(wait >= full / 2 && wait <= full, `attempt ${n} waited ${wait} of ${full}`);
      }
      backoff.reset();
      assert.ok(backoff.nextMs() <= 100);
    }),
  );
});

test('a full queue keeps its limit, counts what it drops and drops by its named policy', () => {
  const oldest = new BoundedQueue<number>(2, 'drop-oldest');
  const newest = new BoundedQueue<number>(2, 'drop-newest');
  assert.deepEqual(
    [1, 2, 3].map((n) => oldest.push(n)),
    [true, true, true],
  );
  assert.deepEqual(
    [1, 2, 3].map((n) => newest.push(n)),
    [true, true, false],
  );
  assert.deepEqual([oldest.shift(), oldest.shift(), oldest.shift(), oldest.dropped], [2, 3, undefined, 1]);
  assert.deepEqual([newest.shift(), newest.shift(), newest.dropped], [1, 2, 1]);
});

test('parts start in order, stop in reverse, and a failed start stops what had started', async () => {
  const seen: string[] = [];
  const part = (name: string, fails = false) =>
    [
      name,
      {
        start: () => {
          seen.push(`start ${name}`);
          if (fails) throw new Error(`${name} failed`);
        },
        stop: () => void seen.push(`stop ${name}`),
      },
    ] as const;
  await assert.rejects(
    startAll([part('a'), part('b', true), part('c')], silentLog, new AbortController().signal),
    /b failed/,
  );
  assert.deepEqual(seen, ['start a', 'start b', 'stop b', 'stop a']);
});

test('a part that fails to stop does not keep the others from stopping', async () => {
  const stopped: string[] = [];
  const fine = { start: () => undefined, stop: () => void stopped.push('fine') };
  const broken = { start: () => undefined, stop: () => Promise.reject(new Error('stuck')) };
  await stopAll(
    [
      ['fine', fine],
      ['broken', broken],
    ],
    silentLog,
  );
  assert.deepEqual(stopped, ['fine']);
});

test('a log line is one JSON object, errors become their text, and credentials in URLs never appear', () => {
  const lines: string[] = [];
  const log = jsonLog('vision', { write: (line) => lines.push(line) }).with({ camera: 'gate' });
  const cause = new GatehouseError(
    'CAMERA_UNREACHABLE',
    'peer',
    'rtsp://admin:s3cret@10.0.0.5/1 is not there.',
    'Check its cable.',
  );
  log.warn('pull-failed', { error: cause });
  log.debug('not-shown');
  assert.equal(lines.length, 1);
  const line = JSON.parse(lines[0] ?? '');
  assert.deepEqual(
    [line.level, line.service, line.event, line.camera],
    ['warn', 'vision', 'pull-failed', 'gate'],
  );
  assert.equal(line.error, 'CAMERA_UNREACHABLE: rtsp://***@10.0.0.5/1 is not there. Check its cable.');
});

test('blanking credentials leaves URLs without them, and plain addresses, as they are', () => {
  assert.equal(
    blankCredentials('rtsp://h/a@b mail@x.cn http://u@h/'),
    'rtsp://h/a@b mail@x.cn http://***@h/',
  );
});

test('an aggregate error is described by its first cause', () => {
  assert.equal(describeError(new AggregateError([new Error('refused')])), 'refused');
});
