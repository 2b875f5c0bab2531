import { z } from 'zod';
import { ObjectClass } from '../primitives.ts';

const seconds = (min: number, max: number) => z.number().min(min).max(max);

/** A time of day of the site's clock, `HH:MM`; `24:00` ends a day. */
export const TimeOfDay = z
  .string()
  .regex(
    /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/,
    'must be a time of day such as "07:30", in quotes (24:00 ends a day)',
  );

export const DayOfWeek = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type DayOfWeek = z.infer<typeof DayOfWeek>;

/** A window that comes again every week, in the site's time zone. */
export const WeeklyWindow = z.strictObject({
  days: z
    .array(z.enum([...DayOfWeek.options, 'holiday']))
    .min(1)
    .default([...DayOfWeek.options, 'holiday'])
    .describe('Days on which it starts; on a holiday only "holiday" counts, whatever day of the week it is'),
  from: TimeOfDay,
  to: TimeOfDay.describe('At or before "from" it is a time of the next day'),
});
export type WeeklyWindow = z.infer<typeof WeeklyWindow>;

/** What every rule may say about when it holds. */
const whenItHolds = {
  schedule: z
    .array(WeeklyWindow)
    .min(1)
    .max(20)
    .optional()
    .describe(
      'When the rule is active; always if absent. Outside it nothing is counted and open incidents clear',
    ),
  exemptions: z
    .strictObject({
      hours: z.array(WeeklyWindow).max(20).default([]).describe('When the rule is not active after all'),
      duringFireAlarm: z
        .boolean()
        .default(false)
        .describe('Not active while a fire alarm is: helpers may stop and people may gather anywhere'),
    })
    .optional(),
  priority: z
    .int()
    .min(1)
    .max(3)
    .default(2)
    .describe('Of its incidents: 1 at once, 2 soon, 3 when there is time'),
};

/** Seconds of continuous absence or motion that clear an incident. */
const clearAfterS = (defaultS: number) =>
  seconds(1, 120).default(defaultS).describe('Seconds of continuous absence or motion that clear it');

/** Settings that hold for one class instead of the rule's own. */
function perClass<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .partialRecord(ObjectClass, z.strictObject(shape))
    .optional()
    .describe('Settings of single classes in place of those of the rule');
}

/** Illegal parking (违停): defaults from analytics.md. */
export const IllegalParkingRule = z.strictObject({
  kind: z.literal('illegal-parking'),
  classes: z.array(ObjectClass).min(1).default(['car', 'bus', 'truck']).describe('Which objects count'),
  stoppedAfterS: seconds(0, 120)
    .default(10)
    .describe('Seconds of standing still before dwell is shown as stopped'),
  violationAfterS: seconds(5, 3600).default(300).describe('Seconds of dwell that make it an incident'),
  clearAfterS: clearAfterS(10),
  perClass: perClass({ violationAfterS: seconds(5, 3600).optional() }),
  ...whenItHolds,
});
export type IllegalParkingRule = z.infer<typeof IllegalParkingRule>;

const stageOfClass = {
  voiceAfterS: seconds(1, 3600).optional(),
  alarmAfterS: seconds(5, 3600).optional(),
  escalateAfterS: seconds(5, 7200).optional(),
};

/**
 * Fire passage (消防通道占用): vehicles, and things left behind that no detector has a class for. Three stages of one stay: a
 * voice prompt for the driver, the alarm, which opens the incident, and its escalation to priority 1. While a fire alarm is
 * active every stay in it is priority 1 at once.
 */
