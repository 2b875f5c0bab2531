import type { Site } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import { type PortTroubleKind, troubleNow } from '../../bus/serial/port-trouble.ts';

/** Codes of what does not answer; a serial device that the box cannot use is one cause of them all. */
const unanswered: ReadonlySet<string> = new Set([
  ...['DEVICE_LOST', 'DEVICE_STARTING', 'BUS_DOWN', 'BUS_TIMEOUT', 'BUS_UNIT_SILENT'],
  ...['SENSOR_NOT_READ', 'CONTACT_NOT_SEEN'],
]);

const portCodes: Readonly<Record<PortTroubleKind, string | undefined>> = {
  missing: 'PORT_MISSING',
  forbidden: 'PORT_FORBIDDEN',
  held: 'PORT_HELD',
  alike: 'PORT_ALIKE',
  other: undefined,
};

export function codeOf(error: unknown): string {
  return error instanceof GatehouseError ? error.code : 'UNEXPECTED';
}

/**
 * The code that helps most: what does not answer because its serial device cannot be used is told as that, in
 * the same words as by `bus scan` and the log, because a cable and a board would be looked at in vain.
 *
 * @param id of the device, input or sensor of the line
 * @param driversPid the service under test, which holds its own lines
 */
export async function helpfulReason(
  site: Site,
  id: string,
  code: string,
  driversPid?: number,
): Promise<string> {
  if (!unanswered.has(code)) return code;
  const busId = [...site.devices, ...site.inputs, ...site.sensors].find((one) => one.id === id)?.bus;
  const bus = site.buses.find((one) => one.id === busId);
  if (bus?.kind !== 'modbus-rtu') return code;
  const trouble = await troubleNow(bus.path, { driversPid });
  return (trouble && portCodes[trouble.kind]) ?? code;
}
