import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { Journal } from '../../journal/journal.ts';
import { doorAlarms, inputAlarms } from '../alarms.ts';
import { unknownDoor } from '../door.ts';
import { OpenAlarms } from '../open-alarms.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-alarms-'));
after(() => rmSync(folder, { recursive: true }));
const clock = new ManualClock();
let files = 0;

function opened(file = join(folder, `${++files}.db`)) {
  const journal = new Journal({ file, clock, log: silentLog });
  journal.start();
  const sources = new Set(['door', 'smoke']);
  const alarms = new OpenAlarms({ journal, clock, log: silentLog, sources });
  alarms.start();
  const told = () => {
    journal.flush();
    return journal.eventsAfter(0, 100).flatMap((event) => (event.type === 'alarm' ? [event] : []));
  };
  return { file, journal, alarms, told };
}

const warned = doorAlarms({}, { ...unknownDoor, is: 'held-open-warning' });
const late = doorAlarms({}, { ...unknownDoor, is: 'held-open' });
const smoke = inputAlarms('smoke', true, false);

test('what is reported again and again is told once: opened, changed, cleared', () => {
  const { journal, alarms, told } = opened();
  for (const list of [[], warned, warned, late, late, [], []]) alarms.report('door', list);
  assert.deepEqual(
    told().map(({ phase, priority }) => [phase, priority]),
    [
      ['opened', 3],
      ['updated', 2],
      ['cleared', 2],
    ],
  );
  assert.equal(
    new Set(told().map(({ alarm }) => alarm)).size,
    1,
    'one alarm from its opening to its clearing',
  );
  journal.stop();
});

test('an alarm that is open over a restart is not opened again, and clears as the same one', () => {
  const before = opened();
  before.alarms.report('smoke', smoke);
  before.journal.stop();
  const { journal, alarms, told } = opened(before.file);
  alarms.report('smoke', smoke);
  assert.equal(told().length, 1);
  alarms.report('smoke', []);
  assert.deepEqual(
    told().map(({ phase }) => phase),
    ['opened', 'cleared'],
  );
  assert.equal(told()[0]?.alarm, told()[1]?.alarm);
  journal.stop();
});

test('an alarm of a device that the site no longer has is cleared at the start', () => {
  const before = opened();
  before.alarms.report('removed', smoke);
  before.journal.stop();
  const { journal, told } = opened(before.file);
  assert.deepEqual(
    told().map(({ phase }) => phase),
    ['opened', 'cleared'],
  );
  journal.stop();
});
