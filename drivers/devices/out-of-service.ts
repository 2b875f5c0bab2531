import type { Device, DeviceState, Input, InputState, Sensor, SensorState, Site } from '@gatehouse/contracts';
import {
  type Catalogue,
  type DeviceProblem,
  deviceProblems,
  holdProblems,
  inputProblems,
  sensorProblems,
  unitProblems,
} from '../profiles/index.ts';

/** Why something of the site cannot be driven, by its id. */
export type OutOfService = ReadonlyMap<string, string>;

/**
 * What of a site its boards cannot do, or is on a board of which too little is known: a profile that is unknown or damaged, a channel that
 * the board lacks, two profiles for one board. Only that is left alone; all else works.
 */
export function outOfService(site: Site, catalogue: Catalogue): OutOfService {
  const { boards, sensors } = catalogue;
  const problems = [
    ...(['devices', 'inputs'] as const).flatMap((list) => unitProblems(site, boards, list)),
    ...[deviceProblems, holdProblems, inputProblems].flatMap((check) => check(site, boards)),
    ...sensorProblems(site, sensors),
  ];
  const profileOf = new Map(
    [...site.devices, ...site.inputs, ...site.sensors].map((one) => [one.id, one.profile]),
  );
  const why = (problem: DeviceProblem) =>
    catalogue.broken.get(profileOf.get(problem.device) ?? '')?.message ?? told(problem);
  // Of several problems the first is told: the last pair of a key counts.
  return new Map(problems.map((problem) => [problem.device, why(problem)] as const).toReversed());
}

function told({ path, message }: DeviceProblem): string {
  return `${path.join('.')}: ${message}.`;
}

/** What people see of a device that is out of service; nothing may be asked of it. */
export function deviceOut({ id, kind, name }: Device): DeviceState {
  return { id, kind, name, position: 'unknown', comms: 'lost', inputs: {}, actions: [] };
}
export function inputOut({ id, kind, name }: Input): InputState {
  return { id, kind, name, state: 'unknown', comms: 'lost' };
}
export function sensorOut({ id, name, pollS }: Sensor): SensorState {
  return { id, name, pollS, comms: 'lost', values: [] };
}
