import type { Device, DeviceAlarmKind, Gate, InputKind } from '@gatehouse/contracts';
import type { BarrierState } from './barrier.ts';
import { type Contacts, contactFault } from './contacts.ts';
import type { DoorState } from './door.ts';

/** An alarm that holds now. What does not hold any more is simply not there. */
export interface Alarm {
  readonly kind: DeviceAlarmKind;
  /** 1 at once, 2 soon, 3 when there is time. */
  readonly priority: 1 | 2 | 3;
  readonly gates: readonly Gate[];
}

const yes = (name: string): Gate => ({ name, value: true, passed: true });

/**
 * GB 51348: forced open, held open. Which numbers decided is in the gates; they do not run on with the clock.
 */
export function doorAlarms({ heldOpen }: Pick<Device, 'heldOpen'>, { is }: DoorState): Alarm[] {
  const limits = heldOpen || { warnAfterS: 30, alarmAfterS: 60 };
  const openFor = (threshold: number): Gate[] => [
    { name: 'open-for', value: threshold, threshold, unit: 's', passed: true },
  ];
  if (is === 'forced') return [{ kind: 'door-forced', priority: 1, gates: [yes('opened-without')] }];
  if (is === 'held-open')
    return [{ kind: 'door-held-open', priority: 2, gates: openFor(limits.alarmAfterS) }];
  if (is === 'held-open-warning')
    return [{ kind: 'door-held-open', priority: 3, gates: openFor(limits.warnAfterS) }];
  return [];
}

/** Contradictions in a device's wiring, and its housing. `relayOn`: a relay is on that nobody here holds. */
export function wiringAlarms(contacts: Contacts, relayOn: boolean, barrier?: BarrierState): Alarm[] {
  const contradictions: Gate[] = [
    ...(contactFault(contacts) ? [yes('contacts-contradict')] : []),
    ...(relayOn ? [yes('relay-on')] : []),
    ...(barrier?.obstructed === 'late' ? [{ name: 'arrived', value: false, passed: false }] : []),
    ...(contacts.loopFault ? [yes('loop-fault')] : []),
  ];
  return [
    ...(contradictions.length > 0
      ? [{ kind: 'device-disagreement', priority: 2, gates: contradictions } as const]
      : []),
    ...(contacts.tamper
      ? [{ kind: 'device-tamper', priority: 2, gates: [yes('tamper-contact')] } as const]
      : []),
  ];
}

const ofInput: Readonly<Record<InputKind, Pick<Alarm, 'kind' | 'priority'>>> = {
  fire: { kind: 'emergency', priority: 1 },
  smoke: { kind: 'emergency', priority: 1 },
  help: { kind: 'emergency', priority: 1 },
  intrusion: { kind: 'input-alarm', priority: 1 },
  water: { kind: 'input-alarm', priority: 2 },
  tamper: { kind: 'device-tamper', priority: 2 },
};

/** The meaning of an active input; a fire alarm lasts until the latch is reset. */
export function inputAlarms(input: InputKind, active: boolean, latched: boolean): Alarm[] {
  if (!active && !latched) return [];
  const gates: Gate[] = [
    { name: 'input', value: input, passed: true },
    ...(latched ? [yes('fire-latched')] : []),
  ];
  return [{ ...ofInput[input], gates }];
}

export function interlockAlarms(openTogether: readonly string[]): Alarm[] {
  if (openTogether.length === 0) return [];
  const gates: Gate[] = [{ name: 'doors-open', value: openTogether.length, threshold: 2, passed: true }];
  return [{ kind: 'interlock-violated', priority: 1, gates }];
}
