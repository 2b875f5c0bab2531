import type { Device, DeviceState } from '@gatehouse/contracts';
import { type Contacts, contactFault } from './contacts.ts';

export type Position = DeviceState['position'];
export type BarrierSpec = Pick<Device, 'inputs' | 'moveWithinMs'>;

/** Orders that a gate or barrier hears. */
export type Order = 'open' | 'close' | 'stop';

/**
 * A movement on its way: ordered by us, or seen to begin by itself (a hand-held remote, the barrier's own
 * controller).
 */
export interface Move {
  readonly order: Order;
  readonly sinceMs: number;
}

/**
 * Knowledge of a gate or barrier. `open` is up, `opening` raising, `closing` lowering. Times are monotonic
 * milliseconds. Replaced, never changed.
 */
export interface BarrierState {
  readonly position: Position;
  readonly contacts: Contacts;
  readonly move: Move | undefined;
  /**
   * Since when the last that is known is that it goes down: from an order or from leaving its upper limit
   * until it is seen at its lower limit, has stood at the upper one for longer than it may take, or the board
   * has answered another order. Outlives `move`, a loss and a crash: an arm that is slow, was out of sight or
   * did not hear the order to rise may still come down.
   */
  readonly downSinceMs: number | undefined;
  /** It did not arrive in time, or rose from what stood below it; until it is at a limit or ordered anew. */
  readonly obstructed: 'late' | 'below' | undefined;
}

export type BarrierInput =
  /** Contacts were read; also how time passes. */
  | { readonly type: 'contacts'; readonly contacts: Contacts }
  /** An order went out to its controller. */
  | { readonly type: 'ordered'; readonly order: Order; readonly reflex?: boolean }
  /** The board has answered the order: it was heard. */
  | { readonly type: 'answered' }
  /** The board said that it did not take the order. */
  | { readonly type: 'refused' }
  /** The last that a predecessor did was to send it down. */
  | { readonly type: 'interrupted' }
  /** The board does not answer any more. */
  | { readonly type: 'lost' };

export const unknownBarrier: BarrierState = {
  position: 'unknown',
  contacts: {},
  move: undefined,
  downSinceMs: undefined,
  obstructed: undefined,
};

/**
 * One step of a gate or barrier. What it leads to (a raise, alarms, refusals) follows from the state alone.
 */
export function stepBarrier(
  spec: BarrierSpec,
  state: BarrierState,
  input: BarrierInput,
  nowMs: number,
): BarrierState {
  switch (input.type) {
    case 'lost':
      // A lowering goes on out of sight; whatever else moved may have come to rest.
      return { ...unknownBarrier, downSinceMs: state.downSinceMs, move: lowering(state.move) };
    case 'ordered':
      return {
        ...state,
        move: { order: input.order, sinceMs: nowMs },
        downSinceMs: input.order === 'close' ? nowMs : state.downSinceMs,
        obstructed: input.reflex ? 'below' : undefined,
      };
    case 'answered':
      return { ...state, downSinceMs: state.move?.order === 'close' ? state.downSinceMs : undefined };
    case 'interrupted':
      // It may still be at its upper limit: an arm starts a moment after its order.
      return { ...state, downSinceMs: nowMs, move: { order: 'close', sinceMs: nowMs } };
    case 'refused':
      return { ...state, move: undefined };
    case 'contacts':
      return observed(spec, state, input.contacts, nowMs);
  }
}

/** True when it may be on its way down and something is, or may be, below it: raise at once (GB/T 24973). */
export function mustRaise({ downSinceMs, contacts }: BarrierState): boolean {
  return downSinceMs !== undefined && (contacts.loop === true || contacts.loopFault === true);
}

function observed(spec: BarrierSpec, state: BarrierState, contacts: Contacts, nowMs: number): BarrierState {
  const atLimit = contacts.open === true || contacts.closed === true;
  const move = currentMove(spec, state, contacts, nowMs);
  const late = state.move !== undefined && state.move.order !== 'stop' && move === undefined && !atLimit;
  const begun = state.move === undefined && move?.order === 'close';
  return {
    position: positionOf(spec, state, contacts, move),
    contacts,
    move,
    downSinceMs: begun ? nowMs : goesDown(spec, state, contacts, nowMs) ? state.downSinceMs : undefined,
    obstructed: late ? 'late' : atLimit ? undefined : state.obstructed,
  };
}

/**
 * A movement ends at its limit or when its time is over; one that nobody here ordered begins when a limit is
 * left.
 */
function currentMove(
  spec: BarrierSpec,
  state: BarrierState,
  contacts: Contacts,
  nowMs: number,
): Move | undefined {
  const { move } = state;
  if (move) return arrived(move, contacts) || nowMs - move.sinceMs > spec.moveWithinMs ? undefined : move;
  if (contacts.open || contacts.closed) return undefined;
  if (state.contacts.closed) return { order: 'open', sinceMs: nowMs };
  if (state.contacts.open) return { order: 'close', sinceMs: nowMs };
  return undefined;
}

function lowering(move: Move | undefined): Move | undefined {
  return move?.order === 'close' ? move : undefined;
}

function arrived({ order }: Move, contacts: Contacts): boolean {
  if (order === 'open') return contacts.open === true;
  if (order === 'close') return contacts.closed === true;
  return false;
}

/** It may still be on its way down: right after its order it is still at its upper limit. */
function goesDown(
  spec: BarrierSpec,
  { downSinceMs }: BarrierState,
  contacts: Contacts,
  nowMs: number,
): boolean {
  if (downSinceMs === undefined) return false;
  if (contactFault(contacts)) return true;
  return !contacts.closed && !(contacts.open && nowMs - downSinceMs > spec.moveWithinMs);
}

function positionOf(
  spec: BarrierSpec,
  state: BarrierState,
  contacts: Contacts,
  move: Move | undefined,
): Position {
  if (contactFault(contacts)) return 'unknown';
  if (contacts.open) return 'open';
  if (contacts.closed) return 'closed';
  if (move) return move.order === 'open' ? 'opening' : move.order === 'close' ? 'closing' : 'stopped';
  const bothFitted = spec.inputs.open !== undefined && spec.inputs.closed !== undefined;
  const wasMoving = ['opening', 'closing', 'stopped'].includes(state.position);
  return bothFitted && wasMoving ? 'stopped' : 'unknown';
}
