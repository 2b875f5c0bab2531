import { actionsOf, type Device, type DeviceAction } from '@gatehouse/contracts';
import { type Contacts, contactFault } from './contacts.ts';

type Spec = Pick<Device, 'kind' | 'control' | 'inputs' | 'outputs' | 'hold'>;

export type Refusal =
  | 'NOT_SUPPORTED'
  | 'LOOP_OCCUPIED'
  | 'LOOP_UNKNOWN'
  | 'LOOP_FAULT'
  | 'CONTACT_FAULT'
  | 'NOT_CLOSED'
  | 'ON_ITS_WAY'
  | 'INTERLOCKED'
  | 'INTERLOCK_UNKNOWN'
  | 'FIRE_LATCHED'
  | 'HELD_OPEN'
  | 'NOT_HELD';

/** Circumstances that count besides the device's own wiring. */
export interface Circumstances {
  /** As last read and not too old; none while the device is lost. */
  readonly contacts: Contacts;
  readonly fireLatched: boolean;
  /** Its open relay is closed by a lease or by the fire latch. */
  readonly held: 'lease' | 'fire' | undefined;
  /**
   * It may still be about to move, because it was pressed a moment ago or nobody knows: of step-by-step
   * control.
   */
  readonly steps: boolean;
  /** Objections of the door's interlocks to opening it. */
  readonly interlock: 'INTERLOCKED' | 'INTERLOCK_UNKNOWN' | undefined;
}

/** The relay channel of an action. */
export function channelOf(spec: Pick<Device, 'outputs'>, action: DeviceAction): number | undefined {
  return action === 'hold-open' || action === 'release' ? spec.outputs.open : spec.outputs[action];
}

/**
 * Why an action may not happen now. Stopping is always allowed, opening unless an interlock is against it,
 * which a fire alarm overrules; closing only when nobody can be below. Anti-crush stays in the barrier's own
 * controller.
 */
export function refusal(spec: Spec, now: Circumstances, action: DeviceAction): Refusal | undefined {
  const closes = action === 'close' && spec.kind !== 'door';
  if (closes && spec.inputs.loop === undefined) return 'LOOP_UNKNOWN';
  if (!actionsOf(spec).includes(action)) return 'NOT_SUPPORTED';
  switch (action) {
    case 'stop':
      return undefined;
    case 'open':
      if (spec.control === 'step-by-step') return stepRefusal(now);
      // A pulse would end the hold: the board times one pulse a relay.
      return now.held ? 'HELD_OPEN' : interlocked(now);
    case 'hold-open':
      return now.held === 'fire' ? 'FIRE_LATCHED' : interlocked(now);
    case 'release':
      if (now.fireLatched || now.held === 'fire') return 'FIRE_LATCHED';
      return now.held === 'lease' ? undefined : 'NOT_HELD';
    case 'close':
      return closingRefusal(now);
  }
}

/**
 * The next step opens a gate only from its closed end, at rest: from anywhere else, and from there a moment
 * after it was pressed, the same pulse may stop or close it.
 */
function stepRefusal({ contacts, steps }: Circumstances): Refusal | undefined {
  if (contactFault(contacts)) return 'CONTACT_FAULT';
  if (contacts.closed !== true) return 'NOT_CLOSED';
  return steps ? 'ON_ITS_WAY' : undefined;
}

/**
 * Whether the contacts are read right before an action, because it depends on them; and what is said if they
 * were not.
 */
export function looksFirst(
  { control }: Pick<Device, 'control'>,
  action: DeviceAction,
): 'LOOP_UNKNOWN' | 'NOT_CLOSED' | undefined {
  if (action === 'close') return 'LOOP_UNKNOWN';
  return action === 'open' && control === 'step-by-step' ? 'NOT_CLOSED' : undefined;
}

function interlocked({ fireLatched, interlock }: Circumstances): Refusal | undefined {
  return fireLatched ? undefined : interlock;
}

function closingRefusal({ contacts, fireLatched, held }: Circumstances): Refusal | undefined {
  if (fireLatched) return 'FIRE_LATCHED';
  if (held) return 'HELD_OPEN';
  if (contactFault(contacts)) return 'CONTACT_FAULT';
  if (contacts.loopFault) return 'LOOP_FAULT';
  if (contacts.loop === undefined) return 'LOOP_UNKNOWN';
  return contacts.loop ? 'LOOP_OCCUPIED' : undefined;
}

/**
 * Whether the box itself raises what comes down onto something. The next step of one button might as well
 * close.
 */
export function hasReflex({ control }: Pick<Device, 'control'>): boolean {
  return control === 'terminals';
}

/**
 * True if the fire latch opens it: everything that a secure fail mode does not keep locked.
 */
export function opensOnFire({
  kind,
  failMode,
  onFire,
}: Pick<Device, 'kind' | 'failMode' | 'onFire'>): boolean {
  if (onFire) return onFire === 'open';
  return kind !== 'door' || failMode === 'safe';
}
