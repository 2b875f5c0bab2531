import { z } from 'zod';
import { Id, Instant } from '../primitives.ts';

/**
 * A stand-in for a card: the first 64 bits of an HMAC-SHA-256 over its number under a key that never leaves
 * the box. Card numbers have so few digits that a hash without a key would give them away.
 */
export const Credential = z.string().regex(/^[0-9a-f]{16}$/);
export type Credential = z.infer<typeof Credential>;

/** A card that opens the door of a reader. Personal data: it stays in drivers.db. */
export const EnrolledCard = z.strictObject({
  credential: Credential,
  reader: Id,
  /** Whose it is as the compound writes it, such as a flat. */
  label: z.string().trim().min(1).max(40),
  /** The last two digits of its number, to tell it from others. */
  tail: z.string().regex(/^[0-9A-F]{2}$/),
  enrolledAt: Instant,
});
export type EnrolledCard = z.infer<typeof EnrolledCard>;

/** The person who enrols or revokes, for the audit. */
const by = z.string().min(1).max(60);
export const CardEnrolment = z.strictObject({ reader: Id, label: EnrolledCard.shape.label, by });
export type CardEnrolment = z.infer<typeof CardEnrolment>;
export const CardRevocation = z.strictObject({ credential: Credential, by });
export type CardRevocation = z.infer<typeof CardRevocation>;
