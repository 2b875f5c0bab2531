import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@gatehouse/kit';
import { SharedId } from '../shared-id.ts';

const minute = 60_000;

test('a box says since when and how it knows that it is not alone, and stops ten minutes after the last sign', async () => {
  const clock = new ManualClock(Date.parse('2026-11-23T18:30:00.000+08:00'));
  let changes = 0;
  const shared = new SharedId('box-1', clock, () => changes++);
  assert.deepEqual(shared.health(), []);
  shared.see('connection');
  const said = shared.health()[0]?.detail ?? '';
  assert.match(said, /^UPLINK_ID_SHARED: another box uses the id "box-1": since 2026-11-23T/);
  assert.match(said, /the broker gives its connection to another client of this id\. Switch one of them off/);
  await clock.advance(9 * minute);
  shared.see('twin');
  await clock.advance(10 * minute);
  assert.equal(shared.health()[0]?.detail, said, 'one sign after another is one matter');
  assert.equal(changes, 1);
  await clock.advance(1);
  assert.deepEqual(shared.health(), []);
  shared.see('foreign');
  assert.match(
    shared.health()[0]?.detail ?? '',
    /the platform has refused events under this id that this box did not send/,
  );
  assert.equal(changes, 2);
});
