import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { AuditEntry, type CommandOrigin, FireState, InputState } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { isoWithOffset, systemClock } from '@gatehouse/kit';
import { Service, type ServiceOptions } from './rig.ts';
import { switchboard, wired } from './switchboard.ts';

interface Rig extends ServiceOptions {
  readonly site?: Record<string, unknown>;
}
type Board = Awaited<ReturnType<typeof switchboard>>;

async function withBoard(rig: Rig, body: (service: Service, board: Board) => Promise<void>): Promise<void> {
  const board = await switchboard();
  board.switches.set(wired.help, true);
  board.switches.set(wired.up, true);
  const service = await Service.start(board.site(rig.site), rig);
  try {
    await until('outer is in contact', async () => (await service.device('outer')).comms === 'ok');
    await until('all inputs are normal', async () =>
      InputState.array()
        .parse(await service.client.call('GET', '/inputs'))
        .every(({ state }) => state === 'normal'),
    );
    await body(service, board);
  } finally {
    await service.stop();
    await board.slave.close();
  }
}

/** Alarms so far, oldest first: `kind device phase`. */
async function alarms(service: Service): Promise<string[]> {
  return (await service.events()).flatMap((event) =>
    event.type === 'alarm' ? [`${event.kind} ${event.device} ${event.phase}`] : [],
  );
}

function reset(service: Service, channel: CommandOrigin['channel']): Promise<unknown> {
  const expiresAt = isoWithOffset(systemClock.epochMs() + 10_000);
  const body = { requestId: randomUUID(), expiresAt, origin: { channel, user: 'zhang' } };
  return service.client.call('POST', '/fire/reset', { body });
}

test('a fire opens and holds open, overrules the interlock, refuses to close, and is reset by a person at the box', () =>
  withBoard({}, async (service, { switches, board }) => {
    switches.set(wired.fire, true);
    await until('all three relays are on', () => [0, 1, 2].every((relay) => board.relayOn(relay)));
    await until(
      'the fire holds the inner door',
      async () => (await service.device('inner')).hold?.by === 'fire',
    );
    assert.equal((await service.device('outer')).hold?.by, 'fire');
    const closing = await service.command('barrier', 'close');
    assert.deepEqual([closing.state, closing.reason], ['rejected', 'FIRE_LATCHED']);
    await assert.rejects(reset(service, 'console'), { code: 'FIRE_STILL_ACTIVE' });
    switches.set(wired.fire, false);
    await until(
      'the fire input is quiet',
      async () => FireState.parse(await service.client.call('GET', '/fire')).active.length === 0,
    );
    assert.equal(
      FireState.parse(await service.client.call('GET', '/fire')).latched,
      true,
      'it stays latched',
    );
    for (const origin of ['flows', 'upstream', 'schedule'] as const)
      await assert.rejects(reset(service, origin), { code: 'NOT_PERMITTED' });
    assert.equal(FireState.parse(await reset(service, 'console')).latched, false);
    await until('all three relays are off', () => [0, 1, 2].every((relay) => !board.relayOn(relay)));
    await until('the alarm emergency fire cleared', async () =>
      (await alarms(service)).includes('emergency fire cleared'),
    );
    assert.ok((await alarms(service)).includes('emergency fire opened'));
    const entries = AuditEntry.array().parse(await service.client.call('GET', '/audit?limit=500'));
    const told = entries.map(({ what, origin }) => [what, origin?.user]);
    assert.ok(told.some(([what]) => what === 'fire-latched'));
    assert.ok(told.some(([what, user]) => what === 'fire-reset' && user === 'zhang'));
  }));

test('a latched fire outlives a restart, and nothing is written before the boards were read', () =>
  withBoard({}, async (service, { switches, board, site }) => {
    switches.set(wired.fire, true);
    await until('all three relays are on', () => [0, 1, 2].every((relay) => board.relayOn(relay)));
    switches.set(wired.fire, false);
    await until(
      'the fire input is quiet',
      async () => FireState.parse(await service.client.call('GET', '/fire')).active.length === 0,
    );
    await service.stop(true);
    assert.ok(
      [0, 1, 2].every((relay) => board.relayOn(relay)),
      'an orderly stop lets nothing go',
    );
    const { requests } = board;
    const successor = await Service.start(site(), { folder: service.folder });
    try {
      assert.equal(FireState.parse(await successor.client.call('GET', '/fire')).latched, true);
      await until('two more polls', () => board.requests >= requests + 2);
      await until('inner is in contact', async () => (await successor.device('inner')).comms === 'ok');
      assert.ok([0, 1, 2].every((relay) => board.relayOn(relay)));
    } finally {
      await successor.stop(true);
    }
  }));

