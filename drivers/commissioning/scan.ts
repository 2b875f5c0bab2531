import type { Bus } from '@gatehouse/contracts';
import { type Clock, GatehouseError } from '@gatehouse/kit';
import type { LineHabits, Link } from '../bus/link.ts';
import { linkTo } from '../bus/open-link.ts';
import type { ReadKind } from '../bus/request.ts';
import { BusProbe } from './bus-probe.ts';

export type SerialBus = Exclude<Bus, { kind: 'modbus-tcp' }>;
export type BaudRate = SerialBus['baudRate'];

/** Rates to try, the usual ones first. */
export const usualBauds: readonly BaudRate[] = [9600, 19_200, 115_200, 4800, 38_400, 57_600];

/**
 * A unit's answer to a read of one thing at address 0: a value, a refusal (it is there all the same), or
 * nothing.
 */
export type Answer = 'value' | 'refused' | 'silent';

export interface FoundUnit {
  readonly unit: number;
  /** Serial only. */
  readonly baudRate?: BaudRate;
  readonly answers: Readonly<Record<ReadKind, Answer>>;
}

export type ScanNews =
  | { readonly type: 'trying'; readonly baudRate?: BaudRate }
  | { readonly type: 'found'; readonly found: FoundUnit }
  /** Something came that is no reply: another rate or parity, two units with one address, or a bad line. */
  | { readonly type: 'noise'; readonly unit: number; readonly baudRate?: BaudRate }
  /** Serial only, once a rate is done: what the line was found to do besides answering. */
  | { readonly type: 'line'; readonly habits: LineHabits; readonly baudRate?: BaudRate };

export interface ScanOptions {
  readonly bus: Bus;
  readonly units: readonly number[];
  /** Serial only; the bus's own if absent. */
  readonly bauds?: readonly BaudRate[];
  /** Serial only: slowest turnaround that is waited for, milliseconds; 100 if absent. */
  readonly turnaroundMs?: number;
  readonly clock: Clock;
  readonly openLink?: (bus: Bus) => Link;
}

const kinds: readonly ReadKind[] = ['read-coils', 'read-holding', 'read-inputs', 'read-input-registers'];
/**
 * A board that knows neither coils nor holding registers answers with a refusal; a cheap sensor may know the
 * second only.
 */
const firstAsks: readonly ReadKind[] = ['read-coils', 'read-holding'];
/** So many answers that are none at one rate mean the wrong rate: there is nothing to find at it. */
const noiseLimit = 4;
/**
 * Slowest turnaround of the boards known to us, and for how long a silent unit is left alone. Milliseconds.
 */
const usualTurnaroundMs = 100;
const quarantineMs = 50;
/** Request and reply together, 11 bits a character at most. */
const exchangeBits = (8 + 8) * 11;

/**
 * Which units answer on a bus, and at which rate. Harmless: it only ever reads one thing at address 0 of each
 * unit, and writes nothing. Throws `BUS_DOWN` where the adapter or the address is not there.
 */
export async function* scan(options: ScanOptions): AsyncGenerator<ScanNews> {
  const { bus, turnaroundMs = usualTurnaroundMs } = options;
  if (bus.kind === 'modbus-tcp') {
    yield { type: 'trying' };
    yield* scanLine(options, bus);
    return;
  }
  for (const baudRate of options.bauds ?? [bus.baudRate]) {
    yield { type: 'trying', baudRate };
    const timeoutMs = Math.ceil(turnaroundMs + (exchangeBits * 1000) / baudRate);
    for await (const news of scanLine(options, { ...bus, baudRate, timeoutMs }))
      yield news.type === 'found'
        ? { type: 'found', found: { ...news.found, baudRate } }
        : { ...news, baudRate };
  }
}

async function* scanLine({ units, clock, openLink }: ScanOptions, bus: Bus): AsyncGenerator<ScanNews> {
  const link = openLink ?? ((line: Bus) => linkTo(line, { clock, quarantineMs }));
  const probe = new BusProbe(() => link(bus), clock);
  const silent = new Set(units);
  let noise = 0;
  try {
    for (const kind of firstAsks)
      for (const unit of [...silent]) {
        const heard = await ask(probe, unit, kind);
        if (heard === 'noise') {
          yield { type: 'noise', unit };
          if (++noise >= noiseLimit) return;
        } else if (heard !== 'silent') {
          silent.delete(unit);
          yield { type: 'found', found: { unit, answers: await allAnswers(probe, unit, kind, heard) } };
        }
      }
    const { habits } = probe;
    if (habits && (habits.replies > 0 || habits.localEcho === 'heard')) yield { type: 'line', habits };
  } finally {
    probe.close();
  }
}

async function allAnswers(
  probe: BusProbe,
  unit: number,
  known: ReadKind,
  answer: Answer,
): Promise<FoundUnit['answers']> {
  const all: Partial<Record<ReadKind, Answer>> = { [known]: answer };
  for (const kind of kinds) {
    if (all[kind]) continue;
    const heard = await ask(probe, unit, kind);
    all[kind] = heard === 'noise' ? 'silent' : heard;
  }
  return {
    'read-coils': all['read-coils'] ?? 'silent',
    'read-inputs': all['read-inputs'] ?? 'silent',
    'read-holding': all['read-holding'] ?? 'silent',
    'read-input-registers': all['read-input-registers'] ?? 'silent',
  };
}

async function ask(probe: BusProbe, unit: number, kind: ReadKind): Promise<Answer | 'noise'> {
  try {
    await probe.read({ kind, unit, address: 0, count: 1 });
    return 'value';
  } catch (error) {
    const code = error instanceof GatehouseError ? error.code : '';
    if (code === 'BUS_EXCEPTION') return 'refused';
    if (code === 'BUS_TIMEOUT') return 'silent';
    if (code === 'BUS_WRONG_REPLY') return 'noise';
    throw error;
  }
}
