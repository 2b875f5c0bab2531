/**
 * Poll cycle: the inputs of 16 boards are read one after another through the bus's lane, against a floor
 * program on the same simulated line, turn by turn. Then one of the boards is dead, and its cost to the
 * others is measured.
 */
import { Bus } from '@gatehouse/contracts';
import { GatehouseError, silentLog, sleep, systemClock } from '@gatehouse/kit';
import { FieldBus } from '../../../drivers/bus/field-bus.ts';
import { linkTo } from '../../../drivers/bus/open-link.ts';
import { percentile, reporter } from './bench-report.ts';
import { SimulatedLine } from './doors-line.ts';
import { pollFloor, wireFloorMs } from './floors/serial-floor.ts';

const report = reporter('doors');

const units = 16;
const turnaroundMs = 5;
const speeds = [
  { baudRate: 9600, mostRatio: 1.1 },
  { baudRate: 19_200, mostRatio: 1.1 },
  { baudRate: 115_200, mostRatio: 1.5 },
] as const;
const turns = 3;
const turnMs = 3000;
/** Long enough for the breaker to open, and for its probes to reach their slowest pace. */
const deadUnitMs = 20_000;

export async function pollBench(): Promise<void> {
  for (const { baudRate, mostRatio } of speeds) {
    const line = await SimulatedLine.start({ baudRate, units, turnaroundMs });
    try {
      const all = Array.from({ length: units }, (_, i) => i + 1);
      const ours: number[] = [];
      const floor: number[] = [];
      for (let turn = 0; turn < turns; turn++) {
        floor.push(...(await pollFloor(line.path, baudRate, all, turnMs)));
        ours.push(...(await pollProduct(line.path, baudRate, all, turnMs)));
      }
      report(`poll-cycle-${baudRate}`, percentile(ours, 0.5), 'ms', {
        floor: percentile(floor, 0.5),
        mostRatio,
      });
      report(`poll-cycle-${baudRate}-arithmetic-floor`, wireFloorMs(baudRate, units, turnaroundMs), 'ms');
      if (baudRate === 9600) await deadUnit(line, baudRate);
    } finally {
      await line.stop();
    }
  }
}

async function deadUnit(line: SimulatedLine, baudRate: number): Promise<void> {
  const living = Array.from({ length: units - 1 }, (_, i) => i + 1);
  const floor = await pollFloor(line.path, baudRate, living, turnMs);
  line.setDead(units, true);
  const cycles = await pollProduct(line.path, baudRate, living, deadUnitMs, units);
  const mean = cycles.reduce((sum, ms) => sum + ms, 0) / cycles.length;
  report(`poll-cycle-${baudRate}-one-dead-unit-mean`, mean, 'ms', {
    floor: percentile(floor, 0.5),
    mostRatio: 1.25,
  });
}

/**
 * Milliseconds of each round over the units, as the first of them sees it; `dead` is asked too and does not
 * answer.
 */
async function pollProduct(
  path: string,
  baudRate: number,
  asked: readonly number[],
  forMs: number,
  dead?: number,
): Promise<number[]> {
  const spec = Bus.parse({ id: 'bench', kind: 'modbus-rtu', path, baudRate });
  const openLink = () => linkTo(spec, { clock: systemClock, quarantineMs: 300 });
  const bus = new FieldBus({ id: 'bench', openLink, clock: systemClock, log: silentLog });
  bus.start();
  const tookMs: number[] = [];
  let done = false;
  // On a busy machine a living unit may seem silent once: its round is then long, and counts.
  const ask = (unit: number) =>
    bus
      .send({ kind: 'read-inputs', unit, address: 0, count: 8 }, { priority: 'poll' })
      .catch((error) => pauseAfter(error));
  const others = async (unit: number) => {
    while (!done) await ask(unit);
  };
  try {
    while (!bus.up) await sleep(systemClock, 10);
    // The first round begins when every unit has had its rest.
    await Promise.all(asked.map(ask));
    const startMs = performance.now();
    const [first, ...rest] = asked;
    const workers = [...rest, ...(dead === undefined ? [] : [dead])].map(others);
    while (performance.now() - startMs < forMs || tookMs.length < 2) {
      const beganMs = performance.now();
      await ask(first ?? 1);
      tookMs.push(performance.now() - beganMs);
    }
    done = true;
    await Promise.all(workers);
  } finally {
    done = true;
    await bus.stop();
  }
  // The first wait begins with an empty queue and is no whole round.
  return tookMs.slice(1);
}

/** Polling comes back to a unit that is not asked now after half a second, as the boards' own does. */
async function pauseAfter(error: unknown): Promise<void> {
  if (!(error instanceof GatehouseError)) throw error;
  if (error.code === 'BUS_UNIT_SILENT') await sleep(systemClock, 500);
}