test('a lease holds open for its time and no longer; ending it, and holding at all, are permissions of their own', () =>
  withBoard({}, async (service, { switches, board }) => {
    const refused = await service.command('outer', 'hold-open', {
      origin: { channel: 'flows', user: 'flow' },
    });
    assert.deepEqual([refused.state, refused.reason], ['rejected', 'NOT_PERMITTED']);
    const tooLong = await service.command('outer', 'hold-open', { holdS: 601 });
    assert.deepEqual([tooLong.state, tooLong.reason], ['rejected', 'HOLD_TOO_LONG']);
    switches.set(wired.outer, true);
    const held = await service.command('outer', 'hold-open', { holdS: 600 });
    assert.deepEqual([held.state, held.relay], ['confirmed', 'actuated']);
    assert.deepEqual(
      board.writes.map(({ channel, value, pulse }) => [channel, value, pulse]),
      [[0, 6000, true]],
      'one pulse of the board itself: it lets go even if the box dies',
    );
    const state = await service.device('outer');
    assert.deepEqual([state.condition, state.hold?.by], ['locked-open', 'lease']);
    const opened = await service.command('outer', 'open');
    assert.deepEqual([opened.state, opened.reason], ['rejected', 'HELD_OPEN']);
    assert.equal((await service.command('outer', 'release')).state, 'confirmed');
    assert.equal(board.relayOn(0), false);
    assert.equal((await service.device('outer')).hold, undefined);
    assert.equal((await service.command('outer', 'hold-open', { holdS: 1 })).state, 'confirmed');
    await until('the outer door is not held', async () => (await service.device('outer')).hold === undefined);
    await until('relay 0 is off', () => !board.relayOn(0));
  }));

test('of a mantrap one door opens; both open are an alarm', () =>
  withBoard({}, async (service, { switches }) => {
    switches.set(wired.inner, true);
    await until('inner is open', async () => (await service.device('inner')).position === 'open');
    const refused = await service.command('outer', 'open');
    assert.deepEqual([refused.state, refused.reason], ['rejected', 'INTERLOCKED']);
    switches.set(wired.outer, true);
    await until('the alarm interlock-violated trap opened', async () =>
      (await alarms(service)).includes('interlock-violated trap opened'),
    );
    switches.set(wired.inner, false);
    await until('the alarm interlock-violated trap cleared', async () =>
      (await alarms(service)).includes('interlock-violated trap cleared'),
    );
  }));

test('a door that nobody let open is forced; the exit button lets open; a cut wire of a help button calls for help', () =>
  withBoard({}, async (service, { switches }) => {
    switches.set(wired.exit, true);
    await until('the exit button is read', async () => (await service.device('outer')).inputs.exit === true);
    switches.set(wired.exit, false);
    switches.set(wired.outer, true);
    await until('outer is open', async () => (await service.device('outer')).position === 'open');
    assert.deepEqual(await alarms(service), []);
    switches.set(wired.outer, false);
    await until('outer is closed', async () => (await service.device('outer')).position === 'closed');
    await new Promise((resolve) => systemClock.after(700, () => resolve(undefined)));
    switches.set(wired.outer, true);
    await until(
      'the outer door is forced',
      async () => (await service.device('outer')).condition === 'forced',
    );
    assert.deepEqual((await service.device('outer')).alarms, ['door-forced']);
    switches.set(wired.help, false);
    await until('the alarm emergency help opened', async () =>
      (await alarms(service)).includes('emergency help opened'),
    );
    switches.set(wired.help, true);
    switches.set(wired.outer, false);
    await until('the alarm door-forced outer cleared', async () =>
      (await alarms(service)).includes('door-forced outer cleared'),
    );
    await until('the alarm emergency help cleared', async () =>
      (await alarms(service)).includes('emergency help cleared'),
    );
  }));

test('an origin that sends too much is refused and not stored, a stop is not; what was allowed goes on', () =>
  withBoard({ site: { permissions: { flows: { perMinute: 3 } } } }, async (service, { board }) => {
    const origin = { channel: 'flows', user: 'flow' };
    assert.equal((await service.command('inner', 'open', { origin })).state !== 'rejected', true);
    await assert.rejects(service.command('inner', 'open', { origin }), { code: 'RATE_LIMITED' });
    await assert.rejects(service.command('inner', 'open', { origin }), { code: 'RATE_LIMITED' });
    assert.notEqual((await service.command('barrier', 'stop', { origin })).state, 'rejected');
    assert.notEqual(
      (await service.command('inner', 'open')).state,
      'rejected',
      'a guard has a limit of his own',
    );
    assert.equal(board.writes.filter(({ pulse }) => pulse).length, 3);
    const entries = AuditEntry.array().parse(await service.client.call('GET', '/audit?limit=500'));
    assert.equal(entries.filter(({ what }) => what === 'refused').length, 1, 'one entry for a flood');
  }));
