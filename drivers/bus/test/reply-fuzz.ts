import { type Clock, GatehouseError, type Random, seededRandom, silentLog, sleep } from '@gatehouse/kit';
import { FieldBus } from '../field-bus.ts';
import type { BusRequest } from '../request.ts';
import { RtuLink, type SerialBus } from '../rtu-link.ts';
import { HostileLine, type LineCondition } from './hostile-line.ts';

/**
 * How the exchanges of a fuzz ended. `wrong` are replies taken that were not the right answer to their own
 * request.
 */
export interface FuzzResult {
  right: number;
  wrong: number;
  /** Ended by an exception reply that the slaves did send. */
  exceptions: number;
  refused: number;
}

export const fuzzBus: SerialBus = {
  id: 'fuzz',
  kind: 'modbus-rtu',
  path: '/dev/none',
  baudRate: 9600,
  parity: 'none',
  stopBits: 1,
  timeoutMs: 300,
  pauseMs: 0,
  localEcho: 'auto',
};
export const fuzzQuarantineMs = 300;
const units = [1, 2, 3, 4] as const;

/** A line as it may be at a site, and what the site file says of it. */
export interface LineCase {
  readonly condition: LineCondition;
  readonly setting: Partial<Pick<SerialBus, 'pauseMs' | 'localEcho'>>;
}

export const lineCases = {
  plain: { condition: {}, setting: {} },
  'no-bias': { condition: { noise: true }, setting: {} },
  'echo-found': { condition: { echo: true }, setting: {} },
  'echo-set': { condition: { echo: true }, setting: { localEcho: 'on' } },
  pause: { condition: {}, setting: { pauseMs: 40 } },
  'all-at-once': { condition: { echo: true, noise: true }, setting: { pauseMs: 25 } },
} as const satisfies Readonly<Record<string, LineCase>>;

export interface FuzzOptions {
  readonly clock: Clock & { until<T>(work: Promise<T>): Promise<T> };
  readonly seed: number;
  readonly exchanges: number;
  /** Of the link under test; the slaves are late up to the bound of the default, whatever is set here. */
  readonly quarantineMs?: number;
  /** A plain line if absent. */
  readonly line?: LineCase;
  /** Every so many exchanges the adapter begins to echo, or leaves it off. */
  readonly echoChangesEvery?: number;
}

/**
 * Sends seeded requests to hostile slaves through the whole lane, each unit asked by a worker of its own, and
 * judges every accepted reply by what the slaves say was right. Answers come up to 1 ms before the end of
 * timeout + quarantine.
 */
export async function fuzzInMemory(options: FuzzOptions): Promise<{ result: FuzzResult; faults: object }> {
  const { clock, seed, exchanges, line: { condition, setting } = lineCases.plain } = options;
  const random = seededRandom(seed);
  const lateMs = { least: fuzzBus.timeoutMs + 1, most: fuzzBus.timeoutMs + fuzzQuarantineMs - 1 };
  const line = new HostileLine(clock, random, { format: fuzzBus, lateMs, condition });
  const spec = { ...fuzzBus, ...setting };
  const quarantineMs = options.quarantineMs ?? fuzzQuarantineMs;
  const openLink = () => new RtuLink(spec, { clock, quarantineMs, line });
  const bus = new FieldBus({ id: 'fuzz', openLink, clock, log: silentLog, random });
  const result: FuzzResult = { right: 0, wrong: 0, exceptions: 0, refused: 0 };
  const rightAnswer = (sent: Buffer) => line.slaves.answerTo(sent);
  const worker = async (unit: number) => {
    while (asked(result) < exchanges) {
      const { echoChangesEvery } = options;
      if (echoChangesEvery)
        line.condition = { echo: asked(result) % (2 * echoChangesEvery) >= echoChangesEvery };
      await fuzzOnce({ bus, clock, result, request: randomRequest(random, unit), right: rightAnswer });
    }
  };
  bus.start();
  await clock.until(Promise.all(units.map(worker)).then(() => bus.stop()));
  return { result, faults: line.slaves.counts };
}

/** Exchanges that went over the wire. */
export function asked({ right, wrong, exceptions, refused }: FuzzResult): number {
  return right + wrong + exceptions + refused;
}

interface OnceOptions {
  readonly bus: FieldBus;
  readonly clock: Clock;
  readonly result: FuzzResult;
  readonly request: BusRequest;
  /** The right answer to what was sent; told what was taken for it. */
  readonly right: (sent: Buffer, taken: Buffer) => Buffer | undefined;
}

/**
 * One request and its judgement. A unit that the lane does not ask now counts for nothing and is waited for.
 */
export async function fuzzOnce({ bus, clock, result, request, right }: OnceOptions): Promise<void> {
  try {
    const { sent, received } = await bus.send(request, { priority: 'poll' });
    result[right(sent, received)?.equals(received) ? 'right' : 'wrong']++;
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    if (error.code === 'BUS_UNIT_SILENT' || error.code === 'BUS_DOWN') await sleep(clock, 100);
    else result[error.code === 'BUS_EXCEPTION' ? 'exceptions' : 'refused']++;
  }
}

/** Reads of every kind, and writes that no other write near them is answered like. */
export function randomRequest(random: Random, unit: number): BusRequest {
  const dice = random();
  const address = Math.floor(random() * 8);
  if (dice < 0.3) return { kind: 'read-inputs', unit, address: 0, count: 8 };
  if (dice < 0.5) return { kind: 'read-coils', unit, address: 0, count: 16 };
  if (dice < 0.6) return { kind: 'read-holding', unit, address, count: 2 };
  if (dice < 0.7) return { kind: 'read-input-registers', unit, address, count: 4 };
  const value = 1 + Math.floor(random() * 0x7ffe);
  if (dice < 0.79) return { kind: 'write-coil', unit, address: 0x0200 + address, value };
  if (dice < 0.88) return { kind: 'write-register', unit, address: 0x0200 + address, value };
  if (dice < 0.92) return { kind: 'mask-register', unit, address, and: 0xffff ^ value, or: value };
  // Functions 15 and 16 are answered by address and count: only these tell one answer from another.
  if (dice < 0.96) return { kind: 'write-one-coil', unit, address: value, on: random() < 0.5 };
  return { kind: 'write-registers', unit, address: value, words: [4, 1 + address] };
}
