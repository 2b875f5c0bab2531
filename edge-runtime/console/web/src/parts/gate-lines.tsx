import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import type { Gate } from '@gatehouse/contracts';
import { useTranslation } from 'react-i18next';
import { gateSentence } from './gate-text.ts';
import { Mark } from './incident-tags.tsx';

/** Every condition with whether it is met, in words. */
export function GateLines({ gates }: { readonly gates: readonly Gate[] }) {
  const { t } = useTranslation();
  return (
    <ul className="gates">
      {gates.map((gate) => (
        <li key={gate.name} data-gate={gate.name} data-passed={gate.passed}>
          <Mark
            tone={gate.passed ? 'success' : 'error'}
            icon={gate.passed ? <CheckCircleFilled /> : <CloseCircleFilled />}
          >
            {gate.passed ? t('met.passed') : t('met.failed')}
          </Mark>
          <span>{gateSentence(t, gate)}</span>
        </li>
      ))}
    </ul>
  );
}
