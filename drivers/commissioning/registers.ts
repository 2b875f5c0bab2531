import type { Site } from '@gatehouse/contracts';
import type { Exchange, ReadKind } from '../bus/request.ts';
import { type Catalogue, readCatalogue } from '../profiles/index.ts';
import { readInputs, readRelays } from '../profiles/requests.ts';
import { sensorReadKinds } from '../profiles/sensor.ts';
import type { ReadRequest } from './bus-probe.ts';

/** One coil, input or register: raw, and what it may mean. */
export interface RegisterLine {
  readonly address: number;
  /** `0` or `1`, or four hex digits. */
  readonly raw: string;
  /** Of a register: without and with sign. */
  readonly unsigned?: number;
  readonly signed?: number;
  /** What the site file has there, by name: `main-barrier open`. */
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

/** What a site file has at an address of one of its buses: which device's relay or contact, which input. */
export function namesOf(
  { devices, inputs, sensors }: Site,
  bus: string,
  { boards, sensors: sensorFiles }: Catalogue = readCatalogue(),
): NamesAt {
  const wired = [
    ...devices.flatMap((device) => [
      ...Object.entries(device.outputs).map(([name, channel]) => ({
        ...{ of: device, name: `${device.id} ${name}`, channel, read: readRelays },
      })),
      ...Object.entries(device.inputs).map(([name, channel]) => ({
        ...{ of: device, name: `${device.id} ${name}`, channel, read: readInputs },
      })),
    ]),
    ...inputs.map((input) => ({ of: input, name: input.id, channel: input.channel, read: readInputs })),
  ].filter(({ of }) => of.bus === bus);
  const measured = sensors
    .filter((sensor) => sensor.bus === bus)
    .flatMap(({ id, unit, profile }) =>
      (sensorFiles.get(profile)?.values ?? []).map((value) => ({ name: `${id} ${value.id}`, unit, value })),
    );
  return (unit, kind, address) => [
    ...measured.flatMap(({ name, unit: of, value }) =>
      of === unit && kind === sensorReadKinds[value.read] && address === value.register ? [name] : [],
    ),
    ...wired.flatMap(({ of, name, channel, read }) => {
      const profile = boards.get(of.profile);
      if (!profile || channel === undefined || of.unit !== unit) return [];
      const request = read(profile, unit);
      return request.kind === kind && 'count' in request && request.address + channel === address
        ? [name]
        : [];
    }),
  ];
}
