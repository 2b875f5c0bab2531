import type { Condition } from '@gatehouse/contracts';
import type { TFunction } from 'i18next';

/** A value of a gate as people read it. */
export function valueText(
  t: TFunction,
  value: Condition['value'],
  gate: Pick<Condition, 'name' | 'unit'>,
): string {
  if (typeof value === 'boolean') return value ? t('met.yes') : t('met.no');
  if (typeof value === 'number') {
    const rounded = Number(value.toFixed(1));
    return gate.unit
      ? t(`unit.${gate.unit}`, { value: rounded, defaultValue: `${rounded} ${gate.unit}` })
      : `${rounded}`;
  }
  if (gate.name === 'input') return t(`signal.${value}`, { defaultValue: value });
  if (gate.name !== 'class') return value;
  return value
    .split(/[\s,]+/)
    .map((name) => t(`class.${name}`, { defaultValue: name }))
    .join(' / ');
}

/** True if a number has to reach its threshold; false if it must stay below. */
function mustReach(gate: Condition, value: number, threshold: number): boolean {
  return gate.passed === value >= threshold;
}

/** One condition in words: the measured value, the threshold, and the missing part. */
export function gateSentence(t: TFunction, gate: Condition): string {
  const { value, threshold } = gate;
  const words = {
    name: t(`condition.${gate.name}`, { defaultValue: gate.name }),
    value: valueText(t, value, gate),
    threshold: threshold === undefined ? '' : valueText(t, threshold, gate),
  };
  if (typeof value === 'number' && typeof threshold === 'number') {
    if (!mustReach(gate, value, threshold)) return t(gate.passed ? 'why.within' : 'why.over', words);
    const rest = valueText(t, Math.max(0, threshold - value), gate);
    return gate.passed ? t('why.reached', words) : t('why.short', { ...words, rest });
  }
  if (typeof threshold === 'string') return t('why.among', words);
  return t('why.is', words);
}

/** The condition that time is running towards, and its progress (0 to 1). */
export function dwellOf(gates: readonly Condition[]): { gate: Condition; share: number } | undefined {
  const rising = gates.flatMap((gate) => {
    const { value, threshold } = gate;
    const counts = typeof value === 'number' && typeof threshold === 'number' && threshold > 0;
    if (!counts || gate.unit !== 's' || !mustReach(gate, value, threshold)) return [];
    return [{ gate, share: Math.min(1, value / threshold), threshold }];
  });
  return (
    rising.find(({ gate }) => gate.name === 'dwell') ??
    rising.toSorted((a, b) => b.threshold - a.threshold)[0]
  );
}

/** The reason why something is no incident (yet): the first condition that is not met. */
export function firstMissing(gates: readonly Condition[]): Condition | undefined {
  return gates.find((gate) => !gate.passed);
}
