import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cruise, type Ends, type Motion, timed } from '../motion.ts';
import { roundedPath } from '../path.ts';

const ends = fc.record({ restBefore: fc.boolean(), restAfter: fc.boolean() });
const length = fc.double({ min: 0.1, max: 120, noNaN: true });
const speed = fc.double({ min: 0.3, max: 14, noNaN: true });
const accel = fc.double({ min: 0.5, max: 4, noNaN: true });

/** Goes from 0 to its length without stepping back, jumping, or exceeding speed and acceleration. */
function assertSmooth(motion: Motion, accelMps2: number, { restBefore, restAfter }: Ends): void {
  const stepS = motion.durationS / 200;
  let before = motion.at(0);
  assert.ok(Math.abs(before.travelledM) < 1e-9);
  if (restBefore) assert.equal(before.speedMps, 0);
  for (let i = 1; i <= 200; i++) {
    const now = motion.at(i * stepS);
    const moved = now.travelledM - before.travelledM;
    assert.ok(moved >= -1e-9 && moved <= motion.speedMps * stepS + 1e-6, `${moved} m in ${stepS} s`);
    assert.ok(Math.abs(now.speedMps - before.speedMps) <= accelMps2 * stepS + 1e-6);
    before = now;
  }
  assert.ok(Math.abs(before.travelledM - motion.lengthM) < 1e-6);
  if (restAfter) assert.ok(before.speedMps < 1e-6);
}

test('a cruise is smooth and keeps to its speed', () => {
  fc.assert(
    fc.property(length, speed, accel, ends, (lengthM, top, accelMps2, which) => {
      const motion = cruise(lengthM, top, accelMps2, which);
      assert.ok(motion.speedMps <= top + 1e-9);
      assertSmooth(motion, accelMps2, which);
    }),
  );
});

test('a timed motion takes exactly its time, or is refused when that takes more acceleration', () => {
  fc.assert(
    fc.property(
      length,
      fc.double({ min: 0.5, max: 60, noNaN: true }),
      accel,
      ends,
      (lengthM, durationS, accelMps2, which) => {
        const motion = timed(lengthM, durationS, accelMps2, which);
        const ramps = Number(which.restBefore) + Number(which.restAfter);
        // From rest to rest, accelerating half of the time, 4 s / t^2 is needed; with one end at rest 2 s /
        // t^2.
        const neededMps2 = (2 * ramps * lengthM) / durationS ** 2;
        if (!motion) assert.ok(neededMps2 > accelMps2);
        else {
          assert.ok(Math.abs(motion.durationS - durationS) < 1e-6);
          assertSmooth(motion, accelMps2, which);
        }
      },
    ),
  );
});

test('10 m from rest to rest at 2 m/s and 2 m/s^2 take 6 s, of which 8 m are cruised', () => {
  const motion = cruise(10, 2, 2, { restBefore: true, restAfter: true });
  assert.equal(motion.durationS, 6);
  assert.deepEqual(motion.at(1), { travelledM: 1, speedMps: 2 });
  assert.deepEqual(motion.at(3), { travelledM: 5, speedMps: 2 });
  assert.deepEqual(motion.at(5.5), { travelledM: 9.75, speedMps: 1 });
  assert.equal(motion.brakesAtS, 5);
});

test('a path goes through its ends, cuts its corners, and turns without a jump', () => {
  const path = roundedPath(
    [
      [0, 0],
      [10, 0],
      [10, 10],
    ],
    4,
    2,
  );
  assert.deepEqual(path.at(0), { at: [0, 0], headingRad: 0 });
  const end = path.at(path.lengthM);
  assert.deepEqual(end.at, [10, 10]);
  assert.ok(Math.abs(end.headingRad - Math.PI / 2) < 1e-9);
  assert.ok(path.lengthM < 20 && path.lengthM > 10 * Math.SQRT2);
  for (let along = 0; along < path.lengthM; along += 0.1) {
    const [a, b] = [path.at(along), path.at(along + 0.1)];
    assert.ok(Math.hypot(b.at[0] - a.at[0], b.at[1] - a.at[1]) <= 0.1 + 1e-9);
    assert.ok(Math.abs(b.headingRad - a.headingRad) < 0.08, `turns by ${b.headingRad - a.headingRad}`);
  }
});
