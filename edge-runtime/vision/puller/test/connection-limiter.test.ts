import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@gatehouse/kit';
import fc from 'fast-check';
import { type Applicant, ConnectionLimiter, connectionLimits, hostOf } from '../connection-limiter.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('attempts of a box, of failing cameras and at one host stay within their limits, and everybody gets a turn', async () => {
  const applicant = fc.record({ host: fc.constantFrom('a', 'b', 'c', 'd'), failing: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(applicant, { maxLength: 40 }), fc.integer(), async (applicants, seed) => {
      const random = seededRandom(seed);
      const limiter = new ConnectionLimiter();
      const flying = new Map<Applicant, () => void>();
      let admitted = 0;
      for (const one of applicants)
        void limiter.enter(one, new AbortController().signal).then((leave) => {
          admitted++;
          flying.set(one, leave);
        });
      await settle();
      while (flying.size > 0) {
        const all = [...flying.keys()];
        assert.ok(all.length <= connectionLimits.box);
        assert.ok(all.filter(({ failing }) => failing).length <= connectionLimits.failing);
        for (const { host } of all)
          assert.ok(all.filter((other) => other.host === host).length <= connectionLimits.host);
        const chosen = all[Math.floor(random() * all.length)];
        if (!chosen) break;
        flying.get(chosen)?.();
        flying.delete(chosen);
        await settle();
      }
      assert.equal(admitted, applicants.length);
      assert.equal(limiter.inFlight + limiter.waiting, 0);
    }),
    { numRuns: 200, seed: 5 },
  );
});

test('a camera that was just lost does not wait behind those that are dead', async () => {
  const limiter = new ConnectionLimiter();
  const { signal } = new AbortController();
  for (let i = 0; i < 30; i++) void limiter.enter({ host: `dead-${i}`, failing: true }, signal);
  await settle();
  let in_ = false;
  void limiter.enter({ host: 'living', failing: false }, signal).then(() => {
    in_ = true;
  });
  await settle();
  assert.equal(in_, true);
});

test('one that gives up while it waits takes no place', async () => {
  const limiter = new ConnectionLimiter({ box: 1, failing: 1, host: 1 });
  const leave = await limiter.enter({ host: 'a', failing: false }, new AbortController().signal);
  const abort = new AbortController();
  const waiting = limiter.enter({ host: 'b', failing: false }, abort.signal);
  abort.abort();
  (await waiting)();
  leave();
  assert.equal(limiter.inFlight + limiter.waiting, 0);
});

test('the host is what stands before the path, with its port', () => {
  assert.equal(hostOf('rtsp://NVR.lan:554/Streaming/1'), 'nvr.lan:554');
  assert.equal(hostOf('rtsps://10.0.0.1?x'), '10.0.0.1');
  fc.assert(fc.property(fc.string(), (text) => typeof hostOf(text) === 'string'));
});
