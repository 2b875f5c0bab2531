import type { Device, DeviceAction, DeviceState } from '@gatehouse/contracts';

export type Position = DeviceState['position'];

/** Contacts as last read; absent where the site has none fitted. True is closed. */
export interface Contacts {
  readonly open?: boolean;
  readonly closed?: boolean;
  readonly loop?: boolean;
}

/** A movement on its way: ordered by us, or seen to begin by itself (a hand-held remote, the barrier's own controller). */
export interface Move {
  readonly action: DeviceAction;
  readonly sinceMs: number;
}

/** What is known of a door or barrier. Times are monotonic milliseconds. Replaced, never changed. */
export interface MachineState {
  readonly position: Position;
  readonly contacts: Contacts;
  readonly move: Move | undefined;
}

/** At start, and whenever the device has been lost, nothing is known. */
export const unknownState: MachineState = { position: 'unknown', contacts: {}, move: undefined };

type Spec = Pick<Device, 'kind' | 'inputs' | 'moveWithinMs'>;

/** An order went out: a door's strike is pulsed, a barrier starts to move or stops. */
export function ordered(state: MachineState, action: DeviceAction, nowMs: number): MachineState {
  return { ...state, move: { action, sinceMs: nowMs } };
}

/** The contacts were read. */
export function observed(spec: Spec, state: MachineState, contacts: Contacts, nowMs: number): MachineState {
  const move = currentMove(spec, state, contacts, nowMs);
  return { position: positionOf(spec, state, contacts, move), contacts, move };
}

/** Both limits at once cannot be: a contact or its wire is faulty. */
export function contactFault(contacts: Contacts): boolean {
  return contacts.open === true && contacts.closed === true;
}

/** A movement ends at its limit or when its time is over; one that nobody here ordered begins when a limit is left. */
function currentMove(spec: Spec, state: MachineState, contacts: Contacts, nowMs: number): Move | undefined {
  const { move } = state;
  if (move) return arrived(move, contacts) || nowMs - move.sinceMs > spec.moveWithinMs ? undefined : move;
  if (spec.kind !== 'barrier' || contacts.open || contacts.closed) return undefined;
  if (state.contacts.closed) return { action: 'open', sinceMs: nowMs };
  if (state.contacts.open) return { action: 'close', sinceMs: nowMs };
  return undefined;
}

function arrived(move: Move, contacts: Contacts): boolean {
  if (move.action === 'open') return contacts.open === true;
  if (move.action === 'close') return contacts.closed === true;
  return false;
}

function positionOf(spec: Spec, state: MachineState, contacts: Contacts, move: Move | undefined): Position {
  if (contactFault(contacts)) return 'unknown';
  if (contacts.open) return 'open';
  if (contacts.closed) return 'closed';
  return spec.kind === 'door' ? doorBetween(contacts) : barrierBetween(spec, state, move);
}

/** A door with one contact is what that contact says; with both it stands ajar, which is open; with none nobody knows. */
function doorBetween(contacts: Contacts): Position {
  if (contacts.closed === false) return 'open';
  return contacts.open === false ? 'closed' : 'unknown';
}

function barrierBetween(spec: Spec, state: MachineState, move: Move | undefined): Position {
  if (move) return move.action === 'open' ? 'opening' : move.action === 'close' ? 'closing' : 'stopped';
  const bothFitted = spec.inputs.open !== undefined && spec.inputs.closed !== undefined;
  const wasMoving =
    state.position === 'opening' || state.position === 'closing' || state.position === 'stopped';
  return bothFitted && wasMoving ? 'stopped' : 'unknown';
}
