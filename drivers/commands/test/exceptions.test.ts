import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Site } from '@gatehouse/contracts';
import {
  patient,
  rtuBoard,
  type Service,
  type SimulatedBoard,
  siteOf,
  tcpBoard,
  until,
  withService,
} from '../../test/rig.ts';

/** The rig's site with a door that may be held open. */
function holdableSite(bus: Record<string, unknown>): Site {
  // Half of the commands here move nothing, and wait for a contact as long as they may.
  const site = patient(siteOf(bus), 2_500);
  const devices = site.devices.map((device) =>
    device.id === 'door' ? { ...device, hold: { maxS: 600 } } : device,
  );
  return Site.parse({ ...site, devices });
}

const withDoor = (
  body: (service: Service, plant: SimulatedBoard) => Promise<void>,
  board: () => Promise<SimulatedBoard> = tcpBoard,
) => withService({ board, site: holdableSite }, body);

test('exceptions 1, 2, 3 and 6 say that the board has done nothing: rejected', () =>
  withDoor(async (service, { board }) => {
    for (const reason of [1, 2, 3, 6]) {
      board.writeException = { reason, does: false };
      const { state, reason: why, relay } = await service.command('door', 'open');
      assert.deepEqual([reason, state, why, relay], [reason, 'rejected', 'BUS_EXCEPTION', 'not-actuated']);
    }
    assert.deepEqual(board.writes, []);
  }));

for (const [name, makeBoard] of Object.entries({ TCP: tcpBoard, RTU: rtuBoard }))
  test(`any other exception says nothing of the relay, which is read back, and the command ends unconfirmed (${name})`, () =>
    withDoor(async (service, { board }) => {
      for (const reason of [4, 5, 8, 10, 11, 99]) {
        board.writeException = { reason, does: true };
        const done = await service.command('door', 'open');
        assert.deepEqual(
          [reason, done.state, done.reason, done.relay, done.feedback],
          [reason, 'unconfirmed', 'EXCEPTION_UNCLEAR', 'actuated', 'reached'],
        );
        board.writeException = { reason, does: false };
        await until(() => !board.relayOn(3));
        const { state, reason: why, relay } = await service.command('door', 'open');
        assert.deepEqual(
          [reason, state, why, relay],
          [reason, 'unconfirmed', 'EXCEPTION_UNCLEAR', 'not-actuated'],
        );
      }
      assert.equal(board.writes.length, 6, 'no write is repeated');
    }, makeBoard));

test('a hold that is answered with an unclear exception counts as held until its relay is read as off', () =>
  withDoor(async (service, { board }) => {
    board.writeException = { reason: 5, does: true };
    const held = await service.command('door', 'hold-open', { holdS: 600 });
    assert.deepEqual([held.state, held.relay], ['unconfirmed', 'actuated']);
    assert.equal((await service.device('door')).hold?.by, 'lease');
    const opened = await service.command('door', 'open');
    assert.deepEqual([opened.state, opened.reason], ['rejected', 'HELD_OPEN'], 'a pulse would end the hold');
    board.writeException = undefined;
    assert.equal((await service.command('door', 'release')).state, 'confirmed');
    board.writeException = { reason: 4, does: false };
    assert.equal((await service.command('door', 'hold-open', { holdS: 600 })).state, 'unconfirmed');
    await until(async () => (await service.device('door')).hold === undefined);
  }));

test('a hold that the board refuses is none, and one that it refuses to let go of goes on', () =>
  withDoor(async (service, { board }) => {
    board.writeException = { reason: 3, does: false };
    assert.equal((await service.command('door', 'hold-open', { holdS: 600 })).state, 'rejected');
    assert.equal((await service.device('door')).hold, undefined);
    board.writeException = undefined;
    assert.equal((await service.command('door', 'hold-open', { holdS: 600 })).relay, 'actuated');
    for (const reason of [2, 4]) {
      board.writeException = { reason, does: false };
      assert.notEqual((await service.command('door', 'release')).state, 'confirmed');
      assert.equal((await service.device('door')).hold?.by, 'lease', `exception ${reason}`);
    }
  }));

test('an arm whose close got an unclear exception may be on its way down: a vehicle raises it', () =>
  withDoor(
    async (service, { board, barrier }) => {
      assert.equal((await service.command('barrier', 'open')).state, 'confirmed');
      await until(() => !board.relayOn(0));
      board.writeException = { reason: 4, does: true };
      const closing = service.command('barrier', 'close');
      await until(() => board.writes.some(({ channel }) => channel === 1));
      board.writeException = undefined;
      barrier.loopOccupied = true;
      assert.equal((await closing).state, 'superseded');
      await until(async () => (await service.device('barrier')).position === 'open');
    },
    () => tcpBoard({ travelMs: 1_000 }),
  ));
