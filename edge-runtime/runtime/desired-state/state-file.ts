import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurePart, DesiredParts, Instant, WireDesiredState } from '@gatehouse/contracts';
import { errorOf, type Log, systemCode, writeDurably } from '@gatehouse/kit';
import { z } from 'zod';
import { nothingYet } from './machine.ts';

const version = z.int().min(1);
const count = z.int().min(0);
const why = { reason: z.string().optional(), subject: z.string().optional() };
const end = { version, ...why };

const Step = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('none'), version: z.literal(0) }),
  z.strictObject({ phase: z.literal('staged'), version, tries: count }),
  z.strictObject({ phase: z.literal('applying'), version, tries: count }),
  z.strictObject({ phase: z.literal('watching'), version, starts: count }),
  z.strictObject({
    phase: z.literal('rolling-back'),
    version,
    tries: count,
    ...why,
    leadsTo: z.enum(['staged', 'rolled-back', 'superseded']),
  }),
  z.strictObject({ phase: z.literal('settled'), ...end }),
  z.strictObject({ phase: z.literal('rolled-back'), ...end }),
  z.strictObject({ phase: z.literal('refused'), ...end }),
  z.strictObject({ phase: z.literal('superseded'), ...end }),
]);

/** A version with its content, as it was verified. */
const Kept = z.strictObject({ version, key: z.string(), user: z.string(), parts: DesiredParts });
export type Kept = z.infer<typeof Kept>;

const StoredDesired = z.strictObject({
  standing: z.strictObject({ now: Step, seen: count, next: version.optional() }),
  /** The version of `now`, with the content in place before it and the faults of that time. */
  current: Kept.extend({
    base: z.partialRecord(ConfigurePart, z.unknown()).optional(),
    faultsBefore: z.array(z.string()).optional(),
  }).optional(),
  next: Kept.optional(),
  /** The parts may drop the content they keep for its roll-back, and have not yet. */
  ended: Kept.optional(),
  /** Decided and on disk, but not yet in the outbox. Each is sent at least once. */
  untold: z.array(z.strictObject({ time: Instant, who: z.string(), data: WireDesiredState })),
});
export type StoredDesired = z.infer<typeof StoredDesired>;

export type Current = NonNullable<StoredDesired['current']>;

export const emptyDesired: StoredDesired = { standing: nothingYet, untold: [] };

/**
 * The desired state on disk: one file, replaced as a whole, so that no phase is ever there without its
 * content.
 */
export class StateFile {
  readonly #path: string;
  readonly #log: Log;
  constructor(folder: string, log: Log) {
    this.#path = join(folder, 'state.json');
    this.#log = log;
  }

  /** A damaged file is put aside. Then nothing is known, and the platform's next version begins anew. */
  load(): StoredDesired {
    if (!existsSync(this.#path)) return emptyDesired;
    const parsed = StoredDesired.safeParse(jsonIn(readFileSync(this.#path, 'utf8')));
    if (parsed.success) return parsed.data;
    this.#log.error('desired-state-damaged', { file: this.#path, detail: parsed.error.issues[0]?.message });
    renameSync(this.#path, `${this.#path}.damaged`);
    return emptyDesired;
  }

  /** Throws `DESIRED_NOT_KEPT`; then the file is unchanged. */
  save(record: StoredDesired): void {
    try {
      mkdirSync(join(this.#path, '..'), { recursive: true, mode: 0o700 });
      writeDurably(this.#path, JSON.stringify(record), 0o600);
    } catch (cause) {
      throw errorOf(
        'DESIRED_NOT_KEPT',
        { file: this.#path, reason: systemCode(cause) ?? 'error' },
        { cause },
      );
    }
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
