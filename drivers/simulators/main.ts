/**
 * The demo's boards: one Modbus TCP board (barrier on relays 0 to 2 and inputs 0 to 2, door on relay and
 * input 3) and one serial line behind a pty pair: a board (door on relay 0 and input 0) as unit 1, a
 * temperature and humidity sensor as unit 5 and a water sensor as unit 6.
 *
 * `node main.ts [--tcp-port N] [--pty-link PATH] [--control-port N] [--tcp-bus ID] [--serial-bus ID]`, or
 * SIMULATOR_TCP_PORT, SIMULATOR_PTY_LINK, SIMULATOR_CONTROL_PORT. The ids are the site file's for the two
 * buses, for hands on contacts (the demo's by default). Prints one JSON line when ready; ends on SIGTERM or
 * SIGINT.
 */
import { parseArgs } from 'node:util';
import { ControlServer } from './control.ts';
import { BarrierPlant, DoorPlant } from './plants.ts';
import { PtyPair } from './pty-pair.ts';
import { RelayBoard } from './relay-board.ts';
import { RtuSlave } from './rtu-slave.ts';
import { Sensor } from './sensor.ts';
import { TcpSlave } from './tcp-slave.ts';

const { values } = parseArgs({
  options: {
    'tcp-port': { type: 'string', default: process.env.SIMULATOR_TCP_PORT ?? '1502' },
    'pty-link': { type: 'string', default: process.env.SIMULATOR_PTY_LINK ?? '' },
    'control-port': { type: 'string', default: process.env.SIMULATOR_CONTROL_PORT ?? '' },
    'tcp-bus': { type: 'string', default: 'gate-bus' },
    'serial-bus': { type: 'string', default: 'yard-bus' },
  },
});

const barrier = new BarrierPlant({
  openRelay: 0,
  closeRelay: 1,
  stopRelay: 2,
  upLimit: 0,
  downLimit: 1,
  loop: 2,
});
const tcp = new TcpSlave(new RelayBoard([barrier, new DoorPlant(3, 3)]));
const pair = values['pty-link'] ? new PtyPair(values['pty-link']) : undefined;
const rtu = pair && new RtuSlave(new RelayBoard([new DoorPlant(0, 0)]), pair.farPath);
const temperature = new Sensor(4, { 1: 235, 2: 512 });
const water = new Sensor(3, { 2: 1 });
rtu?.add(5, temperature);
rtu?.add(6, water);
const control = new ControlServer({
  ...{ barrier, tcp, rtu, temperature, water },
  busIds: { tcp: values['tcp-bus'], rtu: values['serial-bus'] },
});

async function start(): Promise<void> {
  await tcp.listen(portOf('tcp-port'));
  await pair?.start();
  await rtu?.start();
  if (values['control-port']) await control.listen(portOf('control-port'));
  console.log(
    JSON.stringify({
      event: 'simulators-ready',
      tcpPort: tcp.port,
      pty: pair?.path,
      controlPort: control.port,
    }),
  );
}

async function stop(): Promise<void> {
  await Promise.allSettled([control.close(), rtu?.stop(), tcp.close()]);
  await pair?.stop();
}

function portOf(name: 'tcp-port' | 'control-port'): number {
  const port = Number(values[name]);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--${name} must be 0 to 65535.`);
  return port;
}

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void stop().then(() => process.exit(0)));

try {
  await start();
} catch (error) {
  console.error(`simulators: ${error instanceof Error ? error.message : String(error)}`);
  await stop();
  process.exit(1);
}
