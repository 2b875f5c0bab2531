import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bus } from '@gatehouse/contracts';
import { GatehouseError, systemClock } from '@gatehouse/kit';
import { PtyPair } from '../../simulators/pty-pair.ts';
import { RelayBoard } from '../../simulators/relay-board.ts';
import { RtuSlave } from '../../simulators/rtu-slave.ts';
import { TcpSlave } from '../../simulators/tcp-slave.ts';
import { BusProbe } from '../bus-probe.ts';
import { busOpener } from '../open-bus.ts';
import { registerLines } from '../registers.ts';
import { type ScanNews, type ScanOptions, scan } from '../scan.ts';

async function all(options: Omit<ScanOptions, 'clock'>): Promise<ScanNews[]> {
  const news: ScanNews[] = [];
  for await (const one of scan({ ...options, clock: systemClock })) news.push(one);
  return news;
}

test('a scan of a TCP bus finds the unit that answers, says what it knows, and writes nothing', async (t) => {
  const board = new RelayBoard([]);
  const slave = new TcpSlave(board, 3);
  await slave.listen(0);
  t.after(() => slave.close());
  const bus = Bus.parse({
    id: 'b',
    kind: 'modbus-tcp',
    host: '127.0.0.1',
    port: slave.port,
    timeoutMs: 1000,
  });
  const news = await all({ bus, units: [1, 3, 7] });
  assert.deepEqual(news, [
    { type: 'trying' },
    {
      type: 'found',
      found: {
        unit: 3,
        answers: {
          'read-coils': 'value',
          'read-inputs': 'value',
          'read-holding': 'refused',
          'read-input-registers': 'refused',
        },
      },
    },
  ]);
  assert.equal(board.writes.length, 0);
});

test('a scan of a serial line finds the unit at the rate at which it answers, and not at another', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-scan-'));
  const pair = new PtyPair(join(folder, 'bus'));
  await pair.start();
  const slave = new RtuSlave(new RelayBoard([]), pair.farPath, { baudRate: 19_200, turnaroundMs: 2 });
  await slave.start();
  t.after(async () => {
    await slave.stop();
    await pair.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const bus = Bus.parse({ id: 'b', kind: 'modbus-rtu', path: pair.path });
  const news = await all({ bus, units: [1, 2], bauds: [19_200], turnaroundMs: 1000 });
  assert.deepEqual(
    news.map((one) => (one.type === 'found' ? [one.found.unit, one.found.baudRate] : one.type)),
    ['trying', [1, 19_200], 'line'],
  );
});

test('a scan says that an adapter is not there, naming it', async () => {
  const bus = Bus.parse({ id: 'b', kind: 'modbus-rtu', path: '/dev/serial/by-id/not-plugged-in' });
  await assert.rejects(all({ bus, units: [1] }), {
    code: 'BUS_DOWN',
    message: /\/dev\/serial\/by-id\/not-plugged-in/,
  });
});

test('what is no reply is noise, and enough of it ends the rate', async () => {
  const bus = Bus.parse({ id: 'b', kind: 'modbus-rtu', path: '/dev/null' });
  let asked = 0;
  const openLink = () => ({
    mustReopen: false,
    open: async () => undefined,
    close: () => undefined,
    onClose: () => undefined,
    restMs: () => 0,
    exchange: async () => {
      asked++;
      throw new GatehouseError('BUS_WRONG_REPLY', 'peer', 'garbled.', 'Look.');
    },
  });
  const news = await all({ bus, units: [1, 2, 3, 4, 5, 6, 7, 8], bauds: [4800], openLink });
  assert.equal(news.filter(({ type }) => type === 'noise').length, 4);
  assert.equal(asked, 4);
});

test('a read by hand shows raw beside decoded', async (t) => {
  const slave = new TcpSlave(new RelayBoard([{ relay: () => undefined, contacts: () => ({ 2: true }) }]));
  await slave.listen(0);
  t.after(() => slave.close());
  const bus = Bus.parse({ id: 'b', kind: 'modbus-tcp', host: '127.0.0.1', port: slave.port });
  const probe = new BusProbe(busOpener(bus, systemClock), systemClock);
  t.after(() => probe.close());
  const request = { kind: 'read-inputs', unit: 1, address: 1, count: 3 } as const;
  const exchange = await probe.read(request);
  // Unit 1, function 2, from 1, three of them.
  assert.equal(exchange.sent.subarray(0, 6).toString('hex'), '010200010003');
  assert.deepEqual(registerLines(request, exchange), [
    { address: 1, raw: '0', names: [] },
    { address: 2, raw: '1', names: [] },
    { address: 3, raw: '0', names: [] },
  ]);
});

test('registers are shown without and with their sign', () => {
  const request = { kind: 'read-holding', unit: 1, address: 16, count: 2 } as const;
  const exchange = { sent: Buffer.alloc(0), received: Buffer.alloc(0), bits: [], registers: [291, 0xff9c] };
  assert.deepEqual(registerLines(request, exchange), [
    { address: 16, raw: '0123', unsigned: 291, signed: 291, names: [] },
    { address: 17, raw: 'ff9c', unsigned: 65_436, signed: -100, names: [] },
  ]);
});
