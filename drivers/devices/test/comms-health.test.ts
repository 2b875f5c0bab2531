import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commsHealth } from '../comms-health.ts';

test('all that does not answer is named, a door and a fire input before a sensor', () => {
  const ok = { id: 'barrier', comms: 'ok' } as const;
  const lost = (id: string) => ({ id, comms: 'lost' }) as const;
  const doors = Array.from({ length: 64 }, (_, n) => lost(`door-of-the-long-building-number-${n}`));
  const faults = commsHealth([ok, ...doors], [lost('fire-panel')], [lost('pump-room')]);
  const people = faults.filter(({ endangers }) => endangers === 'people');
  const named = people.flatMap(({ detail }) => /^No answer from (.*): check/.exec(detail)?.[1]?.split(', '));
  assert.deepEqual(named, [...doors.map(({ id }) => id), 'fire-panel']);
  assert.deepEqual(
    faults.slice(people.length).map(({ endangers, code }) => [endangers, code]),
    [['comfort', 'SENSORS_SILENT']],
  );
  assert.deepEqual(commsHealth([ok], [], []), []);
});
