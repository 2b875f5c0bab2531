import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import type { Condition } from '@gatehouse/contracts';
import { useTranslation } from 'react-i18next';
import { conditionSentence } from './condition-text.ts';
import { Mark } from './incident-tags.tsx';

/** Every condition with whether it is met, in words. */
export function ConditionLines({ conditions }: { readonly conditions: readonly Condition[] }) {
  const { t } = useTranslation();
  return (
    <ul className="conditions">
      {conditions.map((condition) => (
        <li key={condition.name} data-condition={condition.name} data-passed={condition.passed}>
          <Mark
            tone={condition.passed ? 'success' : 'error'}
            icon={condition.passed ? <CheckCircleFilled /> : <CloseCircleFilled />}
          >
            {condition.passed ? t('met.passed') : t('met.failed')}
          </Mark>
          <span>{conditionSentence(t, condition)}</span>
        </li>
      ))}
    </ul>
  );
}
