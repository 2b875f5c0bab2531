import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteOf } from '../../test/rig.ts';
import { clockTrust } from '../clock-trust.ts';

const site = (keptBy?: 'elsewhere') => {
  const { clock, ...rest } = siteOf({ id: 'bus', kind: 'modbus-tcp', host: '127.0.0.1' });
  return { ...rest, clock: keptBy ? { keptBy } : clock };
};
const trusted = (synchronised: boolean | undefined, keptBy?: 'elsewhere') =>
  clockTrust(site(keptBy), { synchronised: () => synchronised })();

test('a clock is trusted while it is known to be kept, whatever it shows', () => {
  assert.deepEqual([trusted(true), trusted(false), trusted(undefined)], [true, false, false]);
});

test('a site may say that something keeps the clock that the box cannot see', () => {
  assert.deepEqual([trusted(false, 'elsewhere'), trusted(undefined, 'elsewhere')], [true, true]);
});
