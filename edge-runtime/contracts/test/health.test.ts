import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asDetail,
  Endangered,
  errorFault,
  faultBy,
  faultInWords,
  faultsNaming,
  faultsOf,
  HealthFault,
  healthFault,
  healthInWords,
  maxFaults,
  ServiceHealth,
  serviceHealth,
  term,
} from '@gatehouse/contracts';
import { englishIn } from '@gatehouse/harness';
import {
  codeOf,
  errorOf,
  GatehouseError,
  type HealthKey,
  healthLine,
  healthLineOf,
  healthLines,
  slotsOf,
} from '@gatehouse/kit';
import fc from 'fast-check';

const fault = fc
  .tuple(
    fc.constantFrom(...Endangered.options),
    fc.stringMatching(/^[A-Z]{2,8}(_[A-Z0-9]{1,8})?$/),
    fc.string({ minLength: 1, maxLength: 500, unit: 'grapheme' }),
  )
  .map(([endangers, code, text]) => errorFault(endangers, new GatehouseError(code, 'bug', text, '')));
/** Any text, in a line that is cut. */
const note = fc.string({ maxLength: 400 }).map((url) => healthLine('WEBHOOK_SLOW', { url, seconds: 9 }));

test('a health answer holds by its contract, names every fault up to its bound, and the gravest first', () => {
  fc.assert(
    fc.property(fc.array(fault, { maxLength: 100 }), fc.array(note), (faults, notes) => {
      const health = ServiceHealth.parse(serviceHealth(faults, notes));
      assert.equal(health.status, faults.length === 0 ? 'ok' : 'degraded');
      const told = health.faults ?? [];
      assert.equal(told.length, Math.min(faults.length, maxFaults));
      const rank = (one: HealthFault) => Endangered.options.indexOf(one.endangers);
      const ranks = faults.map(rank).sort((a, b) => a - b);
      const named = faults.length > maxFaults ? maxFaults - 1 : faults.length;
      assert.deepEqual(told.slice(0, named).map(rank), ranks.slice(0, named));
      if (faults.length > maxFaults)
        assert.match(told.at(-1)?.detail ?? '', new RegExp(`^${faults.length - named} more faults`));
      const [first] = told;
      if (first) assert.ok(health.detail?.startsWith(first.detail.slice(0, 299)));
    }),
  );
});

test('of many names none is left out, and none is cut', () => {
  const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,59}$/);
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 200 }), (ids) => {
      const faults = faultsNaming('people', 'DEVICES_SILENT', ids);
      for (const one of faults) HealthFault.parse(one);
      const named = faults.flatMap(({ detail }) =>
        /^No answer from (.*): check power, cable and address\.$/.exec(detail)?.[1]?.split(', '),
      );
      assert.deepEqual(named, ids);
    }),
  );
});

test('a part that cannot say how it is is a fault, and keeps no other from being heard', () => {
  const people = healthFault('people', 'JOURNAL_FULL', { file: 'drivers.db', room: 9 });
  const faults = faultsOf([
    ['one', () => []],
    [
      'store',
      () => {
        throw new Error('disk I/O error');
      },
    ],
    ['doors', () => [people]],
  ]);
  const { faults: told = [] } = serviceHealth(faults);
  assert.deepEqual(
    told.map(({ code }) => code),
    ['JOURNAL_FULL', 'HEALTH_UNKNOWN'],
  );
  assert.match(told[1]?.detail ?? '', /"store" cannot be read \(disk I\/O error\)\. See the log/);
});

test('what an error keeps from being done has the code of the error, or its own', () => {
  const full = errorOf('STORE_FULL', { file: 'events.db' });
  const { code, detail } = faultBy('watch', 'FINDINGS_WAIT', full, { count: 2 });
  assert.equal(code, 'STORE_FULL');
  assert.match(detail, /^2 findings wait: STORE_FULL: no space left for events\.db\. Free space/);
  const odd = faultBy('records', 'TRACKS_NOT_KEPT', new Error('odd'));
  assert.deepEqual([odd.code, odd.detail], ['TRACKS_NOT_KEPT', 'tracks are not kept: odd']);
});

test('every line, however long its values are, is told in Chinese with all of them that were kept', () => {
  /** All others are numbers, times, codes and ids. */
  const texts = [
    'aside',
    'error',
    'file',
    'folder',
    'missing',
    'model',
    'names',
    'note',
    'problem',
    'reason',
  ];
  const long = new Set([...texts, 'remedy', 'url', 'what', 'why']);
  for (const key of Object.keys(healthLines) as HealthKey[]) {
    const names = slotsOf(healthLines[key].en);
    for (const longest of ['', ...names.filter((name) => long.has(name))]) {
      const size = (name: string) => (name === longest ? 280 : 8);
      const values = Object.fromEntries(
        names.map((name, at) => [name, `/${at}${'x'.repeat(size(name))}/${at}`]),
      );
      const line = asDetail(healthLineOf(key, values));
      const told = faultInWords({ endangers: 'people', code: codeOf(key), detail: line }, 'zh-CN');
      assert.deepEqual(englishIn(told), [], `${key}: ${told}`);
      assert.match(told, /\p{Script=Han}/u, `${key}: ${told}`);
      for (const one of Object.values(values))
        if (line.includes(one)) assert.ok(told.includes(one), `${key}: ${one} is missing in ${told}`);
    }
  }
});

test('a fault of no form that is known is told by the short words for its code, or as it is', () => {
  const fault = { endangers: 'people', detail: 'Something new in a later version is wrong.' } as const;
  assert.match(faultInWords({ ...fault, code: 'DISK_LOW' }, 'zh-CN'), /^磁盘空间不足/);
  assert.match(faultInWords({ ...fault, code: 'STORE_FULL' }, 'zh-CN'), /^主机磁盘已满/);
  assert.equal(faultInWords({ ...fault, code: 'NEW_CODE' }, 'zh-CN'), fault.detail);
  assert.equal(faultInWords({ ...fault, code: 'DISK_LOW' }, 'en'), fault.detail);
});

test('states and phases in a line have the words that screens have for them', () => {
  for (const state of ['starting', 'stale', 'down']) {
    const names = faultsNaming('watch', 'CAMERAS_NOT_LIVE', [`east ${state}`], { count: 1, all: 2 });
    const [told] = names.map((one) => faultInWords(one, 'zh-CN'));
    assert.equal(told, `2 个摄像机中有 1 个没有实时画面：east ${term('zh-CN', 'camera-state', state)}。`);
  }
  for (const phase of ['opened', 'updated', 'cleared']) {
    const note = healthLine('INCIDENTS_DELIVERED/last', { count: 7, id: 'a-1', phase });
    const told = healthInWords(note, 'zh-CN');
    assert.equal(told, `已送达流程的事件：7，最近一个：a-1（${term('zh-CN', 'change', phase)}）`);
  }
});
