import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SensorState, type Site, Site as SiteSchema } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { outOfService } from '../devices/out-of-service.ts';
import { loadCatalogue } from '../profiles/index.ts';
import { RelayBoard } from '../simulators/relay-board.ts';
import { Sensor } from '../simulators/sensor.ts';
import { SerialServer } from '../simulators/serial-server.ts';
import { Service } from './rig.ts';

const name = { 'zh-CN': '水泵房', en: 'Pump room' };
const climate = { id: 'pump-room', name, bus: 'line', unit: 5, profile: 'xy-md02-temperature-humidity' };
const water = { id: 'floor', name, bus: 'line', unit: 6, profile: 'renke-rs-sj-water' };
const limits = [{ value: 'temperature', above: 45, hysteresis: 2, dwellS: 1 }];

function siteOn(port: number, sensors: readonly Record<string, unknown>[]): Site {
  return SiteSchema.parse({
    version: 1,
    site: { id: 'test', name },
    box: { id: 'box-1' },
    buses: [
      { id: 'line', kind: 'modbus-rtu-tcp', host: '127.0.0.1', port, baudRate: 115_200, timeoutMs: 100 },
    ],
    inputs: [
      { id: 'help', kind: 'help', name, bus: 'line', unit: 1, profile: 'jy-dam1600d-input-16ch', channel: 0 },
    ],
    sensors,
  });
}

/** A board and two sensors on one serial line behind a serial server, and the service on them. */
async function withSensors(body: (line: Line) => Promise<void>): Promise<void> {
  const server = new SerialServer({ baudRate: 115_200, turnaroundMs: 2 });
  const air = new Sensor(4, { 1: 235, 2: 512 });
  const floor = new Sensor(3, { 2: 1 });
  server.segment.add(1, new RelayBoard([], { relays: 0, inputs: 16 }));
  server.segment.add(5, air);
  server.segment.add(6, floor);
  await server.listen(0);
  const site = siteOn(server.port, [
    { ...climate, pollS: 1, limits },
    { ...water, pollS: 1 },
  ]);
  const service = await Service.start(site);
  try {
    const sensors = async () => SensorState.array().parse(await service.client.call('GET', '/sensors'));
    const one = async (id: string) => (await sensors()).find((sensor) => sensor.id === id);
    await until('all sensors are in contact', async () =>
      (await sensors()).every(({ comms }) => comms === 'ok'),
    );
    await body({ server, air, floor, service, one });
  } finally {
    await service.stop();
    await server.close();
  }
}
interface Line {
  readonly server: SerialServer;
  readonly air: Sensor;
  readonly floor: Sensor;
  readonly service: Service;
  readonly one: (id: string) => Promise<SensorState | undefined>;
}

const shown = (sensor: SensorState | undefined) =>
  sensor?.values.map(({ id, value, state, above }) => ({ id, value, state, above }));

test('sensors are read with unit, meaning and limit; heat and water are alarms that open and clear once, and are reported', () =>
  withSensors(async ({ air, floor, service, one }) => {
    assert.deepEqual(shown(await one('pump-room')), [
      { id: 'temperature', value: 23.5, state: 'normal', above: 45 },
      { id: 'humidity', value: 51.2, state: 'normal', above: undefined },
    ]);
    assert.deepEqual((await one('floor'))?.values[0]?.meaning?.name.en, 'Dry');
    air.registers.set(1, 470);
    floor.registers.set(2, 2);
    const alarmsOf = async (device: string) =>
      (await service.events()).flatMap((event) =>
        event.type === 'alarm' && event.device === device ? [event] : [],
      );
    await until(
      'an alarm of both',
      async () => (await alarmsOf('pump-room')).length === 1 && (await alarmsOf('floor')).length === 1,
    );
    const [heat] = await alarmsOf('pump-room');
    assert.deepEqual(
      [heat?.kind, heat?.phase, heat?.gates],
      [
        'input-alarm',
        'opened',
        [{ name: 'temperature', value: 47, threshold: 45, unit: '°C', passed: true }],
      ],
    );
    assert.deepEqual((await alarmsOf('floor'))[0]?.gates, [{ name: 'water', value: true, passed: true }]);
    assert.equal((await one('pump-room'))?.values[0]?.state, 'alarm');
    air.registers.set(1, 420);
    floor.registers.set(2, 1);
    await until(
      'both alarms are over',
      async () => (await alarmsOf('pump-room')).length === 2 && (await alarmsOf('floor')).length === 2,
    );
    assert.equal((await alarmsOf('pump-room'))[1]?.phase, 'cleared');
    const readings = (await service.events()).flatMap((event) =>
      event.type === 'reading' && event.device === 'pump-room' ? [[event.cause, event.values[0]?.value]] : [],
    );
    assert.deepEqual(readings, [
      ['period', 23.5],
      ['limit', 47],
      ['limit', 42],
    ]);
  }));

test('a sensor without power is unknown with its age, is told as lost, and its neighbours are read on', () =>
  withSensors(async ({ server, service, one }) => {
    server.segment.powerOff(5);
    await until('the pump room is lost', async () => (await one('pump-room'))?.comms === 'lost');
    const lost = await one('pump-room');
    assert.deepEqual(
      lost?.values.map(({ value, state }) => [value, state]),
      [
        [undefined, 'unknown'],
        [undefined, 'unknown'],
      ],
    );
    assert.ok((lost?.ageMs ?? 0) >= 2_000);
    assert.equal((await one('floor'))?.comms, 'ok');
    const told = (await service.events()).flatMap((event) =>
      event.type === 'comms' && event.device === 'pump-room' ? [event.comms] : [],
    );
    assert.deepEqual(told, ['ok', 'lost']);
    server.segment.setFault(5, { kind: 'none' });
    await until('the new value is read', async () => (await one('pump-room'))?.values[0]?.value === 23.5);
  }));

test('a value out of the range that can be measured is a fault of the sensor and no reading', () =>
  withSensors(async ({ air, service, one }) => {
    air.registers.set(1, 0x7fff);
    await until('the value is broken', async () => (await one('pump-room'))?.values[0]?.state === 'broken');
    assert.equal((await one('pump-room'))?.values[0]?.value, undefined);
    const [alarm] = (await service.events()).filter((event) => event.type === 'alarm');
    assert.deepEqual([alarm?.kind, alarm?.device], ['device-disagreement', 'pump-room']);
  }));

test('a limit on a value that the profile lacks, or beyond what it measures, puts the sensor out of service', () => {
  const cases = [
    [
      { ...climate, limits: [{ value: 'pressure', above: 3 }] },
      /sensors\[0\]\.limits\[0\]\.value.*"pressure"/,
    ],
    [{ ...climate, limits: [{ value: 'temperature', above: 300 }] }, /300 is beyond what/],
    [{ ...climate, profile: 'nothing' }, /no profile is called "nothing"/],
    [{ ...climate, unit: 1 }, /unit 1 of bus .* is help already/],
  ] as const;
  for (const [sensor, message] of cases)
    assert.match(outOfService(siteOn(1, [sensor]), loadCatalogue()).get('pump-room') ?? '', message);
});
