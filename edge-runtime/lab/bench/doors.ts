/**
 * Doors bench, in parts (`--part tcp|fuzz|poll|serial|burst|restart|mbpoll`; all by default, about ten
 * minutes).
 *
 * tcp: request -> read-back confirmed on Modbus TCP, through the drivers service's own socket, under its
 * normal polling of a barrier and a door on the same bus. The simulated contact follows its relay within 2
 * ms, so that the figure is the product's and not a door's. Each sample goes from the caller's request to its
 * answer: socket, two durable journal writes before the bus write, echo, relay and contact read back, one
 * durable write after. The files of the other parts describe their measures.
 *
 * `npm run bench -- doors [--part NAME] [--samples N] [--exchanges N] [--pty-exchanges N] [--seed N] [--loops
 * N]`; JSON lines on stdout, exit code 1 when a target is missed.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CommandOutcome } from '@gatehouse/contracts';
import { isoWithOffset, type LocalClient } from '@gatehouse/kit';
import { DoorPlant } from '../../../drivers/simulators/plants.ts';
import { RelayBoard } from '../../../drivers/simulators/relay-board.ts';
import { TcpSlave } from '../../../drivers/simulators/tcp-slave.ts';
import { percentile, reporter } from './bench-report.ts';
import { benchDoor, siteHead } from './bench-site.ts';
import { burstBench } from './doors-burst.ts';
import { fuzzBench } from './doors-fuzz.ts';
import { mbpollBench } from './doors-mbpoll.ts';
import { pollBench } from './doors-poll.ts';
import { restartBench } from './doors-restart.ts';
import { serialBench } from './doors-serial.ts';
import { startService } from './doors-service.ts';
import { doorFloor } from './floors/doors-floor.ts';

const report = reporter('doors');

const targetMs = 150;
const doorReactMs = 2;
/** The pulse is 100 ms and the door falls shut at once after it; each sample starts from a closed door. */
const betweenMs = 115;
const doorChannel = 3;
const serialSamples = 120;
const serialAlarms = 60;
const burstRounds = 36;
const burstFires = 12;

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    samples: { type: 'string', default: '300' },
    exchanges: { type: 'string', default: '1000000' },
    'pty-exchanges': { type: 'string', default: '10000' },
    seed: { type: 'string', default: '20261126' },
    loops: { type: 'string', default: '15' },
  },
});
const samples = Number(values.samples);

const parts: Readonly<Record<string, () => Promise<void>>> = {
  tcp: tcpBench,
  fuzz: () => fuzzBench(Number(values.exchanges), Number(values['pty-exchanges']), Number(values.seed)),
  poll: pollBench,
  serial: () => serialBench(serialSamples, serialAlarms),
  burst: () => burstBench(burstRounds, burstFires, Number(values.seed)),
  restart: () => restartBench(Number(values.loops)),
  mbpoll: mbpollBench,
};

const site = (port: number) => `${siteHead}${benchDoor(port, doorChannel)}  - id: barrier
    kind: barrier
    name: { zh-CN: 道闸, en: Barrier }
    bus: tcp
    unit: 1
    profile: waveshare-modbus-rtu-relay-8ch
    outputs: { open: 0, close: 1, stop: 2 }
    inputs: { open: 0, closed: 1, loop: 2 }
    failMode: secure
`;

async function requests(client: LocalClient): Promise<{ tookMs: number[]; notConfirmed: number }> {
  const tookMs: number[] = [];
  let notConfirmed = 0;
  for (let i = 0; i < samples; i++) {
    const body = {
      commandId: randomUUID(),
      device: 'door',
      action: 'open',
      expiresAt: isoWithOffset(Date.now() + 10_000),
      origin: { channel: 'console', user: 'bench' },
    };
    const startMs = performance.now();
    const outcome = CommandOutcome.parse(await client.call('POST', '/commands', { body }));
    tookMs.push(performance.now() - startMs);
    if (outcome.state !== 'confirmed') notConfirmed++;
    // Random phase against the poll, so that waiting for the frame in flight is part of the figure.
    await delay(betweenMs + Math.random() * 100);
  }
  return { tookMs, notConfirmed };
}

async function tcpBench(): Promise<void> {
  const slave = new TcpSlave(new RelayBoard([new DoorPlant(doorChannel, doorChannel, doorReactMs, 0)]));
  await slave.listen(0);
  const folder = await mkdtemp(join(tmpdir(), 'gh-doors-'));
  try {
    const floor = await doorFloor(slave.port, doorChannel, samples, () => delay(betweenMs));
    const service = await startService(folder, site(slave.port));
    try {
      const { tookMs, notConfirmed } = await requests(service.client);
      report('request-to-read-back-p50', percentile(tookMs, 0.5), 'ms', { floor: percentile(floor, 0.5) });
      report('request-to-read-back-p99', percentile(tookMs, 0.99), 'ms', {
        floor: percentile(floor, 0.99),
        target: targetMs,
      });
      report('samples', tookMs.length, 'count', { least: 300 });
      report('not-confirmed', notConfirmed, 'count', { target: 0 });
    } finally {
      await service.stop();
    }
  } finally {
    await slave.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const wanted = values.part === undefined ? Object.keys(parts) : [values.part];
for (const name of wanted) {
  const part = parts[name];
  if (!part) throw new Error(`no part is called "${name}". Use: ${Object.keys(parts).join(', ')}`);
  await part();
}
