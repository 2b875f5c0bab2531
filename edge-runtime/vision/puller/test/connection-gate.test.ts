import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@gatehouse/kit';
import fc from 'fast-check';
import { type Applicant, ConnectionGate, connectionLimits, hostOf } from '../connection-gate.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('attempts of a box, of failing cameras and at one host stay within their limits, and everybody gets a turn', async () => {
  const applicant = fc.record({ host: fc.constantFrom('a', 'b', 'c', 'd'), failing: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(applicant, { maxLength: 40 }), fc.integer(), async (applicants, seed) => {
      const random = seededRandom(seed);
      const gate = new ConnectionGate();
      const flying = new Map<Applicant, () => void>();
      let admitted = 0;
      for (const one of applicants)
        void gate.enter(one, new AbortController().signal).then((leave) => {
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
      assert.equal(gate.inFlight + gate.waiting, 0);
    }),
    { numRuns: 200, seed: 5 },
  );
});

test('a camera that was just lost does not wait behind those that are dead', async () => {
  const gate = new ConnectionGate();
  const { signal } = new AbortController();
  for (let i = 0; i < 30; i++) void gate.enter({ host: `dead-${i}`, failing: true }, signal);
  await settle();
  let in_ = false;
  void gate.enter({ host: 'living', failing: false }, signal).then(() => {
    in_ = true;
  });
  await settle();
  assert.equal(in_, true);
});

test('one that gives up while it waits takes no place', async () => {
  const gate = new ConnectionGate({ box: 1, failing: 1, host: 1 });
  const leave = await gate.enter({ host: 'a', failing: false }, new AbortController().signal);
  const abort = new AbortController();
  const waiting = gate.enter({ host: 'b', failing: false }, abort.signal);
  abort.abort();
  (await waiting)();
  leave();
  assert.equal(gate.inFlight + gate.waiting, 0);
});

test('the host is what stands before the path, with its port', () => {
  assert.equal(hostOf('rtsp://NVR.lan:554/Streaming/1'), 'nvr.lan:554');
  assert.equal(hostOf('rtsps://10.0.0.1?x'), '10.0.0.1');
  fc.assert(fc.property(fc.string(), (text) => typeof hostOf(text) === 'string'));
});
