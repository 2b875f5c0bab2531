import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Endangered,
  faultsNaming,
  faultsOf,
  HealthFault,
  healthFault,
  maxFaults,
  ServiceHealth,
  serviceHealth,
} from '@gatehouse/contracts';
import fc from 'fast-check';

const fault = fc
  .tuple(
    fc.constantFrom(...Endangered.options),
    fc.stringMatching(/^[A-Z]{2,8}(_[A-Z0-9]{1,8})?$/),
    fc.string({ minLength: 1, maxLength: 500, unit: 'grapheme' }),
  )
  .map(([endangers, code, detail]) => healthFault(endangers, code, detail));

test('a health answer holds by its contract, names every fault up to its bound, and the gravest first', () => {
  fc.assert(
    fc.property(
      fc.array(fault, { maxLength: 100 }),
      fc.array(fc.string({ maxLength: 400 })),
      (faults, notes) => {
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
      },
    ),
  );
});

test('of many names none is left out, and none is cut', () => {
  const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,59}$/);
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 200 }), (ids) => {
      const faults = faultsNaming(
        'people',
        'DEVICES_SILENT',
        ids,
        (some) => `No answer from ${some}: check power.`,
      );
      for (const one of faults) HealthFault.parse(one);
      const named = faults.flatMap(({ detail }) =>
        /^No answer from (.*): check power\.$/.exec(detail)?.[1]?.split(', '),
      );
      assert.deepEqual(named, ids);
    }),
  );
});

test('a part that cannot say how it is is a fault, and keeps no other from being heard', () => {
  const people = healthFault('people', 'JOURNAL_FULL', 'no command is taken.');
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
