import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import type { Harness } from './harness.ts';
import { startConsole } from './harness.ts';

let box: Harness;
let cookie: string;
beforeEach(async () => {
  box = await startConsole();
  cookie = await box.as('guard');
});
afterEach(() => box.stop());

describe('device requests', () => {
  it('carry the login and the given commandId to the drivers and bring the outcome back, both audited', async () => {
    const commandId = '0b0f6a58-7a3c-4c0e-9a55-3d8f4f0f9d11';
    const { body } = await box.call('POST', '/api/devices/barrier-1/requests', {
      cookie,
      body: { action: 'open', commandId },
    });
    assert.equal(body.state, 'confirmed');
    assert.deepEqual(box.devices.requests, [
      { deviceId: 'barrier-1', action: 'open', user: 'guard', commandId },
    ]);
    assert.deepEqual(
      box.audit.map((record) => [record.what, record.who, record.on]),
      [
        ['device-request', 'guard', 'barrier-1'],
        ['device-outcome', 'guard', 'barrier-1'],
      ],
    );
  });

  it('reach the drivers although the disk takes no record of them, and a session outlasts that, too', async () => {
    const full = () => {
      throw new GatehouseError('STORE_FULL', 'environment', 'no space left.', 'Free space.');
    };
    Object.assign(box.users, { recordAudit: full, touchSession: full });
    await box.clock.advance(61_000);
    for (const action of ['open', 'stop']) {
      const { status, body } = await box.call('POST', '/api/devices/barrier-1/requests', {
        cookie,
        body: { action },
      });
      assert.deepEqual([status, body.state], [200, 'confirmed'], action);
    }
    assert.deepEqual(
      box.devices.requests.map(({ action }) => action),
      ['open', 'stop'],
    );
  });

  it('that cannot be made say why', async () => {
    box.devices.onRequest = () => {
      throw new GatehouseError(
        'PEER_DOWN',
        'peer',
        'drivers did not answer /commands.',
        'Check the service.',
      );
    };
    const down = await box.call('POST', '/api/devices/door-1/requests', { cookie, body: { action: 'open' } });
    assert.equal(down.status, 503);
    assert.equal((down.body.error as { code: string }).code, 'PEER_DOWN');
    const unknown = await box.call('POST', '/api/devices/none/requests', {
      cookie,
      body: { action: 'open' },
    });
    assert.equal(unknown.status, 404);
    const bad = await box.call('POST', '/api/devices/door-1/requests', {
      cookie,
      body: { action: 'blow up' },
    });
    assert.equal(bad.status, 400);
  });
});

describe('holding open', () => {
  it('carries its length to the drivers, and into the audit', async () => {
    const { body } = await box.call('POST', '/api/devices/barrier-1/requests', {
      cookie,
      body: { action: 'hold-open', holdS: 900 },
    });
    assert.equal(body.state, 'confirmed');
    assert.equal(box.devices.requests[0]?.holdS, 900);
    assert.equal(box.audit[0]?.detail?.holdS, 900);
  });

  it('is never longer than a board can time, and no time at all is refused', async () => {
    for (const holdS of [0, 3_201, 1.5, '60'])
      assert.equal(
        (
          await box.call('POST', '/api/devices/barrier-1/requests', {
            cookie,
            body: { action: 'hold-open', holdS },
          })
        ).status,
        400,
        String(holdS),
      );
    assert.equal(box.devices.requests.length, 0);
  });
});

describe('the dry contacts', () => {
  it('are listed as they are known', async () => {
    const name = { 'zh-CN': '水浸', en: 'Water' };
    box.devices.contacts.put({
      id: 'water',
      kind: 'water',
      name,
      state: 'unknown',
      comms: 'lost',
      ageMs: 9000,
    });
    const { body } = await box.call('GET', '/api/inputs', { cookie });
    assert.deepEqual(body.inputs, box.devices.contacts.list());
  });
});

describe('the fire latch', () => {
  const reset = (body: unknown = { atTheBox: true }) => box.call('POST', '/api/fire/reset', { cookie, body });

  it('is reset by name once the fire is over, and both steps are audited', async () => {
    box.devices.latch.put({ latched: true, since: '2026-11-23T03:00:00+08:00', active: [], unknown: [] });
    assert.equal((await box.call('GET', '/api/fire', { cookie })).body.latched, true);
    const { status, body } = await reset();
    assert.deepEqual([status, body.latched], [200, false]);
    assert.deepEqual(box.devices.latch.resets, ['guard']);
    assert.deepEqual(
      box.audit.map(({ what, who, on }) => [what, who, on]),
      [
        ['fire-reset-request', 'guard', 'fire'],
        ['fire-reset', 'guard', 'fire'],
      ],
    );
  });

  it('is not reset by anybody who does not say that they are there', async () => {
    for (const body of [{}, { atTheBox: false }, { atTheBox: 'yes' }])
      assert.equal((await reset(body)).status, 400);
    assert.deepEqual(box.devices.latch.resets, []);
  });

  it('stays while a fire input is active or lost, and says which', async () => {
    box.devices.latch.put({ latched: true, active: ['block-3'], unknown: [] });
    const active = await reset();
    assert.equal(active.status, 409);
    assert.equal((active.body.error as { code: string }).code, 'FIRE_STILL_ACTIVE');
    box.devices.latch.put({ latched: true, active: [], unknown: ['block-4'] });
    const lost = await reset();
    assert.equal(lost.status, 409);
    assert.match((lost.body.error as { message: string }).message, /block-4/);
  });
});
