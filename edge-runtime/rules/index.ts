import type { ZoneRule } from '@gatehouse/contracts';
import { type CrowdState, crowd } from './crowd.ts';
import { firePassage } from './fire-passage.ts';
import { type CongestionState, gateCongestion } from './gate-congestion.ts';
import { illegalParking } from './illegal-parking.ts';
import { scheduled } from './in-force.ts';
import type { OccupancyState } from './occupancy.ts';
import type { Rule } from './rule.ts';

export { Calendar, type LocalTime } from './calendar.ts';
export { type CrowdState, crowd } from './crowd.ts';
export { firePassage } from './fire-passage.ts';
export { type CongestionState, gateCongestion } from './gate-congestion.ts';
export { illegalParking } from './illegal-parking.ts';
export type { Occupancy, OccupancyState } from './occupancy.ts';
export type { Candidate, Moment, OpenOccupancy, Rule, RuleContext, RuleStep } from './rule.ts';

/** State of each rule; plain JSON. */
interface States {
  'illegal-parking': OccupancyState;
  'fire-passage': OccupancyState;
  crowd: CrowdState;
  'gate-congestion': CongestionState;
}
export type RuleState = States[keyof States];

/** Every rule there is, by the kind that a zone names it with. */
export const rules: {
  readonly [K in ZoneRule['kind']]: Rule<Extract<ZoneRule, { kind: K }>, States[K]>;
} = {
  'illegal-parking': scheduled(illegalParking),
  'fire-passage': scheduled(firePassage),
  crowd: scheduled(crowd),
  'gate-congestion': scheduled(gateCongestion),
};
