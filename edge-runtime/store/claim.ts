import type { OutboxClaim } from '@gatehouse/contracts';

/** What a store has where the platform says something of it. */
export interface Held {
  /** The newest number of the epoch and class. */
  readonly last: number;
  /** Of the event under the number; absent if it is no longer there, or was written before there were digests. */
  readonly digest: string | undefined;
}

/**
 * What the platform's word on one number means; pure. `forked`: this store and the platform have two histories of one epoch: the store was
 * put back to an earlier state, or it and another are copies of one. `foreign`: the word is about an event of somebody else.
 */
export function judgeClaim(claim: OutboxClaim, held: Held): 'forked' | 'foreign' | undefined {
  if (claim.as === 'held') {
    // Nobody but this store can have made a number beyond its last, unless its last once was higher.
    if (claim.sequence > held.last) return 'forked';
    const differs = claim.digest !== undefined && held.digest !== undefined && claim.digest !== held.digest;
    return differs ? 'forked' : undefined;
  }
  // Already acknowledged, and so held: a refusal that comes late is about an event of another.
  if (held.digest === undefined) return claim.digest === undefined ? undefined : 'foreign';
  return claim.digest === undefined || claim.digest === held.digest ? 'forked' : 'foreign';
}
