import { z } from 'zod';
import { CommandOrigin } from '../device.ts';
import { Id, Instant } from '../primitives.ts';

/**
 * One link of the drivers' audit chain: the person, the reason, the act, the time and the bytes. `hash` is
 * SHA-256 over the link before and this entry's text, so that it shows when an entry is changed, left out or
 * put in.
 */
export const AuditEntry = z.strictObject({
  sequence: z.int().min(1),
  at: Instant,
  what: z.enum([
    'command',
    'executing',
    'outcome',
    'refused',
    'fire-latched',
    'fire-reset',
    'hold-ended',
    'card-enrolled',
    'card-revoked',
    'platform-refused',
    /** Rows of the command journal past their time were deleted: those from before `before`. */
    'commands-forgotten',
    /** drivers.db was damaged and made anew from its readable parts. */
    'journal-recovered',
  ]),
  device: Id.optional(),
  commandId: z.uuid().optional(),
  origin: CommandOrigin.optional(),
  /** Facts of the event: action, expiry, state, reason, bytes out and in, timings. */
  facts: z.record(z.string(), z.unknown()),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/**
 * A head of the chain as people and the command line write it: `812:9f86d081…`, the entry's number and its
 * hash.
 */
export const AuditHeadText = z
  .string()
  .regex(/^[1-9][0-9]{0,15}:[0-9a-f]{64}$/, 'must be an entry number, a colon and its hash of 64 characters')
  .transform((text) => {
    const [sequence, hash = ''] = text.split(':');
    return { sequence: Number(sequence), hash };
  });

export const AuditVerification = z.discriminatedUnion('intact', [
  z.strictObject({
    intact: z.literal(true),
    entries: z.int().min(0),
    first: z.int().min(1).optional(),
    last: z.int().min(1).optional(),
    /**
     * Hash of the newest entry. Written down elsewhere, it proves later that nothing before it was changed.
     */
    head: z.string(),
    /**
     * Rows of the command journal that were compared with the audit, and those older than the oldest entry of
     * the audit.
     */
    commands: z.strictObject({ rows: z.int().min(0), uncovered: z.int().min(0) }),
    /** The newest entry that the platform has acknowledged, and that is as the platform has it. */
    acknowledged: z.int().min(1).optional(),
  }),
  z.strictObject({
    intact: z.literal(false),
    entries: z.int().min(0),
    why: z.enum(['entry', 'command', 'head']),
    /** `entry`: the first one that does not follow from the one before it. */
    brokenAt: z.int().min(1).optional(),
    /** `command`: a row of the command journal is not as the audit has it. */
    commandId: z.string().optional(),
    is: z.enum(['changed', 'inserted', 'missing']).optional(),
    /** `head`: an entry that was written down elsewhere, and is not in the chain. */
    head: z
      .strictObject({ sequence: z.int().min(1), hash: z.string(), by: z.enum(['acknowledged', 'given']) })
      .optional(),
  }),
]);
export type AuditVerification = z.infer<typeof AuditVerification>;
