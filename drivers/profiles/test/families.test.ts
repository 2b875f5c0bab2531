import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Bus } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { silentLog, systemClock } from '@gatehouse/kit';
import { FieldBus } from '../../bus/field-bus.ts';
import { linkTo } from '../../bus/open-link.ts';
import { Board } from '../../devices/board.ts';
import { DoorPlant } from '../../simulators/plants.ts';
import { PtyPair } from '../../simulators/pty-pair.ts';
import { RegisterRelayBoard } from '../../simulators/register-relay-board.ts';
import { RelayBoard } from '../../simulators/relay-board.ts';
import { RtuLine } from '../../simulators/rtu-line.ts';
import { Sensor } from '../../simulators/sensor.ts';
import { loadCatalogue } from '../profile.ts';
import { pulseRelay, releaseRelay } from '../requests.ts';
import { readSensor } from '../sensor.ts';

const { boards, sensors } = loadCatalogue();
const baudRate = 19_200;
/** Contacts 0, 2 and 15 are closed. */
const contacts = { relay: () => undefined, contacts: () => ({ 0: true, 2: true, 15: true }) };
const lctech = new RelayBoard([contacts], { hasPulse: false });
const r413d08 = new RegisterRelayBoard([new DoorPlant(0, 0)]);
const folder = await mkdtemp(join(tmpdir(), 'gh-families-'));
const cable = new PtyPair(join(folder, 'line'));
const line = new RtuLine(cable.farPath, { baudRate, turnaroundMs: 1 });
line.segment.add(1, lctech);
line.segment.add(2, r413d08);
line.segment.add(3, new RelayBoard([contacts], { relays: 0, inputs: 16 }));
line.segment.add(4, new Sensor(4, { 1: 305, 2: 546 }));
line.segment.add(5, new Sensor(3, { 0: 658, 1: -101 }));
line.segment.add(6, new Sensor(3, { 2: 2 }));

const spec = Bus.parse({ id: 'line', kind: 'modbus-rtu', path: cable.path, baudRate, timeoutMs: 500 });
const openLink = () => linkTo(spec, { clock: systemClock, quarantineMs: 200 });
const bus = new FieldBus({ id: 'line', openLink, clock: systemClock, log: silentLog });

before(async () => {
  await cable.start();
  await line.start();
});
after(async () => {
  await bus.stop();
  await line.stop();
  await cable.stop();
  await rm(folder, { recursive: true, force: true });
});

function boardOf(unit: number, id: string): Board {
  const profile = boards.get(id);
  assert.ok(profile);
  return new Board({ bus, unit, profile, clock: systemClock });
}

/** mbpoll (libmodbus) first: it is the judge of the simulated families, and must have the line for itself. */
test('mbpoll reads what each simulated family holds, and switches its outputs', async () => {
  assert.match(await mbpoll(2, ['-t', '4', '-r', '1', '-c', '8']), /\[1\]:\s+0\n/);
  await mbpoll(2, ['-t', '4', '-r', '3'], ['256']);
  assert.equal(r413d08.bank.relayOn(2), true);
  assert.match(await mbpoll(3, ['-t', '1', '-r', '0', '-c', '16']), /\[2\]:\s+1\n[\s\S]*\[15\]:\s+1\n/);
  assert.match(await mbpoll(4, ['-t', '3', '-r', '1', '-c', '2']), /\[1\]:\s+305\n\[2\]:\s+546\n/);
  assert.match(await mbpoll(5, ['-t', '4', '-r', '0', '-c', '2']), /\[0\]:\s+658\n\[1\]:\s+65435 \(-101\)\n/);
});

test('boards of coils, of registers and of inputs only are read and switched through their profiles', async () => {
  bus.start();
  await until('the bus is up', () => bus.up);
  const options = { priority: 'remote' } as const;
  const registers = boardOf(2, 'r413d08-relay-8ch');
  assert.equal((await registers.readRelays(options)).bits[2], true, 'mbpoll left it on');
  await registers.write(releaseRelay(registers.profile, 2, 2), options);
  await registers.write(pulseRelay(registers.profile, 2, 0, 500), options);
  assert.deepEqual((await registers.readRelays(options)).bits, [true, ...Array(7).fill(false)]);
  assert.deepEqual(r413d08.bank.writes.at(-1)?.value, 0x0601);
  const inputs = boardOf(3, 'jy-dam1600d-input-16ch');
  const closed = (await inputs.readInputs(options)).bits.flatMap((bit, channel) => (bit ? [channel] : []));
  assert.deepEqual(closed, [0, 2, 15]);
  const plain = boardOf(1, 'lctech-modbus-relay-8ch');
  await plain.write(pulseRelay(plain.profile, 1, 5, 500), options);
  assert.equal((await plain.readRelays(options)).bits[5], true);
});

test('a board of inputs only is polled without ever being asked for relays', async () => {
  const asked = line.segment.requests.get(3) ?? 0;
  const board = boardOf(3, 'jy-dam1600d-input-16ch');
  board.start();
  await until('the board is in contact', () => board.comms === 'ok');
  await board.stop();
  assert.ok((line.segment.requests.get(3) ?? 0) > asked);
});

test('sensors are read in their units; what a profile asks in vain is named, and no coil is written', async () => {
  const read = async (unit: number, id: string) => {
    const profile = sensors.get(id);
    assert.ok(profile);
    const readings = await readSensor(bus, profile, unit, { priority: 'remote' });
    return Object.fromEntries(readings.map((reading) => [reading.id, reading.value]));
  };
  const before = line.segment.requests.get(4) ?? 0;
  assert.deepEqual(await read(4, 'xy-md02-temperature-humidity'), { temperature: 30.5, humidity: 54.6 });
  assert.equal(line.segment.requests.get(4), before + 1, 'both in one request');
  assert.deepEqual(await read(5, 'renke-rs-ws-temperature-humidity'), { temperature: -10.1, humidity: 65.8 });
  const written = lctech.writes.length;
  await assert.rejects(read(6, 'renke-rs-ws-temperature-humidity'), {
    code: 'BUS_EXCEPTION',
    message: /does not have this address .*holding registers 0 to 1, unit 6/,
  });
  await assert.rejects(read(1, 'xy-md02-temperature-humidity'), { message: /does not know this function/ });
  assert.equal(lctech.writes.length, written);
  const water = sensors.get('renke-rs-sj-water');
  assert.ok(water);
  const [reading] = await readSensor(bus, water, 6);
  assert.deepEqual(reading?.meaning, { name: { 'zh-CN': '有水', en: 'Wet' }, alarm: true });
});

async function mbpoll(
  unit: number,
  what: readonly string[],
  values: readonly string[] = [],
): Promise<string> {
  const how = ['-m', 'rtu', '-b', String(baudRate), '-P', 'none', '-a', String(unit), '-0', '-1', '-o', '2'];
  const run = promisify(execFile)('mbpoll', [...how, ...what, cable.path, ...values], { timeout: 20_000 });
  return (await run).stdout.replaceAll('\t', ' ').replaceAll(/ +\n/g, '\n');
}