export const FirePassageRule = z.strictObject({
  kind: z.literal('fire-passage'),
  classes: z.array(ObjectClass).min(1).default(['car', 'bus', 'truck']).describe('Which objects count'),
  objects: z
    .boolean()
    .default(true)
    .describe('Whether unknown things that were left behind count (class "object")'),
  overlap: z
    .number()
    .min(0.05)
    .max(1)
    .default(0.3)
    .describe('Part of the footprint (lower 35 % of the box) inside the zone at which it stands in it'),
  laneBlocked: z
    .number()
    .min(0.05)
    .max(1)
    .default(0.4)
    .describe('Part of the lane width that the footprint blocks at which it stands in it'),
  stoppedAfterS: seconds(0, 120)
    .default(5)
    .describe('Seconds of standing still after which it counts as stopped; all that a fire alarm waits for'),
  voiceAfterS: seconds(1, 3600)
    .optional()
    .describe('Seconds of dwell until the voice prompt; 30 if absent, and none if the alarm comes first'),
  alarmAfterS: seconds(5, 3600).default(120).describe('Seconds of dwell that make it an incident'),
  escalateAfterS: seconds(5, 7200)
    .optional()
    .describe(
      'Seconds of dwell that raise the incident to priority 1; 300 if absent, never before the alarm',
    ),
  objectAfterS: seconds(5, 3600).default(60).describe('The same as alarmAfterS, for things left behind'),
  clearAfterS: clearAfterS(10),
  perClass: perClass(stageOfClass),
  ...whenItHolds,
});
export type FirePassageRule = z.infer<typeof FirePassageRule>;

/** Crowd (人员聚集): people who stand together. At night a second, lower number counts besides. */
export const CrowdRule = z.strictObject({
  kind: z.literal('crowd'),
  people: z.int().min(2).max(200).default(10).describe('People together that make a crowd'),
  forS: seconds(1, 600).default(30).describe('Seconds that they stay together'),
  night: z
    .union([
      z.literal(false),
      z.strictObject({
        people: z.int().min(2).max(200).default(5),
        forS: seconds(1, 600).default(60),
        from: TimeOfDay.default('23:00'),
        to: TimeOfDay.default('06:00'),
      }),
    ])
    .prefault({})
    .describe('At night this number for this long is a crowd, too; false: as by day'),
  clearMargin: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe('It clears when at least so many fewer than the number are left'),
  clearAfterS: clearAfterS(15),
  distance: z
    .number()
    .min(0.1)
    .max(5)
    .default(0.75)
    .describe('Farthest that neighbours of one group stand apart, in heights of their boxes'),
  walkThrough: z
    .enum(['exclude', 'count'])
    .default('exclude')
    .describe('Whether people who walk through count'),
  walkingSpeed: z
    .number()
    .min(0.05)
    .max(5)
    .default(0.2)
    .describe('Median speed at which somebody walks through, box heights a second'),
  ...whenItHolds,
});
export type CrowdRule = z.infer<typeof CrowdRule>;

/** Gate congestion (出入口拥堵): a queue of vehicles that does not move. */
export const GateCongestionRule = z.strictObject({
  kind: z.literal('gate-congestion'),
  classes: z.array(ObjectClass).min(1).default(['car', 'bus', 'truck']).describe('Which objects count'),
  vehicles: z.int().min(1).max(50).default(3).describe('Vehicles that stand at the same time'),
  forS: seconds(5, 3600).default(120).describe('Seconds that so many of them have not moved'),
  clearAfterS: clearAfterS(15),
  ...whenItHolds,
});
export type GateCongestionRule = z.infer<typeof GateCongestionRule>;

export const ZoneRule = z.discriminatedUnion('kind', [
  IllegalParkingRule,
  FirePassageRule,
  CrowdRule,
  GateCongestionRule,
]);
export type ZoneRule = z.infer<typeof ZoneRule>;

/** Whether a name is a time zone that this machine knows (IANA, such as `Asia/Shanghai`). */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** By which clock and calendar the site lives. */
export const siteCalendar = {
  timezone: z
    .string()
    .refine(isTimeZone, {
      message: 'must be an IANA time zone such as "Asia/Shanghai"',
      params: { fault: 'time-zone' },
    })
    .default('Asia/Shanghai')
    .describe('Time zone of schedules and of night (IANA)'),
  holidays: z
    .array(z.iso.date('must be a date such as "2026-10-01", in quotes'))
    .max(400)
    .default([])
    .describe('Dates on which schedules use their "holiday" windows'),
};
