/** A contact whose changes count once they have been stable for a while. Times are monotonic milliseconds. */
export interface Debounced {
  /** As it counts; `undefined` until it was first read. */
  readonly value: boolean | undefined;
  /** A change that is not old enough yet. */
  readonly pending: { readonly value: boolean; readonly sinceMs: number } | undefined;
}

export const unread: Debounced = { value: undefined, pending: undefined };

export interface Stability {
  /** Least time between the first and the newest reading of a changed value, milliseconds. */
  readonly stableMs: number;
  /** A value that counts at its first reading: waiting would be on the dangerous side. */
  readonly atOnce?: boolean;
}

/** Takes a reading in. The first one after a loss counts as it is: there is nothing to compare it with. */
export function debounced(
  state: Debounced,
  value: boolean,
  nowMs: number,
  { stableMs, atOnce }: Stability,
): Debounced {
  if (value === state.value) return { value, pending: undefined };
  if (state.value === undefined || value === atOnce || stableMs === 0) return { value, pending: undefined };
  const sinceMs = state.pending?.value === value ? state.pending.sinceMs : nowMs;
  return nowMs - sinceMs >= stableMs
    ? { value, pending: undefined }
    : { value: state.value, pending: { value, sinceMs } };
}
