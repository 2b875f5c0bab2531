import type { ZoneRule } from '@gatehouse/contracts';
import { illegalParking } from './illegal-parking.ts';
import type { OccupancyState } from './occupancy.ts';
import type { Rule } from './rule.ts';

export { illegalParking } from './illegal-parking.ts';
export type { Occupancy, OccupancyState } from './occupancy.ts';
export type { Candidate, Rule, RuleContext, RuleStep } from './rule.ts';

/** State of any rule; plain JSON. */
export type RuleState = OccupancyState;

/** Every rule there is, by the kind that a zone names it with. */
export const rules: { readonly [K in ZoneRule['kind']]: Rule<Extract<ZoneRule, { kind: K }>, RuleState> } = {
  'illegal-parking': illegalParking,
};
