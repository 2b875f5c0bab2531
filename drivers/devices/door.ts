import type { Device, HeldOpen } from '@gatehouse/contracts';
import { type Contacts, contactFault } from './contacts.ts';

/** The settings of a door that its machine goes by. */
export type DoorSpec = Pick<Device, 'inputs' | 'pulseMs' | 'moveWithinMs' | 'heldOpen' | 'forcedOpen'>;

/** State of a door. Times are monotonic milliseconds. Replaced, never changed. */
export interface DoorState {
  readonly is:
    | 'unknown'
    | 'closed'
    | 'open'
    /** Open for a while; open for too long. */
    | 'held-open-warning'
    | 'held-open'
    /** Opened without a command or the exit button; until it is closed. */
    | 'forced'
    /** Open, and meant to be: a lease or the fire latch holds it. */
    | 'locked-open';
  readonly contacts: Contacts;
  /** Since when it stands open with nobody holding it open on purpose. */
  readonly openSinceMs: number | undefined;
  /** Until when somebody may open it: after a command, and after the exit button. */
  readonly lawfulUntilMs: number | undefined;
  readonly held: boolean;
}

export type DoorInput =
  /** Contacts were read; also how time passes. */
  | { readonly type: 'contacts'; readonly contacts: Contacts }
  /** The strike was pulsed: whoever stands there may open it now. */
  | { readonly type: 'unlocked' }
  /** A lease or the fire latch begins or ends to hold it. */
  | { readonly type: 'held'; readonly held: boolean }
  /** The board does not answer any more. */
  | { readonly type: 'lost' };

export const unknownDoor: DoorState = {
  is: 'unknown',
  contacts: {},
  openSinceMs: undefined,
  lawfulUntilMs: undefined,
  held: false,
};

const usualHeldOpen: HeldOpen = { warnAfterS: 30, alarmAfterS: 60 };

/** One step of a door. What it leads to (alarms, refusals) follows from the state alone. */
export function stepDoor(spec: DoorSpec, state: DoorState, input: DoorInput, nowMs: number): DoorState {
  switch (input.type) {
    case 'lost':
      return { ...unknownDoor, held: state.held };
    case 'unlocked':
      return { ...state, lawfulUntilMs: nowMs + spec.pulseMs + spec.moveWithinMs };
    case 'held':
      return settled(spec, { ...state, ...endOfHold(state, input.held, nowMs) }, state, nowMs);
    case 'contacts':
      return settled(
        spec,
        { ...state, contacts: input.contacts, ...pressed(spec, state, input, nowMs) },
        state,
        nowMs,
      );
  }
}

/**
 * Where a door's contacts say it is. With one contact it is what that says; with both apart it stands ajar,
 * which is open.
 */
export function doorPosition(contacts: Contacts): 'open' | 'closed' | 'unknown' {
  if (contactFault(contacts)) return 'unknown';
  if (contacts.open) return 'open';
  if (contacts.closed) return 'closed';
  if (contacts.closed === false) return 'open';
  return contacts.open === false ? 'closed' : 'unknown';
}

/**
 * Whether an opening that nobody ordered is an alarm; without an exit button to see, every way out would be
 * one.
 */
export function watchesForced({ inputs, forcedOpen }: Pick<DoorSpec, 'inputs' | 'forcedOpen'>): boolean {
  return forcedOpen ?? inputs.exit !== undefined;
}

/** A closing door that was held has closed on time: the clock of "held open" starts when the hold ends. */
function endOfHold(state: DoorState, held: boolean, nowMs: number): Partial<DoorState> {
  if (held === state.held) return {};
  return { held, openSinceMs: state.openSinceMs === undefined ? undefined : nowMs };
}

function pressed(
  spec: DoorSpec,
  state: DoorState,
  { contacts }: { readonly contacts: Contacts },
  nowMs: number,
): Partial<DoorState> {
  if (contacts.exit) return { lawfulUntilMs: nowMs + spec.moveWithinMs };
  const over = state.lawfulUntilMs !== undefined && nowMs > state.lawfulUntilMs;
  return over ? { lawfulUntilMs: undefined } : {};
}

function settled(spec: DoorSpec, next: DoorState, before: DoorState, nowMs: number): DoorState {
  const position = doorPosition(next.contacts);
  if (position !== 'open') return { ...next, is: position, openSinceMs: undefined };
  const openSinceMs = next.openSinceMs ?? nowMs;
  return { ...next, openSinceMs, is: openDoor(spec, { ...next, openSinceMs }, before, nowMs) };
}

function openDoor(spec: DoorSpec, next: DoorState, before: DoorState, nowMs: number): DoorState['is'] {
  if (next.held) return 'locked-open';
  // Only what was seen to open can have been forced: a door first found open may have been opened by anybody.
  const opened = before.is === 'closed' && next.lawfulUntilMs === undefined;
  if (before.is === 'forced' || (opened && watchesForced(spec))) return 'forced';
  const { warnAfterS, alarmAfterS } = spec.heldOpen === false ? never : (spec.heldOpen ?? usualHeldOpen);
  const openS = (nowMs - (next.openSinceMs ?? nowMs)) / 1000;
  if (openS >= alarmAfterS) return 'held-open';
  return openS >= warnAfterS ? 'held-open-warning' : 'open';
}
const never: HeldOpen = { warnAfterS: Number.POSITIVE_INFINITY, alarmAfterS: Number.POSITIVE_INFINITY };
