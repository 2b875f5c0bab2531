import { z } from 'zod';
import { EventClass } from '../primitives.ts';
import { WithheldReason } from '../wire/data.ts';
import { WireDigest } from '../wire/digest.ts';
import type { WireEvent } from '../wire/event.ts';

/**
 * The head of a pull, before its rows: their epoch and class, and the newest sequence of the class that
 * exists.
 */
export const OutboxHead = z.strictObject({
  epoch: z.string(),
  eventclass: EventClass,
  last: z.int().min(0),
  /** The first number of this epoch, where that is not 1. */
  begins: z.int().min(2).optional(),
});
export type OutboxHead = z.infer<typeof OutboxHead>;

/** Rows of one class after a sequence, as they are stored: the JSON text of an event each. */
export interface OutboxPage extends OutboxHead {
  readonly bodies: readonly string[];
}

/** The same, read. */
export interface OutboxBatch extends OutboxHead {
  readonly events: readonly WireEvent[];
}

/**
 * The platform's word on one number of an epoch: that it holds the event of this digest under it, or that it
 * refused the event of this digest because it holds another. The store has the events and finds out whether
 * that can be.
 */
export const OutboxClaim = z.strictObject({
  as: z.enum(['held', 'refused']),
  sequence: z.int().min(1),
  digest: WireDigest.optional(),
});
export type OutboxClaim = z.infer<typeof OutboxClaim>;

/** `upTo` is never beyond the last event that sync-agent has sent. The claim is the platform's word. */
export const OutboxAck = z.strictObject({
  epoch: z.string(),
  eventclass: EventClass,
  upTo: z.int().min(0),
  claim: OutboxClaim.optional(),
});
export type OutboxAck = z.infer<typeof OutboxAck>;

/** The platform's word on one number, where nothing is acknowledged by it. */
export const OutboxDoubt = OutboxAck.omit({ upTo: true }).required({ claim: true });
export type OutboxDoubt = z.infer<typeof OutboxDoubt>;

/**
 * The result of an acknowledgement. `forked`: the platform has another history of this epoch than the store,
 * so the store has begun a new epoch and nothing was deleted. `foreign`: the platform speaks of an event that
 * was never this store's.
 */
export const OutboxAckAnswer = z.strictObject({
  outcome: z.enum(['known', 'advanced', 'inherited', 'forked', 'foreign']),
});
export type OutboxAckAnswer = z.infer<typeof OutboxAckAnswer>;

/**
 * A refusal of the egress allow-list, for the runtime to record where people look. A `withheld` event goes
 * upstream in the row's place. Its acknowledgement then covers the row like any other.
 */
export const OutboxRefusal = z.strictObject({
  epoch: z.string(),
  eventclass: EventClass,
  sequence: z.int().min(1),
  reason: WithheldReason,
  /** Which field, for people; never its value. */
  detail: z.string().max(200),
});
export type OutboxRefusal = z.infer<typeof OutboxRefusal>;
