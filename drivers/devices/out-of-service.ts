import {
  type Device,
  type DeviceState,
  faultLine,
  type Input,
  type InputState,
  type Sensor,
  type SensorState,
  type Site,
} from '@gatehouse/contracts';
import { type Catalogue, profileChecks } from '../profiles/index.ts';

/** Why something of the site cannot be driven, by its id. */
export type OutOfService = ReadonlyMap<string, string>;

/**
 * Parts of a site that their boards cannot do, or that are on a board of which too little is known: a profile
 * that is unknown or damaged, a channel that the board lacks, two profiles for one board. Only that is left
 * alone; all else works. `config check` tells the same list.
 */
export function outOfService(site: Site, catalogue: Catalogue): OutOfService {
  const lists: Readonly<Record<string, readonly { readonly id: string }[]>> = {
    devices: site.devices,
    inputs: site.inputs,
    sensors: site.sensors,
  };
  const told = profileChecks(catalogue).flatMap((check) =>
    check(site).flatMap((fault): [id: string, why: string][] => {
      const [list, index] = fault.path;
      const id = lists[String(list)]?.[Number(index)]?.id;
      return id === undefined ? [] : [[id, faultLine(fault)]];
    }),
  );
  // Of several faults the first is told: the last pair of a key counts.
  return new Map(told.toReversed());
}

/** The state that people see of a device out of service; it takes no commands. */
export function deviceOut({ id, kind, name }: Device): DeviceState {
  return { id, kind, name, position: 'unknown', comms: 'lost', inputs: {}, actions: [] };
}
export function inputOut({ id, kind, name }: Input): InputState {
  return { id, kind, name, state: 'unknown', comms: 'lost' };
}
export function sensorOut({ id, name, pollS }: Sensor): SensorState {
  return { id, name, pollS, comms: 'lost', values: [] };
}
