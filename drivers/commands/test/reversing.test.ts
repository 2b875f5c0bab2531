import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  patient,
  plainProfile,
  rtuBoard,
  type Service,
  type SimulatedBoard,
  siteOf,
  tcpBoard,
  until,
  withService,
} from '../../test/rig.ts';

const [openRelay, closeRelay, stopRelay] = [0, 1, 2];

const withBarrier = (
  body: (service: Service, plant: SimulatedBoard) => Promise<void>,
  board: () => Promise<SimulatedBoard> = () => tcpBoard({ travelMs: 1_000 }),
) => withService({ board, site: (bus) => patient(siteOf(bus)) }, body);

/** Writes so far: `0 on`, `1 off`. */
function writes({ board }: SimulatedBoard): string[] {
  return board.writes.map(({ channel, value }) => `${channel} ${value === 0 ? 'off' : 'on'}`);
}

const closing = (plant: SimulatedBoard, relay: number) =>
  until(() => writes(plant).filter((write) => write === `${relay} on`).length > 0);

const boards = {
  'a board that times its pulses': () => tcpBoard({ travelMs: 1_000 }),
  'a serial board': () => rtuBoard({ travelMs: 1_000 }),
};
for (const [name, board] of Object.entries(boards))
  test(`an arm that is sent the other way hears one order at a time: ${name}`, () =>
    withBarrier(async (service, plant) => {
      const opening = service.command('barrier', 'open');
      await closing(plant, openRelay);
      const lowering = service.command('barrier', 'close');
      await closing(plant, closeRelay);
      assert.equal((await service.command('barrier', 'open')).state, 'confirmed');
      assert.equal((await opening).state, 'superseded');
      await lowering;
      assert.deepEqual(writes(plant), ['0 on', '0 off', '1 on', '1 off', '0 on']);
      assert.equal(plant.barrier.conflicts, 0);
    }, board));

test('an arm is sent the other way on a board whose pulses the box times', () =>
  withService(
    {
      board: () => tcpBoard({ travelMs: 1_000, hasPulse: false }),
      site: (bus) => patient(siteOf(bus, plainProfile)),
    },
    async (service, plant) => {
      const opening = service.command('barrier', 'open');
      await closing(plant, openRelay);
      const lowering = service.command('barrier', 'close');
      await closing(plant, closeRelay);
      assert.equal((await opening).state, 'superseded');
      await service.command('barrier', 'stop');
      await lowering;
      assert.equal(plant.barrier.conflicts, 0);
    },
  ));

test('an open right behind a stop waits until the stop contact is open, and arrives', () =>
  withBarrier(async (service, plant) => {
    const opening = service.command('barrier', 'open');
    await closing(plant, openRelay);
    assert.equal((await service.command('barrier', 'stop')).state, 'confirmed');
    assert.equal(plant.board.relayOn(stopRelay), true, 'the stop contact is still closed');
    assert.equal((await service.command('barrier', 'open')).state, 'confirmed');
    assert.equal((await opening).state, 'superseded');
    assert.equal(plant.barrier.conflicts, 0);
  }));

test('a stop waits for nothing: the contact of the direction is let go behind it', () =>
  withBarrier(async (service, plant) => {
    const opening = service.command('barrier', 'open');
    await closing(plant, openRelay);
    await service.command('barrier', 'stop');
    await until(() => writes(plant).length === 3);
    assert.deepEqual(writes(plant), ['0 on', '2 on', '0 off']);
    await opening;
  }));

test('an order is refused while the relay of another one cannot be let go', () =>
  withBarrier(async (service, plant) => {
    plant.board.bank.welded.add(openRelay);
    await service.command('barrier', 'open');
    const refused = await service.command('barrier', 'close');
    assert.deepEqual(
      [refused.state, refused.reason, refused.relay],
      ['rejected', 'RELAY_NOT_RELEASED', 'not-actuated'],
    );
    assert.ok(!writes(plant).includes(`${closeRelay} on`));
  }));

test('nothing keeps the box from raising an arm: neither a close relay that sticks nor a board that answers with exceptions', () =>
  withBarrier(async (service, plant) => {
    assert.equal((await service.command('barrier', 'open')).state, 'confirmed');
    await until(() => !plant.board.relayOn(openRelay));
    plant.board.bank.welded.add(closeRelay);
    const lowering = service.command('barrier', 'close');
    await closing(plant, closeRelay);
    const before = plant.board.writes.length;
    plant.board.writeException = { reason: 5, does: true };
    plant.barrier.loopOccupied = true;
    await until(() => plant.board.writes.slice(before).some(({ channel }) => channel === openRelay));
    assert.equal((await lowering).state, 'superseded');
  }));

test('an order that is refused lets no relay of another one go', () =>
  withBarrier(async (service, plant) => {
    const opening = service.command('barrier', 'open');
    await closing(plant, openRelay);
    plant.barrier.loopOccupied = true;
    const refused = await service.command('barrier', 'close');
    assert.deepEqual([refused.state, refused.reason], ['rejected', 'LOOP_OCCUPIED']);
    await opening;
    assert.deepEqual(writes(plant), ['0 on']);
  }));
