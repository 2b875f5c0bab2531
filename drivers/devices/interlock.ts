/** A door of an interlock, as far as the interlock cares. */
export interface Member {
  readonly id: string;
  readonly position: 'open' | 'closed' | 'unknown';
  /** Its strike is being pulsed or held: it may open at any moment. */
  readonly unlocked: boolean;
}

/**
 * Why a door may not be opened now: of an interlock's doors one at most is open, and one of which nothing is
 * known may be.
 */
export function interlockRefusal(
  door: string,
  members: readonly Member[],
): 'INTERLOCKED' | 'INTERLOCK_UNKNOWN' | undefined {
  const others = members.filter(({ id }) => id !== door);
  if (others.some(({ position, unlocked }) => position === 'open' || unlocked)) return 'INTERLOCKED';
  return others.some(({ position }) => position === 'unknown') ? 'INTERLOCK_UNKNOWN' : undefined;
}

/** The doors that are open together; none while the interlock holds. What is unknown is not called open. */
export function openTogether(members: readonly Member[]): readonly string[] {
  const open = members.filter(({ position }) => position === 'open').map(({ id }) => id);
  return open.length > 1 ? open : [];
}
