import type { DesiredParts } from '@gatehouse/contracts';
import { errorOf, type GatehouseError } from '@gatehouse/kit';
import type { Fault } from './rollback-watch.ts';

/** A version that has been verified, as the parts of the box get it. */
export interface Update {
  readonly version: number;
  /** The author, for records. */
  readonly by: string;
  readonly parts: DesiredParts;
}

/**
 * One part of the box that can be set from afar. `apply` and `undo` may be called again after any
 * interruption. Both leave local changes alone.
 */
export interface ConfigurablePart {
  /** Throws a `GatehouseError` whose code says why the update does not fit this box. */
  check(update: Update): void;
  /**
   * The content in place, as JSON: enough to see later whether it still is. Throws `PEER_DOWN` while that is
   * unknown.
   */
  base(update: Update): Promise<unknown>;
  /** Compares the content in place with the update and with the content before it. Throws `PEER_DOWN` too. */
  standing(update: Update, base: unknown): Promise<'before' | 'target' | 'edited'>;
  /** Throws `LOCALLY_EDITED`, or the error that stopped it. Then it may be half done. */
  apply(update: Update, base: unknown): Promise<void>;
  /** Puts the earlier content back. Throws if that failed; then call it again. */
  undo(update: Update, base: unknown): Promise<void>;
  /** The update has come to an end: the content kept for a roll-back may go. */
  release(update: Update): Promise<void>;
  /** The part's faults now, as far as they can be known. Never throws. */
  faults(update: Update, base: unknown): Promise<readonly Fault[]>;
}

/** The author, as records name it. */
export function byOf({ key, user }: { readonly key: string; readonly user: string }): string {
  return `upstream ${key} ${user}`;
}

/** Somebody at the box has changed the same content. That change stays. */
export function editedLocally(what: string): GatehouseError {
  return errorOf('LOCALLY_EDITED', { what });
}
