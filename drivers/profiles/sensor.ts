import type { LocalName, Unit } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import type { FieldBus } from '../bus/field-bus.ts';
import { groupReads } from '../bus/group-reads.ts';
import type { BusRequest } from '../bus/request.ts';
import type { Priority } from '../bus/request-queue.ts';
import type { SensorFile } from './profile-file.ts';

type Value = SensorFile['values'][number];

/** One value of a sensor. `value` is absent when the sensor says something that it cannot measure. */
export interface SensorReading {
  readonly id: string;
  readonly name: LocalName;
  readonly unit: Unit;
  readonly value?: number;
  /** What a state means, and whether people must be told. */
  readonly meaning?: { readonly name: LocalName; readonly alarm: boolean };
  /** The register as read, for whoever looks for the fault. */
  readonly raw: number;
}

/** How the registers of a profile's `read` are read. */
export const sensorReadKinds = { holding: 'read-holding', input: 'read-input-registers' } as const;

/** The fewest requests for the wanted values of a sensor; throws `SENSOR_VALUE_UNKNOWN` naming one that it lacks. */
export function sensorRequests(profile: SensorFile, unit: number, ids = allOf(profile)): BusRequest[] {
  const spans = ids.map((id) => {
    const { read, register } = valueCalled(profile, id);
    return { kind: sensorReadKinds[read], address: register, count: 1 };
  });
  return groupReads(unit, spans);
}

/** Reads values of a sensor. Throws `BUS_*`; a refused register is named with its address. */
export async function readSensor(
  bus: FieldBus,
  profile: SensorFile,
  unit: number,
  options: {
    readonly ids?: readonly string[];
    readonly priority?: Priority;
    readonly signal?: AbortSignal;
  } = {},
): Promise<SensorReading[]> {
  const ids = options.ids ?? allOf(profile);
  const { priority = 'poll', signal } = options;
  const words = new Map<string, number>();
  for (const request of sensorRequests(profile, unit, ids)) {
    const { registers } = await bus.send(request, { priority, ...(signal ? { signal } : {}) });
    for (const [i, word] of registers.entries()) words.set(`${request.kind} ${request.address + i}`, word);
  }
  return ids.map((id) => {
    const value = valueCalled(profile, id);
    return readingOf(value, words.get(`${sensorReadKinds[value.read]} ${value.register}`) ?? 0);
  });
}

/** A register as the profile understands it. */
export function readingOf(value: Value, raw: number): SensorReading {
  const signed = value.type === 'int16' && raw >= 0x8000 ? raw - 0x1_0000 : raw;
  // 305 x 0.1 is 30.500000000000004: keep the digits that the scale has.
  const scaled = Number((signed * value.scale).toPrecision(12));
  const { id, name, unit, meanings } = value;
  if (scaled < value.least || scaled > value.most) return { id, name, unit, raw };
  const meaning = meanings?.find((one) => one.value === scaled);
  return {
    ...{ id, name, unit, raw, value: scaled },
    ...(meaning ? { meaning: { name: meaning.name, alarm: meaning.alarm } } : {}),
  };
}

function allOf(profile: SensorFile): readonly string[] {
  return profile.values.map(({ id }) => id);
}

function valueCalled(profile: SensorFile, id: string): Value {
  const found = profile.values.find((value) => value.id === id);
  if (found) return found;
  throw new GatehouseError(
    'SENSOR_VALUE_UNKNOWN',
    'input',
    `profile ${profile.id} has no value "${id}".`,
    `It has: ${allOf(profile).join(', ')}.`,
  );
}
