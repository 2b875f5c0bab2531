import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Bus } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { silentLog, systemClock } from '@gatehouse/kit';
import { PtyPair } from '../../simulators/pty-pair.ts';
import { RelayBoard } from '../../simulators/relay-board.ts';
import { RtuSlave } from '../../simulators/rtu-slave.ts';
import { SerialServer } from '../../simulators/serial-server.ts';
import { FieldBus } from '../field-bus.ts';
import { linkTo } from '../open-link.ts';
import type { BusRequest } from '../request.ts';

const readInputs: BusRequest = { kind: 'read-inputs', unit: 1, address: 0, count: 8 };

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gh-replug-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

function busTo(t: TestContext, place: Record<string, unknown>): FieldBus {
  const spec = Bus.parse({ id: 'yard', ...place });
  const openLink = () => linkTo(spec, { clock: systemClock, quarantineMs: 50 });
  const bus = new FieldBus({ id: 'yard', openLink, clock: systemClock, log: silentLog });
  t.after(() => bus.stop());
  bus.start();
  return bus;
}

const answers = (bus: FieldBus) =>
  bus.send(readInputs, { priority: 'poll' }).then(
    () => true,
    () => false,
  );

/**
 * A pty whose link comes and goes is what udev does to /dev/serial/by-id when an adapter is pulled and put
 * back.
 */
test('an adapter that is unplugged and plugged in again comes back by itself, and so does one that was missing', async (t) => {
  const path = join(await folder(t), 'usb-adapter');
  const bus = busTo(t, { kind: 'modbus-rtu', path });
  const board = new RelayBoard([]);
  for (let plug = 0; plug < 3; plug++) {
    await assert.rejects(bus.send(readInputs, { priority: 'poll' }), { code: 'BUS_DOWN' });
    const cable = new PtyPair(path);
    const slave = new RtuSlave(board, cable.farPath);
    await cable.start();
    await slave.start();
    try {
      await until('the board answers', () => answers(bus));
    } finally {
      await slave.stop();
      await cable.stop();
    }
    await until('the bus is down', () => !bus.up);
  }
  assert.deepEqual(board.writes, [], 'opening a bus moves nothing');
});

test('a missing adapter is named, and nothing waits for it', async (t) => {
  const path = join(await folder(t), 'no-such-adapter');
  const bus = busTo(t, { kind: 'modbus-rtu', path });
  const reason = () =>
    bus.send(readInputs, { priority: 'poll' }).then(
      () => '',
      (error: Error) => error.message,
    );
  await until('the reason names the port', async () => (await reason()).includes(path));
  assert.match(await reason(), /no-such-adapter is not there/);
});

test('a serial server that loses its power comes back by itself', async (t) => {
  const server = new SerialServer({ baudRate: 9600, turnaroundMs: 1 });
  server.segment.add(1, new RelayBoard([]));
  await server.listen(0);
  t.after(() => server.close());
  const bus = busTo(t, { kind: 'modbus-rtu-tcp', host: '127.0.0.1', port: server.port });
  await until('the board answers', () => answers(bus));
  await server.close();
  await until('the bus is down', () => !bus.up);
  await server.listen();
  await until('the board answers', () => answers(bus));
});

test('one dead unit on a real line does not keep the others from being asked', async (t) => {
  const cable = new PtyPair(join(await folder(t), 'line'));
  const slave = new RtuSlave(new RelayBoard([]), cable.farPath, { baudRate: 115_200, turnaroundMs: 1 });
  await cable.start();
  t.after(() => cable.stop());
  await slave.start();
  t.after(() => slave.stop());
  const bus = busTo(t, { kind: 'modbus-rtu', path: cable.path, baudRate: 115_200, timeoutMs: 400 });
  await until('the board answers', () => answers(bus));
  const asDead = () => bus.send({ ...readInputs, unit: 9 }, { priority: 'poll' });
  await assert.rejects(asDead(), { code: 'BUS_TIMEOUT' });
  // The dead unit rests; the living one is asked meanwhile.
  assert.ok(await answers(bus));
  await assert.rejects(asDead(), { code: 'BUS_TIMEOUT' });
  await assert.rejects(asDead(), { code: 'BUS_UNIT_SILENT', message: /unit 9 does not answer/ });
  assert.ok(await answers(bus));
});
