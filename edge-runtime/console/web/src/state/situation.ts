import type { Incident } from '@gatehouse/contracts';
import { type BoxState, cameraSight } from './box-state.ts';
import { deviceSight } from './door-sight.ts';

/**
 * The present state of an incident's object: a thing on the spot is there or gone, equipment is faulty or
 * well again.
 */
export type Situation = 'open' | 'cleared' | 'faulty' | 'restored' | 'unknown';

/** For these kinds it is known without the equipment's answer that it cannot be reached. */
const unreachable: readonly Incident['kind'][] = ['camera-health', 'device-lost'];

/** Unknown while its source cannot be heard: the box, the camera that saw it, the device that reported it. */
export function situationOf(box: BoxState, incident: Incident, nowMs: number): Situation {
  const { kind, phase, camera, device } = incident;
  const ofEquipment = kind === 'camera-health' || device !== undefined;
  if (phase === 'cleared') return ofEquipment ? 'restored' : 'cleared';
  if (box.link !== 'live') return 'unknown';
  if (unreachable.includes(kind)) return 'faulty';
  if (device !== undefined) {
    const heard = box.devices.get(device);
    return heard && deviceSight(box, heard, nowMs).position === 'unknown' ? 'unknown' : 'faulty';
  }
  return camera === undefined || cameraSight(box, camera, nowMs).sight === 'live' ? 'open' : 'unknown';
}
