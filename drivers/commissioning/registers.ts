import type { Site } from '@gatehouse/contracts';
import type { Exchange, ReadKind, ReadRequest } from '../bus/request.ts';
import { placeOf } from '../profiles/bit-source.ts';
import { type Catalogue, readCatalogue } from '../profiles/index.ts';
import { sensorReadKinds } from '../profiles/sensor.ts';
import { isWide } from '../profiles/sensor-file.ts';

/** One coil, input or register: raw, and what it may mean. */
export interface RegisterLine {
  readonly address: number;
  /** `0` or `1`, or four hex digits. */
  readonly raw: string;
  /** Of a register: without and with sign. */
  readonly unsigned?: number;
  readonly signed?: number;
  /** The site file's name for it: `main-barrier open`. */
  readonly names: readonly string[];
}

/** The lines of a read, addresses counted from 0. */
export function registerLines(
  { kind, address, count, unit }: ReadRequest,
  { bits, registers }: Exchange,
  names: NamesAt = () => [],
): RegisterLine[] {
  return Array.from({ length: count }, (_, i) => {
    const at = address + i;
    const named = names(unit, kind, at);
    const bit = bits[i];
    if (bit !== undefined) return { address: at, raw: bit ? '1' : '0', names: named };
    const value = registers[i] ?? 0;
    return {
      address: at,
      raw: value.toString(16).padStart(4, '0'),
      unsigned: value,
      signed: (value << 16) >> 16,
      names: named,
    };
  });
}

export type NamesAt = (unit: number, kind: ReadKind, address: number) => readonly string[];

/**
 * The site file's entry at an address of one of its buses: which device's relay or contact, which input,
 * which value.
 */
export function namesOf(site: Site, bus: string, catalogue: Catalogue = readCatalogue()): NamesAt {
  const named = [...wired(site, bus, catalogue), ...measured(site, bus, catalogue)];
  return (unit, kind, address) =>
    named.flatMap((one) =>
      one.unit === unit && one.kind === kind && one.address === address ? [one.name] : [],
    );
}

interface Named {
  readonly name: string;
  readonly unit: number;
  readonly kind: ReadKind;
  readonly address: number;
}

function wired({ devices, inputs }: Site, bus: string, { boards }: Catalogue): Named[] {
  const channels = [
    ...devices.flatMap((device) =>
      (['outputs', 'inputs'] as const).flatMap((group) =>
        Object.entries(device[group]).map(([name, channel]) => ({
          ...{ of: device, group, name: `${device.id} ${name}`, channel },
        })),
      ),
    ),
    ...inputs.map((input) => ({ of: input, group: 'inputs', name: input.id, channel: input.channel })),
  ];
  return channels.flatMap(({ of, group, name, channel }) => {
    const profile = boards.get(of.profile);
    const part = group === 'outputs' ? profile?.relays : profile?.inputs;
    if (of.bus !== bus || channel === undefined || !part || !('read' in part)) return [];
    const { bit, ...place } = placeOf(part.read, channel);
    return [{ ...place, unit: of.unit, name: bit === undefined ? name : `${name} (bit ${bit})` }];
  });
}

function measured({ sensors }: Site, bus: string, { sensors: files }: Catalogue): Named[] {
  return sensors.flatMap(({ id, bus: on, unit, profile }) =>
    (on === bus ? (files.get(profile)?.values ?? []) : []).flatMap(({ id: value, read, register, type }) =>
      (isWide(type) ? [' (first of two)', ' (second of two)'] : ['']).map((part, i) => ({
        ...{ name: `${id} ${value}${part}`, unit, kind: sensorReadKinds[read], address: register + i },
      })),
    ),
  );
}
