import { z } from 'zod';
import { Id, LocalName } from '../primitives.ts';

/**
 * The limit at which one value of a sensor is an alarm. States whose meaning is an alarm (water) need none:
 * their profile says so.
 */
export const SensorLimit = z
  .strictObject({
    value: Id.describe('Which value of the profile, such as temperature'),
    above: z.number().optional().describe('Alarm when higher than this, in the unit of the value'),
    below: z.number().optional().describe('Alarm when lower than this, in the unit of the value'),
    hysteresis: z
      .number()
      .min(0)
      .default(1)
      .describe('The alarm ends only this far back inside the limit, in the unit of the value'),
    dwellS: z
      .number()
      .min(0)
      .max(3600)
      .default(30)
      .describe(
        'Seconds that it must last beyond the limit before the alarm, and back inside before its end',
      ),
    priority: z.int().min(1).max(3).default(2).describe('1 at once, 2 soon, 3 when there is time'),
  })
  .refine(({ above, below }) => above !== undefined || below !== undefined, {
    path: ['above'],
    message: 'needs "above", "below" or both',
    params: { fault: 'sensor-limit-side' },
  })
  .refine(
    ({ above, below, hysteresis }) =>
      above === undefined || below === undefined || below + hysteresis < above - hysteresis,
    {
      path: ['below'],
      message: 'leaves no room between the limits: below + hysteresis < above - hysteresis',
      params: { fault: 'sensor-limit-room' },
    },
  );
export type SensorLimit = z.infer<typeof SensorLimit>;

/** A sensor that is only read, on a bus of its own unit address: temperature, humidity, water. */
export const Sensor = z.strictObject({
  id: Id,
  name: LocalName,
  bus: Id,
  unit: z.int().min(1).max(247).describe('Modbus unit (slave) address'),
  profile: Id.describe('Sensor profile of drivers/profiles'),
  pollS: z.number().min(1).max(3600).default(5).describe('Seconds between two readings'),
  reportMinutes: z
    .number()
    .min(1)
    .max(1440)
    .default(5)
    .describe('Minutes between two readings sent to the platform; one more goes at each crossing of a limit'),
  limits: z.array(SensorLimit).max(16).default([]),
});
export type Sensor = z.infer<typeof Sensor>;
