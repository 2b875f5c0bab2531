import {
  type DeviceState,
  faultsNaming,
  type HealthFault,
  type InputState,
  type SensorState,
} from '@gatehouse/contracts';

/**
 * Parts of the site that do not answer the drivers. A door that cannot be opened and a fire input that is not
 * read come first.
 */
export function commsHealth(
  devices: readonly Pick<DeviceState, 'id' | 'comms'>[],
  inputs: readonly Pick<InputState, 'id' | 'comms'>[],
  sensors: readonly Pick<SensorState, 'id' | 'comms'>[],
): HealthFault[] {
  return [
    ...faultsNaming('people', 'DEVICES_SILENT', silent([...devices, ...inputs])),
    ...faultsNaming('comfort', 'SENSORS_SILENT', silent(sensors)),
  ];
}

function silent(states: readonly { readonly id: string; readonly comms: string }[]): string[] {
  return states.filter(({ comms }) => comms !== 'ok').map(({ id }) => id);
}
