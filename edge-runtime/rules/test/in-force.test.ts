import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calendar } from '../index.ts';
import { car, square, Watch } from './watch.ts';

const here = square(0.5, 0.6);
const parking = { kind: 'illegal-parking', violationAfterS: 30, stoppedAfterS: 5, clearAfterS: 10 };
function parked(own: object, startsAt: string, untilS = 200, holidays: string[] = []): Watch {
  const watch = new Watch({ ...parking, ...own });
  watch.startsAt = startsAt;
  watch.calendar = new Calendar('Asia/Shanghai', holidays);
  return watch.until(untilS, () => [car(1, here)]);
}
const office = { schedule: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '07:30', to: '18:00' }] };

test('dwell begins when the schedule does', () => {
  assert.deepEqual(parked(office, '2026-11-24T07:29:00+08:00').story, ['opened@90', 'updated@150']);
});

test('what is open when the schedule ends is cleared with the reason, and nothing is opened after it', () => {
  const watch = parked(office, '2026-11-24T17:59:00+08:00');
  assert.deepEqual(watch.story, ['opened@30', 'cleared@60']);
  assert.equal(watch.said[1]?.gates.get('in-force'), false);
});

test('weekends and holidays have their own windows', () => {
  assert.deepEqual(parked(office, '2026-11-28T12:00:00+08:00').story, []);
  assert.deepEqual(parked(office, '2026-11-24T12:00:00+08:00', 200, ['2026-11-24']).story, []);
  const onHolidays = { schedule: [{ days: ['holiday'], from: '00:00', to: '24:00' }] };
  assert.deepEqual(parked(onHolidays, '2026-11-24T12:00:00+08:00', 40, ['2026-11-24']).story, ['opened@30']);
  assert.deepEqual(parked(onHolidays, '2026-11-24T12:00:00+08:00', 40).story, []);
});

test('a window over midnight belongs to the day on which it starts', () => {
  const friday = { schedule: [{ days: ['fri'], from: '22:00', to: '06:00' }] };
  const opens = (at: string) => parked(friday, at, 40).story.length === 1;
  assert.ok(opens('2026-11-27T23:00:00+08:00'), 'Friday evening');
  assert.ok(opens('2026-11-28T05:00:00+08:00'), 'Saturday morning');
  assert.ok(!opens('2026-11-27T05:00:00+08:00'), 'Friday morning');
  assert.ok(!opens('2026-11-28T23:00:00+08:00'), 'Saturday evening');
});

test('exempt hours and a fire alarm suspend a rule that says so', () => {
  const exempt = { exemptions: { hours: [{ from: '12:00', to: '12:01' }], duringFireAlarm: true } };
  assert.deepEqual(parked(exempt, '2026-11-24T12:00:00+08:00', 100).story, ['opened@90']);
  const watch = new Watch({ ...parking, ...exempt }).until(40, () => [car(1, here)]);
  watch.fireAlarm = true;
  watch.until(80, () => [car(1, here)]);
  assert.deepEqual(watch.story, ['opened@30', 'cleared@40']);
});

test('where nobody knows the time of day a schedule is taken to hold', () => {
  assert.deepEqual(parked(office, '', 40).story, ['opened@30']);
});

test('the site has a clock of its own, summer time included', () => {
  const berlin = new Calendar('Europe/Berlin', []);
  assert.deepEqual(berlin.at(Date.parse('2026-07-01T22:30:00Z')), {
    today: 'thu',
    yesterday: 'wed',
    minute: 30,
  });
  assert.deepEqual(berlin.at(Date.parse('2026-12-01T22:30:00Z')), {
    today: 'tue',
    yesterday: 'mon',
    minute: 1410,
  });
});

test('each class has its own threshold, and a flicker of class does not change it', () => {
  const own = { perClass: { truck: { violationAfterS: 60 } } };
  const watch = new Watch({ ...parking, ...own }).until(70, (t) => [
    { ...car(1, here), class: Math.round(t * 5) % 4 === 0 ? 'car' : 'truck' },
  ]);
  assert.deepEqual(watch.story, ['opened@60']);
});
