import type { DesiredParts } from '@gatehouse/contracts';
import { errorOf, type GatehouseError } from '@gatehouse/kit';
import type { Fault } from './watch.ts';

/** A version that has been verified, as the parts of the box get it. */
export interface Update {
  readonly version: number;
  /** Who, for records. */
  readonly by: string;
  readonly parts: DesiredParts;
}

/**
 * What of the box can be set from afar. `apply` and `undo` may be called again after any interruption, and each leaves alone what
 * somebody at the box has changed.
 */
export interface ConfigurablePart {
  /** Throws a `GatehouseError` whose code says why the update is none for this box. */
  check(update: Update): void;
  /** What is in place, as JSON: enough to see later whether it still is. Throws `PEER_DOWN` while it cannot be known. */
  base(update: Update): Promise<unknown>;
  /** What is in place now, held against the update and what was before it. Throws `PEER_DOWN` too. */
  standing(update: Update, base: unknown): Promise<'before' | 'target' | 'edited'>;
  /** Throws `LOCALLY_EDITED`, or why it could not be done; it may have come halfway then. */
  apply(update: Update, base: unknown): Promise<void>;
  /** Puts back what was before; throws if it could not, to be called again. */
  undo(update: Update, base: unknown): Promise<void>;
  /** The update has come to an end: what was kept for a roll-back may go. */
  release(update: Update): Promise<void>;
  /** What is not well about it now, as far as that can be known. Never throws. */
  faults(update: Update, base: unknown): Promise<readonly Fault[]>;
}

/** Who set it, as records name it. */
export function byOf({ key, user }: { readonly key: string; readonly user: string }): string {
  return `upstream ${key} ${user}`;
}

/** Somebody at the box has changed what the update was about: that stands. */
export function editedLocally(what: string): GatehouseError {
  return errorOf('LOCALLY_EDITED', { what });
}
