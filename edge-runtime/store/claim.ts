import type { OutboxClaim } from '@gatehouse/contracts';

/** The store's state at the place of the platform's report. */
export interface Held {
  /** The newest number of the epoch and class. */
  readonly last: number;
  /** Digest of the event under the number; absent if the event is gone, or is older than digests. */
  readonly digest: string | undefined;
}

/**
 * The meaning of the platform's report on one number; pure. `forked`: this store and the platform have two
 * histories of one epoch: the store was put back to an earlier state, or it and another are copies of one.
 * `foreign`: the report is about another store's event.
 */
export function judgeClaim(claim: OutboxClaim, held: Held): 'forked' | 'foreign' | undefined {
  if (claim.as === 'held') {
    // Only this store gives out its numbers, so a number beyond its last shows that its last was once higher.
    if (claim.sequence > held.last) return 'forked';
    const differs = claim.digest !== undefined && held.digest !== undefined && claim.digest !== held.digest;
    return differs ? 'forked' : undefined;
  }
  // Already acknowledged, so the platform has it: a late refusal is about another store's event.
  if (held.digest === undefined) return claim.digest === undefined ? undefined : 'foreign';
  return claim.digest === undefined || claim.digest === held.digest ? 'forked' : 'foreign';
}
