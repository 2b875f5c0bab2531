/**
 * Requests a second beside libmodbus: mbpoll and the bus's lane, turn by turn on the same pty, each reading
 * eight inputs of 16 simulated boards. mbpoll keeps no silence behind a reply, so it may be faster than the
 * specification allows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Bus } from '@gatehouse/contracts';
import { silentLog, sleep, systemClock } from '@gatehouse/kit';
import { FieldBus } from '../../../drivers/bus/field-bus.ts';
import { linkTo } from '../../../drivers/bus/open-link.ts';
import { reporter } from './bench-report.ts';
import { SimulatedLine } from './doors-line.ts';

const report = reporter('doors');

const units = 16;
const turnMs = 4000;
const turns = 2;
/** Of libmodbus's rate: at 9600 baud t3.5 behind each reply alone costs 14 % of an exchange. */
const leastRatio = 0.8;

export async function mbpollBench(): Promise<void> {
  const baudRate = 9600;
  const line = await SimulatedLine.start({ baudRate, units, turnaroundMs: 5 });
  try {
    const rates = { mbpoll: 0, ours: 0 };
    for (let turn = 0; turn < turns; turn++) {
      rates.mbpoll += (await rateOf(line, (path) => mbpoll(path, baudRate))) / turns;
      rates.ours += (await rateOf(line, (path) => lane(path, baudRate))) / turns;
    }
    report(`requests-a-second-${baudRate}`, rates.ours, '1/s', { floor: rates.mbpoll, leastRatio });
  } finally {
    await line.stop();
  }
}

/** Requests that the boards receive in a second while a master works; it is given a moment to get going. */
async function rateOf(
  line: SimulatedLine,
  start: (path: string) => Promise<() => Promise<void>>,
): Promise<number> {
  const stop = await start(line.path);
  await delay(500);
  const before = await line.requests();
  const startMs = performance.now();
  await delay(turnMs);
  const count = (await line.requests()) - before;
  const tookS = (performance.now() - startMs) / 1000;
  await stop();
  return count / tookS;
}

async function mbpoll(path: string, baudRate: number): Promise<() => Promise<void>> {
  const how = ['-m', 'rtu', '-b', baudRate, '-P', 'none', '-a', `1:${units}`, '-0', '-t', '1'];
  const what = ['-r', '0', '-c', '8', '-l', '11', '-q', path];
  const child = spawn('mbpoll', [...how, ...what].map(String), { stdio: ['ignore', 'ignore', 'inherit'] });
  const gone = once(child, 'exit');
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error))]);
  return async () => {
    child.kill('SIGINT');
    await gone;
  };
}

async function lane(path: string, baudRate: number): Promise<() => Promise<void>> {
  const spec = Bus.parse({ id: 'bench', kind: 'modbus-rtu', path, baudRate });
  const openLink = () => linkTo(spec, { clock: systemClock, quarantineMs: 100 });
  const bus = new FieldBus({ id: 'bench', openLink, clock: systemClock, log: silentLog });
  bus.start();
  while (!bus.up) await sleep(systemClock, 10);
  let done = false;
  const worker = async (unit: number) => {
    while (!done)
      await bus
        .send({ kind: 'read-inputs', unit, address: 0, count: 8 }, { priority: 'poll' })
        // A request that fails on a busy machine is one that was not made in time: the rate shows it.
        .catch(() => sleep(systemClock, 10));
  };
  const workers = Array.from({ length: units }, (_, i) => worker(i + 1));
  return async () => {
    done = true;
    await Promise.all(workers);
    await bus.stop();
  };
}
