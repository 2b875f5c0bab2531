import { z } from 'zod';
import { crowd } from './crowd.ts';
import { ebikeIndoors } from './ebike-indoors.ts';
import { firePassage } from './fire-passage.ts';
import { gateCongestion } from './gate-congestion.ts';
import { illegalParking } from './illegal-parking.ts';
import type { Order, PlacedWindow } from './parts.ts';

export { CrowdRule } from './crowd.ts';
export { EbikeIndoorsRule } from './ebike-indoors.ts';
export { FirePassageRule } from './fire-passage.ts';
export { GateCongestionRule } from './gate-congestion.ts';
export { IllegalParkingRule } from './illegal-parking.ts';
export { DayOfWeek, TimeOfDay, WeeklyWindow } from './parts.ts';

/**
 * Every rule there is, in the order in which people are offered them. These derive from the list: the site
 * schema, kinds of incidents and of pictures, names of conditions on the wire, checks of the site file, the
 * zone editor, the palette and the published schemas.
 */
const ruleSpecs = [illegalParking, firePassage, ebikeIndoors, crowd, gateCongestion] as const;

type Specs = typeof ruleSpecs;
type SchemasOf<List extends readonly { readonly schema: unknown }[]> = {
  readonly [N in keyof List]: List[N]['schema'];
};

export const ZoneRule = z.discriminatedUnion(
  'kind',
  ruleSpecs.map(({ schema }) => schema) as unknown as SchemasOf<Specs>,
);
export type ZoneRule = z.infer<typeof ZoneRule>;
export type RuleKind = ZoneRule['kind'];

/** Kinds of rules, which are kinds of incidents as well. */
export const ruleKinds: readonly RuleKind[] = ruleSpecs.map(({ schema }) => schema.shape.kind.value);

/** Kinds of rules of whose incidents a redacted picture may go to the platform. */
export const pictureKinds = ruleSpecs
  .filter(({ picture }) => picture)
  .map(({ schema }) => schema.shape.kind.value);

/** Names of the conditions of all rules. */
export const ruleConditions: readonly Specs[number]['conditions'][number][] = [
  ...new Set(
    ruleSpecs.flatMap(({ conditions }): readonly Specs[number]['conditions'][number][] => conditions),
  ),
];

/** Names of the conditions of one rule. */
export function conditionsOf(kind: RuleKind): readonly string[] {
  return ruleSpecs.find(({ schema }) => schema.shape.kind.value === kind)?.conditions ?? [];
}

/** Thresholds of a rule that must be in order, and the windows among its own settings. */
export function checksOf(rule: ZoneRule): {
  readonly orders: readonly Order[];
  readonly windows: readonly PlacedWindow[];
} {
  const spec: {
    orders?(rule: ZoneRule): readonly Order[];
    windows?(rule: ZoneRule): readonly PlacedWindow[];
  } = ruleSpecs.find(({ schema }) => schema.shape.kind.value === rule.kind) ?? {};
  return { orders: spec.orders?.(rule) ?? [], windows: spec.windows?.(rule) ?? [] };
}
