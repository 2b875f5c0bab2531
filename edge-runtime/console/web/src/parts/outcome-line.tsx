import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  LoadingOutlined,
  QuestionCircleFilled,
} from '@ant-design/icons';
import type { CommandOutcome } from '@gatehouse/contracts';
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../api.ts';
import { useWatch } from '../state/hooks.ts';
import { clockText } from '../time-text.ts';
import { Mark } from './incident-tags.tsx';
import type { ShownOutcome } from './use-device-request.ts';

const look: Record<CommandOutcome['state'], readonly [tone: string, icon: ReactNode]> = {
  accepted: ['warning', <LoadingOutlined key="i" />],
  executing: ['warning', <LoadingOutlined key="i" />],
  confirmed: ['success', <CheckCircleFilled key="i" />],
  unconfirmed: ['warning', <QuestionCircleFilled key="i" />],
  expired: ['error', <ClockCircleOutlined key="i" />],
  rejected: ['error', <CloseCircleFilled key="i" />],
  superseded: ['quiet', <ClockCircleOutlined key="i" />],
  unknown: ['warning', <QuestionCircleFilled key="i" />],
};

/** The outcome of the last command, with the reason if it differs from the request. */
export function OutcomeLine({ outcome }: { readonly outcome: ShownOutcome | undefined }) {
  const { t } = useTranslation();
  if (!outcome) return null;
  if (outcome.kind === 'sending')
    return (
      <div className="outcome" data-outcome="sending">
        <Mark tone="warning" icon={<LoadingOutlined />}>
          {t('outcome.sending')}
        </Mark>
      </div>
    );
  if (outcome.kind === 'no-answer')
    return (
      <div className="outcome" role="alert" data-outcome="no-answer">
        <Mark tone="error" icon={<QuestionCircleFilled />}>
          {t('outcome.no-answer', {
            action: t(`action.${outcome.action}`),
            message: errorText(outcome.error),
          })}
        </Mark>
      </div>
    );
  return <Told outcome={outcome.outcome} />;
}

function Told({ outcome }: { readonly outcome: CommandOutcome }) {
  const { t, i18n } = useTranslation();
  const { nowMs } = useWatch();
  const [tone, icon] = look[outcome.state];
  const { tookMs, reason } = outcome;
  return (
    <div className="outcome" role="status" data-outcome={outcome.state}>
      <Mark tone={tone} icon={icon}>
        {headline(t, outcome)}
      </Mark>
      {reason && <strong>{t(`reason.${reason}`, { defaultValue: reason })}</strong>}
      <span className="quiet">
        {tookMs !== undefined && `${t('outcome.took', { seconds: (tookMs / 1000).toFixed(1) })} · `}
        {t('outcome.by', { name: outcome.origin.user })} ·{' '}
        {clockText(i18n.language, outcome.acceptedAt, nowMs)}
      </span>
    </div>
  );
}

/**
 * "Relay switched" is not "door open": for a device without position contacts only the first is ever shown.
 */
function headline(t: TFunction, { state, action, feedback }: CommandOutcome): string {
  const relayOnly = state === 'confirmed' && feedback === 'none-fitted';
  return t(`outcome.${relayOnly ? 'confirmed-relay' : state}`, { action: t(`action.${action}`) });
}
