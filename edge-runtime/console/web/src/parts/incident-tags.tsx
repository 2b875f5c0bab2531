import {
  AlertFilled,
  CheckCircleOutlined,
  CheckSquareFilled,
  ClockCircleOutlined,
  CloseSquareOutlined,
  EnvironmentFilled,
  ExclamationCircleFilled,
  InfoCircleOutlined,
  QuestionCircleOutlined,
} from '@ant-design/icons';
import type { Incident } from '@gatehouse/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cameraSight } from '../state/box-state.ts';
import { useWatch } from '../state/hooks.ts';

/** An icon, a text and a colour: never the colour alone. */
export function Mark({ tone, icon, children }: { tone: string; icon: ReactNode; children: ReactNode }) {
  return (
    <span className={`mark tone-${tone}`}>
      {icon}
      {children}
    </span>
  );
}

export function PriorityMark({ incident }: { readonly incident: Incident }) {
  const { t } = useTranslation();
  const [tone, icon] =
    incident.priority === 1
      ? ['error', <AlertFilled key="i" />]
      : incident.priority === 2
        ? ['warning', <ExclamationCircleFilled key="i" />]
        : ['quiet', <InfoCircleOutlined key="i" />];
  return (
    <Mark tone={String(tone)} icon={icon}>
      {t(`priority.${incident.priority}`)}
    </Mark>
  );
}

/** Is it still there? Not known while the camera that saw it is not live. */
export function ConditionMark({ incident }: { readonly incident: Incident }) {
  const { t } = useTranslation();
  const { box, nowMs } = useWatch();
  if (incident.phase === 'cleared')
    return (
      <Mark tone="success" icon={<CheckCircleOutlined />}>
        {t('condition.cleared')}
      </Mark>
    );
  const seen = incident.camera === undefined || cameraSight(box, incident.camera, nowMs).sight === 'live';
  if (box.link !== 'live' || !seen)
    return (
      <Mark tone="unknown" icon={<QuestionCircleOutlined />}>
        {t('condition.unknown')}
      </Mark>
    );
  return (
    <Mark tone="error" icon={<EnvironmentFilled />}>
      {t('condition.open')}
    </Mark>
  );
}

const handlingLook: Record<Incident['handling']['state'], readonly [tone: string, icon: ReactNode]> = {
  new: ['warning', <ClockCircleOutlined key="i" />],
  acknowledged: ['success', <CheckCircleOutlined key="i" />],
  confirmed: ['success', <CheckSquareFilled key="i" />],
  'false-alarm': ['quiet', <CloseSquareOutlined key="i" />],
};

export function HandlingMark({ incident }: { readonly incident: Incident }) {
  const { t } = useTranslation();
  const { state } = incident.handling;
  const [tone, icon] = handlingLook[state];
  return (
    <Mark tone={tone} icon={icon}>
      {t(`handling.${state}`)}
    </Mark>
  );
}
