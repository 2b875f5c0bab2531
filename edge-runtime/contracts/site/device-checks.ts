import type { SiteFault, SiteFaultCode, SiteFaultValue } from '../site-file/fault.ts';
import { unknownName } from './addresses.ts';
import type { Device } from './devices.ts';
import type { Site } from './site.ts';

/** Faults of a site's devices together: names, references, contacts that a setting needs. */
export function deviceFaults(site: Site): SiteFault[] {
  return [
    ...repeatedNames(site),
    ...(['devices', 'inputs', 'sensors'] as const).flatMap((list) =>
      site[list].flatMap(({ bus }, i) => unknownName([list, i, 'bus'], bus, 'buses', site.buses)),
    ),
    ...site.devices.flatMap((device, d) =>
      faultsOf(device).map((fault) => ({ ...fault, path: ['devices', d, ...fault.path] })),
    ),
    ...sharedLines(site),
    ...readerFaults(site),
    ...interlockFaults(site),
    ...permissionFaults(site),
  ];
}

/**
 * Incidents and commands name devices, inputs, sensors, readers and interlocks alike: one name, one thing.
 */
function repeatedNames(site: Site): SiteFault[] {
  const named = (['devices', 'inputs', 'sensors', 'readers', 'interlocks'] as const).flatMap((list) =>
    site[list].map(({ id }, i) => ({ id, path: [list, i, 'id'] })),
  );
  return named.flatMap(({ id, path }, at): SiteFault[] =>
    named.findIndex((other) => other.id === id) < at ? [{ path, code: 'id-twice', values: { id } }] : [],
  );
}

function fault(
  wrong: boolean,
  path: readonly PropertyKey[],
  code: SiteFaultCode,
  values: Readonly<Record<string, SiteFaultValue>> = {},
): SiteFault[] {
  return wrong ? [{ path, code, values }] : [];
}

function faultsOf(device: Device): SiteFault[] {
  const { kind, inputs, outputs, contacts, heldOpen, forcedOpen } = device;
  const positionKnown = inputs.open !== undefined || inputs.closed !== undefined;
  const isDoor = kind === 'door';
  return [
    ...(['close', 'stop'] as const).flatMap((output) =>
      fault(isDoor && outputs[output] !== undefined, ['outputs', output], 'door-only-opens', { output }),
    ),
    ...Object.keys(contacts).flatMap((name) =>
      fault(!(name in inputs), ['contacts', name], 'contact-without-input', { name }),
    ),
    ...(typeof heldOpen === 'object'
      ? [
          ...fault(
            heldOpen.warnAfterS > heldOpen.alarmAfterS,
            ['heldOpen', 'warnAfterS'],
            'held-open-order',
            { limit: heldOpen.alarmAfterS },
          ),
          ...fault(!positionKnown, ['heldOpen'], 'needs-position'),
        ]
      : []),
    ...fault(forcedOpen === true && !(isDoor && positionKnown), ['forcedOpen'], 'forced-open'),
    ...(device.control === 'step-by-step' ? stepFaults(device) : []),
  ];
}

/**
 * One terminal opens, stops and closes in turn, so the effect of a pulse depends on the pulse before. It is
 * given only to a gate that is read as closed, and nothing ever repeats it.
 */
function stepFaults({ kind, inputs, outputs, hold, onFire }: Device): SiteFault[] {
  const { close, stop } = outputs;
  return [
    ...fault(kind !== 'gate', ['control'], 'step-gates-only'),
    ...fault(close !== undefined || stop !== undefined, ['outputs'], 'step-one-output'),
    ...fault(inputs.closed === undefined, ['inputs', 'closed'], 'step-needs-closed'),
    ...fault(hold !== undefined, ['hold'], 'step-hold'),
    ...fault(onFire !== 'none', ['onFire'], 'step-on-fire'),
  ];
}

/** A serial line has one master: two buses on one device would take each other's replies. */
function sharedLines({ buses }: Site): SiteFault[] {
  return buses.flatMap((bus, b): SiteFault[] => {
    if (bus.kind !== 'modbus-rtu') return [];
    const other = buses.slice(0, b).find((one) => one.kind === 'modbus-rtu' && one.path === bus.path);
    return fault(other !== undefined, ['buses', b, 'path'], 'line-taken', { what: other?.id });
  });
}

/** A reader opens one device, on a line that nobody else holds. */
function readerFaults({ readers, devices, buses }: Site): SiteFault[] {
  return readers.flatMap(({ door, path }, r) => {
    const bus = buses.find((one) => one.kind === 'modbus-rtu' && one.path === path);
    const other = readers.slice(0, r).find((one) => one.path === path);
    const taken = [bus, other].flatMap((one): SiteFault[] =>
      one ? [{ path: ['readers', r, 'path'], code: 'line-taken', values: { what: one.id } }] : [],
    );
    return [...unknownName(['readers', r, 'door'], door, 'devices', devices), ...taken];
  });
}

function interlockFaults({ interlocks, devices }: Site): SiteFault[] {
  return interlocks.flatMap(({ doors }, i) =>
    doors.flatMap((name, d): SiteFault[] => {
      const path = ['interlocks', i, 'doors', d];
      if (doors.indexOf(name) < d) return [{ path, code: 'named-twice', values: { name } }];
      const known = devices.filter(({ kind }) => kind === 'door');
      const door = known.find(({ id }) => id === name);
      if (!door) return unknownName(path, name, 'devices (kind: door)', known);
      const seen = door.inputs.open !== undefined || door.inputs.closed !== undefined;
      return seen ? [] : [{ path, code: 'interlock-contact', values: { name } }];
    }),
  );
}

function permissionFaults({ permissions, devices }: Site): SiteFault[] {
  return Object.entries(permissions).flatMap(([origin, { allow }]) =>
    allow.flatMap((grant, g) =>
      (grant.devices ?? []).flatMap((id, d) =>
        unknownName(['permissions', origin, 'allow', g, 'devices', d], id, 'devices', devices),
      ),
    ),
  );
}
