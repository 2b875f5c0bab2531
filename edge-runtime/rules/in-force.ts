import type { Condition, Finding, ZoneRule } from '@gatehouse/contracts';
import { inWindow } from './calendar.ts';
import type { Moment, Rule, RuleContext } from './rule.ts';

type Timed = Pick<ZoneRule, 'schedule' | 'exemptions'>;

/** True if a rule holds at a moment: within its schedule, and not exempt. */
export function inForce({ schedule, exemptions }: Timed, { local, fireAlarm }: Moment): boolean {
  if (exemptions?.duringFireAlarm && fireAlarm) return false;
  if (local === null) return true;
  if (schedule && !schedule.some((window) => inWindow(window, local))) return false;
  return !exemptions?.hours.some((window) => inWindow(window, local));
}

/** The condition of a rule that does not always hold; none where it does. */
export function inForceConditions({
  params,
  moment,
}: Pick<RuleContext<Timed>, 'params' | 'moment'>): Condition[] {
  if (!params.schedule && !params.exemptions) return [];
  const value = inForce(params, moment);
  return [{ name: 'in-force', value, threshold: true, passed: value }];
}

/**
 * A rule that follows its schedule. While it does not hold nothing is watched, so no time counts. An object
 * that stands there when the rule begins to hold counts from then. An incident that is open when it ends is
 * cleared with the gate `in-force`: from now on it is allowed.
 */
export function scheduled<Params extends Timed, State>(rule: Rule<Params, State>): Rule<Params, State> {
  return {
    ...rule,
    step(state, frame, context) {
      if (inForce(context.params, context.moment)) return rule.step(state, frame, context);
      const { camera, zone } = context;
      const findings = rule.open(state).map(
        ({ key, priority, ...evidence }): Finding => ({
          kind: rule.kind,
          phase: 'cleared',
          camera,
          zone: zone.id,
          occupancy: key,
          priority,
          evidence: { ...evidence, atMs: frame.atMs, gates: inForceConditions(context) },
        }),
      );
      return { state: rule.initial, findings, prompts: [] };
    },
  };
}
