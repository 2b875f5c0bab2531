import { z } from 'zod';
import { Id, LocalName } from '../primitives.ts';

/** One value of a sensor as it was read last. */
export const SensorValue = z.strictObject({
  id: Id,
  name: LocalName,
  /** As people read it, such as °C; empty for a state. */
  unit: z.string().max(10),
  /** Absent while nothing is known, and when the sensor says something that it cannot measure. */
  value: z.number().optional(),
  /** The meaning of a state, and whether it is an alarm for people. */
  meaning: z.strictObject({ name: LocalName, alarm: z.boolean() }).optional(),
  /** The limits of the site file. */
  above: z.number().optional(),
  below: z.number().optional(),
  /** `broken`: the sensor answers with a value that it cannot measure. */
  state: z.enum(['normal', 'alarm', 'broken', 'unknown']),
});
export type SensorValue = z.infer<typeof SensorValue>;

/**
 * The known state of a sensor. A value older than three of its readings is `lost`: unknown with its age,
 * never the last value.
 */
export const SensorState = z.strictObject({
  id: Id,
  name: LocalName,
  comms: z.enum(['ok', 'lost', 'starting']),
  /** Milliseconds since it last answered; absent if it never did. */
  ageMs: z.number().min(0).optional(),
  /** Seconds between two readings. */
  pollS: z.number().min(1),
  values: z.array(SensorValue).max(16),
});
export type SensorState = z.infer<typeof SensorState>;
