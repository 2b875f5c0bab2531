import type { ZoneRule } from '@gatehouse/contracts';
import { crowd } from './crowd.ts';
import { ebikeIndoors } from './ebike-indoors.ts';
import { firePassage } from './fire-passage.ts';
import { gateCongestion } from './gate-congestion.ts';
import { illegalParking } from './illegal-parking.ts';
import { scheduled } from './in-force.ts';
import type { Rule } from './rule.ts';

export { Calendar, type LocalTime } from './calendar.ts';
export type { Candidate, Moment, OpenSubject, Rule, RuleContext, RuleStep } from './rule.ts';

/** Every rule there is, by the kind that a zone names it with. */
export const rules = {
  'illegal-parking': scheduled(illegalParking),
  'fire-passage': scheduled(firePassage),
  'ebike-indoors': scheduled(ebikeIndoors),
  crowd: scheduled(crowd),
  'gate-congestion': scheduled(gateCongestion),
} satisfies { readonly [K in ZoneRule['kind']]: Rule<Extract<ZoneRule, { kind: K }>, unknown> };

/** State of any rule; plain JSON. */
export type RuleState = (typeof rules)[keyof typeof rules]['initial'];
