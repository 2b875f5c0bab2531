import { actionsOf, type Device, type DeviceAction } from '@gatehouse/contracts';
import { contactFault, type MachineState } from './machine.ts';

type Spec = Pick<Device, 'kind' | 'inputs' | 'outputs'>;

export type Refusal = 'NOT_SUPPORTED' | 'LOOP_OCCUPIED' | 'LOOP_UNKNOWN' | 'CONTACT_FAULT';

/** The relay channel of an action. */
export function channelOf(spec: Spec, action: DeviceAction): number | undefined {
  return action === 'hold-open' || action === 'release' ? spec.outputs.open : spec.outputs[action];
}

/**
 * Why an action may not happen now. Opening and stopping are always allowed; lowering only when the contacts are
 * sound and the loop is known to be clear (doors.md, contract 10; anti-crush stays in the barrier's own controller).
 */
export function refusal(spec: Spec, state: MachineState, action: DeviceAction): Refusal | undefined {
  if (action === 'close' && spec.kind === 'barrier' && spec.inputs.loop === undefined) return 'LOOP_UNKNOWN';
  if (!actionsOf(spec).includes(action)) return 'NOT_SUPPORTED';
  if (action !== 'close') return undefined;
  if (contactFault(state.contacts)) return 'CONTACT_FAULT';
  if (state.contacts.loop === undefined) return 'LOOP_UNKNOWN';
  return state.contacts.loop ? 'LOOP_OCCUPIED' : undefined;
}

/** True when a barrier is on its way down and a vehicle stands below it: raise at once (GB/T 24973). */
export function mustRaise(spec: Spec, state: MachineState): boolean {
  const lowering = state.move?.action === 'close';
  return spec.kind === 'barrier' && lowering && state.contacts.loop === true;
}
