import type { LocalName, Unit } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import type { FieldBus } from '../bus/field-bus.ts';
import { groupReads } from '../bus/group-reads.ts';
import type { ReadRequest } from '../bus/request.ts';
import type { Priority } from '../bus/request-queue.ts';
import { isWide, type SensorFile } from './sensor-file.ts';

type Value = SensorFile['values'][number];

/** One value of a sensor. `value` is absent when the sensor says something that it cannot measure. */
export interface SensorReading {
  readonly id: string;
  readonly name: LocalName;
  readonly unit: Unit;
  readonly value?: number;
  /** The meaning of a state, and whether people must be told. */
  readonly meaning?: { readonly name: LocalName; readonly alarm: boolean };
  /**
   * The reading as one unsigned number, the highest byte first by the profile's order; for a person who looks
   * for the fault.
   */
  readonly raw: number;
}

/** How the registers of a profile's `read` are read. */
export const sensorReadKinds = {
  holding: 'read-holding',
  'input-registers': 'read-input-registers',
} as const;

/**
 * The fewest requests for the wanted values of a sensor; throws `SENSOR_VALUE_UNKNOWN` naming one that it
 * lacks.
 */
export function sensorRequests(profile: SensorFile, unit: number, ids = allOf(profile)): ReadRequest[] {
  const spans = ids.map((id) => {
    const { read, register, type } = valueCalled(profile, id);
    return { kind: sensorReadKinds[read], address: register, count: isWide(type) ? 2 : 1 };
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
    const at = (offset: number) =>
      words.get(`${sensorReadKinds[value.read]} ${value.register + offset}`) ?? 0;
    return readingOf(value, isWide(value.type) ? [at(0), at(1)] : [at(0)]);
  });
}

/**
 * One register, or the two of a 32-bit value in the order in which they were read, as the profile understands
 * them.
 */
export function readingOf(value: Value, registers: readonly number[]): SensorReading {
  const bytes = inOrder(registers, value.order ?? 'ABCD');
  const raw = bytes.readUIntBE(0, bytes.length);
  const scaled = Number((numberIn(bytes, value.type) * value.scale).toPrecision(digits[value.type] ?? 12));
  const { id, name, unit, meanings } = value;
  // A float32 that is no number is not within any range.
  if (!(scaled >= value.least && scaled <= value.most)) return { id, name, unit, raw };
  const meaning = meanings?.find((one) => one.value === scaled);
  return {
    id,
    name,
    unit,
    raw,
    value: scaled,
    ...(meaning ? { meaning: { name: meaning.name, alarm: meaning.alarm } } : {}),
  };
}

/**
 * 305 x 0.1 is 30.500000000000004, and a float32 of 230.2 reads 230.1999969482422: keep the digits that scale
 * and type have.
 */
const digits: { readonly [Type in Value['type']]?: number } = { float32: 7 };

/** The bytes of a value, the highest first; `order` says where each of them stands as it arrives. */
function inOrder(registers: readonly number[], order: NonNullable<Value['order']>): Buffer {
  const arrived = Buffer.alloc(2 * registers.length);
  for (const [i, register] of registers.entries()) arrived.writeUInt16BE(register, 2 * i);
  if (registers.length === 1) return arrived;
  return Buffer.from(['A', 'B', 'C', 'D'].map((byte) => arrived[order.indexOf(byte)] ?? 0));
}

function numberIn(bytes: Buffer, type: Value['type']): number {
  switch (type) {
    case 'uint16':
      return bytes.readUInt16BE(0);
    case 'int16':
      return bytes.readInt16BE(0);
    case 'uint32':
      return bytes.readUInt32BE(0);
    case 'int32':
      return bytes.readInt32BE(0);
    case 'float32':
      return bytes.readFloatBE(0);
  }
}

function allOf(profile: SensorFile): readonly string[] {
  return profile.values.map(({ id }) => id);
}

function valueCalled(profile: SensorFile, id: string): Value {
  const found = profile.values.find((value) => value.id === id);
  if (found) return found;
  throw errorOf('SENSOR_VALUE_UNKNOWN', { profile: profile.id, id, known: allOf(profile).join(', ') });
}
