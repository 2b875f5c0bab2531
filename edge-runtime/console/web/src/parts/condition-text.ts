import type { Condition } from '@gatehouse/contracts';
import type { TFunction } from 'i18next';

/** A value of a condition as people read it. */
export function valueText(
  t: TFunction,
  value: Condition['value'],
  condition: Pick<Condition, 'name' | 'unit'>,
): string {
  if (typeof value === 'boolean') return value ? t('met.yes') : t('met.no');
  if (typeof value === 'number') {
    const rounded = Number(value.toFixed(1));
    return condition.unit
      ? t(`unit.${condition.unit}`, { value: rounded, defaultValue: `${rounded} ${condition.unit}` })
      : `${rounded}`;
  }
  if (condition.name === 'input') return t(`signal.${value}`, { defaultValue: value });
  if (condition.name !== 'class') return value;
  return value
    .split(/[\s,]+/)
    .map((name) => t(`class.${name}`, { defaultValue: name }))
    .join(' / ');
}

/** True if a number has to reach its threshold; false if it must stay below. */
function mustReach(condition: Condition, value: number, threshold: number): boolean {
  return condition.passed === value >= threshold;
}

/** One condition in words: the measured value, the threshold, and the missing part. */
export function conditionSentence(t: TFunction, condition: Condition): string {
  const { value, threshold } = condition;
  const words = {
    name: t(`condition.${condition.name}`, { defaultValue: condition.name }),
    value: valueText(t, value, condition),
    threshold: threshold === undefined ? '' : valueText(t, threshold, condition),
  };
  if (typeof value === 'number' && typeof threshold === 'number') {
    if (!mustReach(condition, value, threshold))
      return t(condition.passed ? 'why.within' : 'why.over', words);
    const rest = valueText(t, Math.max(0, threshold - value), condition);
    return condition.passed ? t('why.reached', words) : t('why.short', { ...words, rest });
  }
  if (typeof threshold === 'string') return t('why.among', words);
  return t('why.is', words);
}

/** The condition that time is running towards, and its progress (0 to 1). */
export function dwellOf(
  conditions: readonly Condition[],
): { condition: Condition; share: number } | undefined {
  const rising = conditions.flatMap((condition) => {
    const { value, threshold } = condition;
    const counts = typeof value === 'number' && typeof threshold === 'number' && threshold > 0;
    if (!counts || condition.unit !== 's' || !mustReach(condition, value, threshold)) return [];
    return [{ condition, share: Math.min(1, value / threshold), threshold }];
  });
  return (
    rising.find(({ condition }) => condition.name === 'dwell') ??
    rising.toSorted((a, b) => b.threshold - a.threshold)[0]
  );
}

/** The reason why something is no incident (yet): the first condition that is not met. */
export function firstMissing(conditions: readonly Condition[]): Condition | undefined {
  return conditions.find((condition) => !condition.passed);
}
