import {
  DeviceAlarmKind,
  Id,
  type Incident,
  type IncidentChange,
  IncidentKind,
  InputKind,
  type SensorState,
} from '@gatehouse/contracts';
import { z } from 'zod';

/** Kinds of incident that doors, gates, barriers and dry contacts raise. */
export const DeviceEventKind = IncidentKind.extract([...DeviceAlarmKind.options, 'device-lost']);

/** Filter of a device-event-in node; an empty list or field means any. The editor stores it in the flow. */
export const DeviceEventFilter = z.object({
  kinds: z.array(DeviceEventKind).default([]),
  changes: z.array(z.enum(['opened', 'updated', 'cleared', 'acknowledged', 'reading'])).default([]),
  /** A device, an input, a sensor or an interlock. */
  device: z.union([z.literal(''), Id]).default(''),
  /** The kind of signal of a dry contact; only its alarms pass then. */
  signal: z.union([z.literal(''), InputKind]).default(''),
  /** Changes that arrive late (after a restart) pass or not. */
  late: z.enum(['deliver', 'skip']).default('deliver'),
});
export type DeviceEventFilter = z.infer<typeof DeviceEventFilter>;

/**
 * The signal of the dry contact behind an alarm, e.g. `help`; `undefined` where no dry contact is behind it.
 */
export function signalOf({ evidence }: Incident): InputKind | undefined {
  return InputKind.safeParse(evidence?.gates.find(({ name }) => name === 'input')?.value).data;
}

/** True if a node with this filter gets a change; `late`: it arrives over 60 s after it happened. */
export function passesDeviceEvent(filter: DeviceEventFilter, change: IncidentChange, late: boolean): boolean {
  const { incident } = change;
  const kind = DeviceEventKind.safeParse(incident.kind);
  return (
    kind.success &&
    any(filter.kinds, kind.data) &&
    any<string>(filter.changes, change.change) &&
    (filter.device === '' || filter.device === incident.device) &&
    (filter.signal === '' || filter.signal === signalOf(incident)) &&
    !(late && filter.late === 'skip')
  );
}

/**
 * True if a node gets a sensor's readings: only where they are asked for by name, because most flows wait for
 * alarms.
 */
export function passesReading({ changes, device }: DeviceEventFilter, { id }: SensorState): boolean {
  return changes.includes('reading') && (device === '' || device === id);
}

function any<T>(list: readonly T[], value: T): boolean {
  return list.length === 0 || list.includes(value);
}
