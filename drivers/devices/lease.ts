/**
 * A time for which a device is held open. It ends by itself: on most boards the relay's own pulse is as long.
 */
export interface Lease {
  /** Wall time, epoch milliseconds: what is kept over a restart. */
  readonly untilEpochMs: number;
  /** The same on the monotonic clock of this run: a stepped wall clock neither shortens nor extends it. */
  readonly untilMs: number;
}

export interface Now {
  readonly epochMs: number;
  readonly monotonicMs: number;
}

export function granted(holdMs: number, now: Now): Lease {
  return { untilEpochMs: now.epochMs + holdMs, untilMs: now.monotonicMs + holdMs };
}

/**
 * A lease found after a restart; `undefined` if it is over. It never lasts longer than the site allows from
 * now on, whatever the wall clock was set to meanwhile.
 */
export function resumed(untilEpochMs: number, maxHoldMs: number, now: Now): Lease | undefined {
  const leftMs = Math.min(untilEpochMs - now.epochMs, maxHoldMs);
  return leftMs > 0 ? { untilEpochMs, untilMs: now.monotonicMs + leftMs } : undefined;
}

export function isOver(lease: Lease, now: Pick<Now, 'monotonicMs'>): boolean {
  return now.monotonicMs >= lease.untilMs;
}

/**
 * The relay has had this long to close after the write, milliseconds; one read as open later has let go
 * before its time.
 */
const settleMs = 1_000;

/**
 * A lease ends when its time is over or when its relay is seen to have let go (the board lost power, somebody
 * used it).
 */
export function leaseEnd(
  lease: Lease,
  relay: { readonly on: boolean; readonly sinceWriteMs: number },
  now: Pick<Now, 'monotonicMs'>,
): 'over' | 'let-go' | undefined {
  if (isOver(lease, now)) return 'over';
  return !relay.on && relay.sinceWriteMs > settleMs ? 'let-go' : undefined;
}
