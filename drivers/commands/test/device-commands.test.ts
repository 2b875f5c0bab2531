import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  commandOf,
  plainProfile,
  Service,
  type ServiceOptions,
  type SimulatedBoard,
  siteOf,
  tcpBoard,
  until,
  withService,
} from '../../test/rig.ts';

interface Rig extends ServiceOptions {
  readonly travelMs?: number;
  readonly hasPulse?: boolean;
}

function withRig(
  { travelMs, hasPulse, ...options }: Rig,
  body: (service: Service, plant: SimulatedBoard) => Promise<void>,
): Promise<void> {
  const board = () =>
    tcpBoard({
      ...(travelMs === undefined ? {} : { travelMs }),
      ...(hasPulse === undefined ? {} : { hasPulse }),
    });
  const site = (bus: Record<string, unknown>) => siteOf(bus, hasPulse === false ? plainProfile : undefined);
  return withService({ board, site, ...options }, body);
}

test('expired, too far ahead: refused before the bus, and a repeat gets the same answer', () =>
  withRig({}, async (service, plant) => {
    const late = commandOf('door', 'open', -1);
    const first = await service.command('door', 'open', late);
    assert.deepEqual([first.state, first.reason], ['expired', 'COMMAND_EXPIRED']);
    assert.deepEqual(await service.command('door', 'open', late), first);
    const far = await service.command('door', 'open', commandOf('door', 'open', 31_000));
    assert.deepEqual([far.state, far.reason], ['rejected', 'EXPIRY_TOO_FAR']);
    assert.deepEqual(plant.board.writes, []);
  }));

test('a command that expires while it waits for the bus never reaches it', () =>
  withRig({}, async (service, plant) => {
    // Each exchange takes 120 ms now: the command waits for the poll in flight, longer than it lives.
    plant.fault({ kind: 'late', delayMs: 120 });
    const requests = plant.board.requests;
    await until(() => plant.board.requests > requests);
    const outcome = await service.command('door', 'open', commandOf('door', 'open', 40));
    assert.deepEqual([outcome.state, outcome.reason], ['expired', 'COMMAND_EXPIRED']);
    assert.deepEqual(plant.board.writes, []);
  }));

test('without a trusted clock remote commands are refused and a guard at the box still works', () =>
  withRig({ clockTrusted: () => false }, async (service, plant) => {
    for (const channel of ['schedule', 'flows']) {
      const outcome = await service.command('door', 'open', { origin: { channel, user: 'far' } });
      assert.deepEqual([outcome.state, outcome.reason], ['rejected', 'CLOCK_NOT_SYNCHRONISED']);
    }
    assert.deepEqual(plant.board.writes, []);
    assert.equal((await service.command('door', 'open')).state, 'confirmed');
  }));

test('one commandId for two different commands is an error', () =>
  withRig({}, async (service) => {
    const command = commandOf('door', 'open');
    await service.command('door', 'open', command);
    const body = { ...command, device: 'barrier' };
    await assert.rejects(service.client.call('POST', '/commands', { body }), { code: 'COMMAND_ID_REUSED' });
  }));

test('a barrier is not lowered onto a vehicle', () =>
  withRig({}, async (service, plant) => {
    assert.equal((await service.command('barrier', 'open')).state, 'confirmed');
    plant.barrier.loopOccupied = true;
    const outcome = await service.command('barrier', 'close');
    assert.deepEqual([outcome.state, outcome.reason], ['rejected', 'LOOP_OCCUPIED']);
    plant.barrier.loopOccupied = false;
    await until(async () => (await service.device('barrier')).inputs.loop === false);
    assert.equal((await service.command('barrier', 'close')).state, 'confirmed');
    assert.equal(plant.barrier.loweredOntoVehicle, 0);
  }));

test('a vehicle that drives in while the arm comes down raises it at once, and both orders are on record', () =>
  withRig({ travelMs: 1000 }, async (service, plant) => {
    await service.command('barrier', 'open');
    const closing = service.command('barrier', 'close');
    await until(() => plant.board.writes.some(({ channel }) => channel === 1));
    plant.barrier.loopOccupied = true;
    const outcome = await closing;
    assert.deepEqual([outcome.state, outcome.reason], ['superseded', 'LOOP_OCCUPIED']);
    // Open, close, open: and the close relay let go, lest the arm hear both.
    const orders = () => plant.board.writes.filter(({ pulse }) => pulse).map(({ channel }) => channel);
    await until(() => orders().length === 3);
    assert.deepEqual(orders(), [0, 1, 0]);
    await until(async () => (await service.device('barrier')).position === 'open');
    await until(async () => {
      const raised = (await service.events()).filter(
        (event) => event.type === 'command' && event.outcome.origin.channel === 'box',
      );
      return raised.length === 1;
    });
    assert.ok(plant.board.writes.some(({ channel, value }) => channel === 1 && value === 0));
    assert.equal(plant.barrier.conflicts, 0);
  }));

test('an open during lowering goes out at once', () =>
  withRig({ travelMs: 1000 }, async (service, plant) => {
    await service.command('barrier', 'open');
    const closing = service.command('barrier', 'close');
    await until(() => plant.board.writes.some(({ channel }) => channel === 1));
    const opened = await service.command('barrier', 'open');
    assert.equal(opened.state, 'confirmed');
    assert.equal((await closing).state, 'superseded');
  }));

test('a board without its own pulse is let go by the box, and by the next start if the box died in between', () =>
  withRig({ hasPulse: false }, async (service, plant) => {
    assert.equal((await service.command('door', 'open')).state, 'confirmed');
    await until(() => !plant.board.relayOn(3));
    assert.deepEqual(
      plant.board.writes.map(({ value }) => value),
      [0xff00, 0],
    );
    await service.stop();
    plant.board.handle(Buffer.from([5, 0, 3, 0xff, 0]));
    const successor = await Service.start(siteOf(plant.bus, plainProfile));
    await until(() => !plant.board.relayOn(3));
    await successor.stop();
  }));

test('a relay that cannot be let go just now is tried until it is off', () =>
  withRig({ hasPulse: false }, async (service, plant) => {
    await service.command('door', 'open');
    plant.fault({ kind: 'dead' });
    await until(async () => (await service.device('door')).comms === 'lost');
    assert.equal(plant.board.relayOn(3), true);
    plant.fault({ kind: 'none' });
    await until(() => !plant.board.relayOn(3));
  }));
