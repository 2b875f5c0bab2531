import {
  codeOf,
  describeError,
  type FaultKey,
  type FaultKeyWith,
  GatehouseError,
  type HealthLine,
  type HealthValues,
  healthLine,
  healthLineOf,
} from '@gatehouse/kit';
import { z } from 'zod';
import { ModelInUse } from './model.ts';

/** The state of the box's clock: whether a time service keeps it right. */
export const ClockSyncState = z.strictObject({
  state: z.enum(['synchronised', 'unsynchronised', 'unknown']),
  /** Of `unsynchronised`: the last synchronisation, or the start of the service if there was none since. */
  since: z.iso.datetime({ offset: true }).optional(),
});
export type ClockSyncState = z.infer<typeof ClockSyncState>;

/**
 * The people or things that a fault endangers. Faults are told in this order: people first (doors, barriers
 * and fire inputs that cannot be read or moved), then watching (cameras whose pictures raise no alarm),
 * records, the platform, and things that are only slower.
 */
export const Endangered = z.enum(['people', 'watch', 'records', 'platform', 'comfort']);
export type Endangered = z.infer<typeof Endangered>;

const maxDetail = 300;
/** Faults of one service. The last of them counts any others. */
export const maxFaults = 64;

/** One thing that is not well. */
export const HealthFault = z.strictObject({
  endangers: Endangered,
  /** Stable; the console has words for it. */
  code: z
    .string()
    .regex(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/)
    .max(60),
  /** One line for people, with the remedy. */
  detail: z.string().min(1).max(maxDetail),
});
export type HealthFault = z.infer<typeof HealthFault>;

/** The box's shortage of processor; present only while there is one. */
export const ProcessorShortage = z.strictObject({
  /** Largest share of the time that a thread of the service wanted a processor and had none. */
  waitedShare: z.number().min(0).max(1),
  /** Threads of the machine that want a processor, for each one it has. */
  perProcessor: z.number().min(0).optional(),
});
export type ProcessorShortage = z.infer<typeof ProcessorShortage>;

export const ServiceHealth = z.strictObject({
  status: z.enum(['ok', 'degraded', 'down']),
  /** One line for people: the faults, worst first, then the notes. */
  detail: z.string().max(maxDetail).optional(),
  /** All that is not well, worst first; absent when all is. */
  faults: z.array(HealthFault).max(maxFaults).optional(),
  /** Only of vision: the detectors that run now. */
  models: z.array(ModelInUse).max(64).optional(),
  /** Only of the runtime. */
  clock: ClockSyncState.optional(),
  /** Only of vision and the runtime, while the box is short of processor. */
  processor: ProcessorShortage.optional(),
});
export type ServiceHealth = z.infer<typeof ServiceHealth>;

/**
 * A fault with its line of the table (errors/rows/health.ts), as long as the contract lets it be:
 * `healthFault('platform', 'PICTURES_WAIT', { hours: 2 })`.
 */
export function healthFault<Key extends FaultKey>(
  endangers: Endangered,
  key: Key,
  ...values: HealthValues<Key>
): HealthFault {
  return { endangers, code: codeOf(key), detail: asDetail(healthLine(key, ...values)) };
}

/** A fault that is an error: its own code and line. */
export function errorFault(endangers: Endangered, error: GatehouseError): HealthFault {
  return { endangers, code: error.code, detail: asDetail(describeError(error)) };
}

/** A fault that an error has caused. The code is the error's, or the line's for an error without one. */
export function faultBy<Key extends FaultKeyWith<'error'>>(
  endangers: Endangered,
  key: Key,
  error: unknown,
  ...values: HealthValues<Key, 'error'>
): HealthFault {
  const code = error instanceof GatehouseError ? error.code : codeOf(key);
  return {
    endangers,
    code,
    detail: asDetail(healthLineOf(key, { ...values[0], error: describeError(error) })),
  };
}

/** A fault for a list of names, none left out: it makes as many faults as it takes to name them all. */
export function faultsNaming<Key extends FaultKeyWith<'names'>>(
  endangers: Endangered,
  key: Key,
  names: readonly string[],
  ...values: HealthValues<Key, 'names'>
): HealthFault[] {
  const line = (some: string) => healthLineOf(key, { ...values[0], names: some });
  const lists: string[] = [];
  for (const name of names) {
    const longer = `${lists.at(-1)}, ${name}`;
    if (lists.length > 0 && line(longer).length <= maxDetail) lists[lists.length - 1] = longer;
    else lists.push(name);
  }
  return lists.map((some) => ({ endangers, code: codeOf(key), detail: asDetail(line(some)) }));
}

/** A service's answer: its faults in their order, and notes, which are worth knowing and no fault. */
export function serviceHealth(
  faults: readonly HealthFault[],
  notes: readonly HealthLine[] = [],
): Pick<ServiceHealth, 'status' | 'detail' | 'faults'> {
  const order = Endangered.options;
  const sorted = faults.toSorted((a, b) => order.indexOf(a.endangers) - order.indexOf(b.endangers));
  const told = sorted.length > maxFaults ? [...sorted.slice(0, maxFaults - 1), more(sorted.length)] : sorted;
  const lines = [...told.map(({ detail }) => detail), ...notes];
  return {
    status: faults.length > 0 ? 'degraded' : 'ok',
    ...(lines.length > 0 ? { detail: asDetail(lines.join(' ')) } : {}),
    ...(told.length > 0 ? { faults: told } : {}),
  };
}

/**
 * The faults that all parts of a service report. Never throws: a part that cannot report, because its disk or
 * its database does not answer, is a fault itself.
 */
export function faultsOf(
  parts: readonly (readonly [name: string, health: () => readonly HealthFault[]])[],
): HealthFault[] {
  return parts.flatMap(([name, health]) => {
    try {
      return health();
    } catch (error) {
      return [healthFault('records', 'HEALTH_UNKNOWN', { name, reason: describeError(error) })];
    }
  });
}

function more(all: number): HealthFault {
  return healthFault('comfort', 'MORE_FAULTS', { count: all - maxFaults + 1 });
}

/**
 * A line as long as health may say it. One that is cut ends in "…", so that `lineInWords` knows it. It is not
 * cut in the middle of a character: half of one is no text.
 */
export function asDetail<Text extends string>(line: Text): Text {
  if (line.length <= maxDetail) return line;
  return `${line.slice(0, maxDetail - 1).replace(/[\uD800-\uDBFF]$/, '')}…` as Text;
}
