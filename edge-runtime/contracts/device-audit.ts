import { z } from 'zod';
import { CommandOrigin } from './device.ts';
import { Id, Instant } from './primitives.ts';

/**
 * One link of the drivers' audit chain: who, why, what, when, which bytes. `hash` is SHA-256 over the link before and this
 * entry's text, so that an entry that is changed, left out or put in shows.
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
    'start',
    'platform-refused',
  ]),
  device: Id.optional(),
  commandId: z.uuid().optional(),
  origin: CommandOrigin.optional(),
  /** Facts of what happened: action, expiry, state, reason, bytes out and in, timings. */
  facts: z.record(z.string(), z.unknown()),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditVerification = z.discriminatedUnion('intact', [
  z.strictObject({
    intact: z.literal(true),
    entries: z.int().min(0),
    first: z.int().min(1).optional(),
    last: z.int().min(1).optional(),
    /** Hash of the newest entry: written down elsewhere it proves later that nothing before it was changed. */
    head: z.string(),
  }),
  z.strictObject({
    intact: z.literal(false),
    entries: z.int().min(0),
    /** The first entry that does not follow from the one before it. */
    brokenAt: z.int().min(1),
  }),
]);
export type AuditVerification = z.infer<typeof AuditVerification>;
