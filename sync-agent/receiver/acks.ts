import type { EventClass, WireAck } from '@gatehouse/contracts';
import type { Conflict } from './lineage.ts';

/** An event that is stored and does not follow from the one before it. */
export interface UnlinkedRow {
  readonly sequence: number;
  readonly digest: string | null;
}

interface Standing {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: string;
  /** Up to where the stream is complete. */
  readonly run: { readonly at: number };
  readonly frozen: number | null;
  /** Events of this batch that were not taken. */
  readonly conflicts: readonly Conflict[];
  readonly unlinked: UnlinkedRow | undefined;
}

/**
 * From where on a stream is never acknowledged: the first of its numbers of which nobody can tell whose the
 * event is.
 */
export function frozenAt(before: number | null, conflicts: readonly Conflict[]): number | null {
  const nameless = conflicts.filter(({ isNameless }) => isNameless).map(({ event }) => event.sequence);
  const all = [...(before === null ? [] : [before]), ...nameless];
  return all.length === 0 ? null : Math.min(...all);
}

/**
 * The acknowledgement that may go out, without its digest. An answer to a conflict stays before it, and names
 * it with the digest of what was not taken: by that the box knows whether it was its own.
 */
export function ackOf({ box, epoch, eventclass, run, frozen, conflicts, unlinked }: Standing): WireAck {
  const refused = [
    ...conflicts.map(({ event: { sequence, digest } }) => ({ sequence, digest })),
    ...(unlinked ? [{ sequence: unlinked.sequence, digest: unlinked.digest ?? undefined }] : []),
  ];
  const [first] = refused.sort((a, b) => a.sequence - b.sequence);
  const before = [first?.sequence, frozen]
    .filter((at) => at !== undefined && at !== null)
    .map((at) => at - 1);
  const ack = { boxid: box, epoch, eventclass: eventclass as EventClass, upTo: Math.min(run.at, ...before) };
  if (!first) return ack;
  const { sequence, digest } = first;
  return { ...ack, conflict: { sequence, ...(digest === undefined ? {} : { digest }) } };
}

export interface PositionRow extends Omit<WireAck, 'digest'> {
  readonly digest: string | null;
}

/** A position as it is acknowledged. */
export function asPosition({ digest, ...position }: PositionRow): WireAck {
  return digest === null ? position : { ...position, digest };
}
