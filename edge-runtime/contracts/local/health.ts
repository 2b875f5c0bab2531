import { describeError } from '@gatehouse/kit';
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

/** A fault whose line is as long as the contract lets it be. */
export function healthFault(endangers: Endangered, code: string, detail: string): HealthFault {
  return { endangers, code, detail: cut(detail) };
}

/**
 * The same for a list of names, none left out: it makes as many faults as it takes to name them all. `line`
 * makes a text of some names, which may be longer than them by 150 characters.
 */
export function faultsNaming(
  endangers: Endangered,
  code: string,
  names: readonly string[],
  line: (some: string) => string,
): HealthFault[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < maxDetail - 150)
      lines[lines.length - 1] += `, ${name}`;
    else lines.push(name);
  }
  return lines.map((some) => healthFault(endangers, code, line(some)));
}

/** A service's answer: its faults in their order, and `notes`, which are worth knowing and no fault. */
export function serviceHealth(
  faults: readonly HealthFault[],
  notes: readonly string[] = [],
): Pick<ServiceHealth, 'status' | 'detail' | 'faults'> {
  const order = Endangered.options;
  const sorted = faults.toSorted((a, b) => order.indexOf(a.endangers) - order.indexOf(b.endangers));
  const told = sorted.length > maxFaults ? [...sorted.slice(0, maxFaults - 1), more(sorted.length)] : sorted;
  const lines = [...told.map(({ detail }) => detail), ...notes];
  return {
    status: faults.length > 0 ? 'degraded' : 'ok',
    ...(lines.length > 0 ? { detail: cut(lines.join(' ')) } : {}),
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
      const why = `the state of "${name}" cannot be read (${describeError(error)}).`;
      return [healthFault('records', 'HEALTH_UNKNOWN', `HEALTH_UNKNOWN: ${why} See the log of the service.`)];
    }
  });
}

function more(all: number): HealthFault {
  const rest = `${all - maxFaults + 1} more faults; see the log of the service.`;
  return healthFault('comfort', 'MORE_FAULTS', rest);
}

/** Not in the middle of a character: half of one is no text. */
function cut(text: string): string {
  return text.length > maxDetail ? `${text.slice(0, maxDetail - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
}
