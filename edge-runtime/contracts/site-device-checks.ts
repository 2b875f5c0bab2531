import type { Site } from './site.ts';
import type { SiteFault } from './site-checks.ts';
import type { Device } from './site-devices.ts';

/** What only makes sense of a site's devices together: names, references, which contacts a setting needs. */
export function deviceFaults(site: Site): SiteFault[] {
  return [
    ...repeatedNames(site),
    ...(['devices', 'inputs', 'sensors'] as const).flatMap((list) =>
      site[list].flatMap(({ bus }, i) =>
        site.buses.some(({ id }) => id === bus)
          ? []
          : [{ path: [list, i, 'bus'], message: `no bus is called "${bus}"` }],
      ),
    ),
    ...site.devices.flatMap((device, d) =>
      faultsOf(device).map(({ path, message }) => ({ path: ['devices', d, ...path], message })),
    ),
    ...sharedLines(site),
    ...readerFaults(site),
    ...interlockFaults(site),
    ...permissionFaults(site),
  ];
}

/** Incidents and commands name devices, inputs, sensors, readers and interlocks alike: one name, one thing. */
function repeatedNames(site: Site): SiteFault[] {
  const named = (['devices', 'inputs', 'sensors', 'readers', 'interlocks'] as const).flatMap((list) =>
    site[list].map(({ id }, i) => ({ id, path: [list, i, 'id'] })),
  );
  return named.flatMap(({ id, path }, at) =>
    named.findIndex((other) => other.id === id) < at ? [{ path, message: `"${id}" is used twice` }] : [],
  );
}

function faultsOf(device: Device): SiteFault[] {
  const { kind, inputs, outputs, contacts, heldOpen, forcedOpen } = device;
  const positionKnown = inputs.open !== undefined || inputs.closed !== undefined;
  const fault = (wrong: boolean, path: readonly PropertyKey[], message: string) =>
    wrong ? [{ path, message }] : [];
  return [
    ...fault(
      kind === 'door' && outputs.close !== undefined,
      ['outputs', 'close'],
      'a door is opened only; it closes by itself',
    ),
    ...fault(
      kind === 'door' && outputs.stop !== undefined,
      ['outputs', 'stop'],
      'a door is opened only; it cannot be stopped',
    ),
    ...Object.keys(contacts).flatMap((name) =>
      fault(!(name in inputs), ['contacts', name], `no input is wired as "${name}"`),
    ),
    ...fault(
      typeof heldOpen === 'object' && heldOpen.warnAfterS > heldOpen.alarmAfterS,
      ['heldOpen', 'warnAfterS'],
      'the warning would come after the alarm (alarmAfterS)',
    ),
    ...fault(
      typeof heldOpen === 'object' && !positionKnown,
      ['heldOpen'],
      'needs a position contact (inputs.open or inputs.closed)',
    ),
    ...fault(
      forcedOpen === true && (kind !== 'door' || !positionKnown),
      ['forcedOpen'],
      'needs a door with a position contact',
    ),
    ...(device.control === 'step-by-step' ? stepFaults(device) : []),
  ];
}

/**
 * One terminal that opens, stops and closes in turn: what a pulse does depends on what came before. It is
 * given only to a gate that is read as closed, and nothing ever repeats it.
 */
function stepFaults({ kind, inputs, outputs, hold, onFire }: Device): SiteFault[] {
  const fault = (wrong: boolean, path: readonly PropertyKey[], message: string) =>
    wrong ? [{ path, message }] : [];
  return [
    ...fault(kind !== 'gate', ['control'], `step-by-step is for gates, and this is a ${kind}`),
    ...fault(
      outputs.close !== undefined || outputs.stop !== undefined,
      ['outputs'],
      'step-by-step has one output: open',
    ),
    ...fault(
      inputs.closed === undefined,
      ['inputs', 'closed'],
      'step-by-step needs this contact: a pulse opens the gate only from there',
    ),
    ...fault(
      hold !== undefined,
      ['hold'],
      'step-by-step cannot be held open: a held button is one step, and the next one closes',
    ),
    ...fault(
      onFire !== 'none',
      ['onFire'],
      'write onFire: none, because a pulse in a fire might close it; its hard-wired release opens it',
    ),
  ];
}

/** A serial line has one master: two buses on one device would take each other's replies. */
function sharedLines({ buses }: Site): SiteFault[] {
  return buses.flatMap((bus, b) => {
    if (bus.kind !== 'modbus-rtu') return [];
    const other = buses.slice(0, b).find((one) => one.kind === 'modbus-rtu' && one.path === bus.path);
    return other ? [{ path: ['buses', b, 'path'], message: `it is the line of bus "${other.id}"` }] : [];
  });
}

/** A reader opens one device, on a line that nobody else holds. */
function readerFaults({ readers, devices, buses }: Site): SiteFault[] {
  return readers.flatMap(({ door, path }, r) => {
    const bus = buses.find((one) => one.kind === 'modbus-rtu' && one.path === path);
    const other = readers.slice(0, r).find((one) => one.path === path);
    return [
      ...(devices.some(({ id }) => id === door)
        ? []
        : [{ path: ['readers', r, 'door'], message: `no device is called "${door}"` }]),
      ...(bus ? [{ path: ['readers', r, 'path'], message: `it is the line of bus "${bus.id}"` }] : []),
      ...(other ? [{ path: ['readers', r, 'path'], message: `it is the line of reader "${other.id}"` }] : []),
    ];
  });
}

function interlockFaults({ interlocks, devices }: Site): SiteFault[] {
  return interlocks.flatMap(({ doors }, i) =>
    doors.flatMap((id, d) => {
      const door = devices.find((device) => device.id === id);
      const path = ['interlocks', i, 'doors', d];
      if (doors.indexOf(id) < d) return [{ path, message: `"${id}" is named twice` }];
      if (door?.kind !== 'door') return [{ path, message: `no door is called "${id}"` }];
      if (door.inputs.open === undefined && door.inputs.closed === undefined)
        return [{ path, message: `door "${id}" has no position contact: nobody knows whether it is open` }];
      return [];
    }),
  );
}

function permissionFaults({ permissions, devices }: Site): SiteFault[] {
  return Object.entries(permissions).flatMap(([origin, { allow }]) =>
    allow.flatMap((grant, g) =>
      (grant.devices ?? []).flatMap((id, d) =>
        devices.some((device) => device.id === id)
          ? []
          : [
              {
                path: ['permissions', origin, 'allow', g, 'devices', d],
                message: `no device is called "${id}"`,
              },
            ],
      ),
    ),
  );
}
