import { z } from 'zod';
import { ObjectClass } from '../../primitives.ts';

export const seconds = (min: number, max: number) => z.number().min(min).max(max);

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

/** The keys of every rule about the times when it holds. */
export const whenItHolds = {
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
export const clearAfterS = (defaultS: number) =>
  seconds(1, 120).default(defaultS).describe('Seconds of continuous absence or motion that clear it');

/** Settings that hold for one class instead of the rule's own. */
export function perClass<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .partialRecord(ObjectClass, z.strictObject(shape))
    .optional()
    .describe('Settings of single classes in place of those of the rule');
}

/** Which objects count, vehicles if nothing is said. */
export const classes = z
  .array(ObjectClass)
  .min(1)
  .default(['car', 'bus', 'truck'])
  .describe('Which objects count');

type Path = readonly (string | number)[];

/** Two thresholds of which the first must not be more than the second. */
export interface Order {
  readonly at: Path;
  readonly value: number;
  readonly limit: number;
  readonly limitName: string;
}

/** An absent value or limit puts nothing out of order. */
export function order(
  at: Path,
  value: number | undefined,
  limitName: string,
  limit: number | undefined,
): Order {
  return { at, value: value ?? 0, limit: limit ?? Number.POSITIVE_INFINITY, limitName };
}

/** A time window among a rule's own settings, and where it stands. */
export interface PlacedWindow {
  readonly at: Path;
  readonly window: { readonly from: string; readonly to: string };
}

/**
 * All that the contracts say of one rule. Its work on tracks is in `edge-runtime/rules`, under the same file
 * name.
 */
export interface RuleSpec<Schema extends z.ZodObject, Condition extends string> {
  readonly schema: Schema;
  /**
   * Names of the conditions that its findings and prompts carry. They are the words that leave the box; each
   * has a text in `locales`.
   */
  readonly conditions: readonly Condition[];
  /** True if a redacted picture of its incidents may go to the platform, where the site file says so. */
  readonly picture: boolean;
  /** Constraints that a schema cannot express: thresholds that must be in order. */
  orders?(rule: z.infer<Schema>): readonly Order[];
  /** Windows besides schedule and exemptions. */
  windows?(rule: z.infer<Schema>): readonly PlacedWindow[];
}

export function ruleSpec<Schema extends z.ZodObject, const Condition extends string>(
  spec: RuleSpec<Schema, Condition>,
): RuleSpec<Schema, Condition> {
  return spec;
}

/** Voice prompt, alarm and escalation of single classes. */
export const stagesOfClass = {
  voiceAfterS: seconds(1, 3600).optional(),
  alarmAfterS: seconds(5, 3600).optional(),
  escalateAfterS: seconds(5, 7200).optional(),
};

interface Stages {
  readonly voiceAfterS?: number | undefined;
  readonly alarmAfterS?: number | undefined;
  readonly escalateAfterS?: number | undefined;
}

/** The stages of a rule, and of its classes, in the order in which they come. */
export function stageOrders(
  rule: Stages & { readonly perClass?: Readonly<Record<string, Stages | undefined>> | undefined },
): Order[] {
  const of = (path: Path, { voiceAfterS, ...own }: Stages) => {
    const alarmAfterS = own.alarmAfterS ?? rule.alarmAfterS;
    const escalateAfterS = own.escalateAfterS ?? rule.escalateAfterS;
    return [
      order([...path, 'voiceAfterS'], voiceAfterS, 'alarmAfterS', alarmAfterS),
      order([...path, 'alarmAfterS'], own.alarmAfterS, 'escalateAfterS', escalateAfterS),
    ];
  };
  const classes = Object.entries(rule.perClass ?? {});
  return [...of([], rule), ...classes.flatMap(([name, own]) => of(['perClass', name], own ?? {}))];
}

/** Of every rule about a thing that stays. */
export const stayConditions = [
  'class',
  'inside-zone',
  'present',
  'bundled-sure',
  'stopped',
  'dwell',
  'unseen',
  'held',
  'absent',
] as const;
