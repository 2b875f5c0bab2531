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
  ToolFilled,
} from '@ant-design/icons';
import type { Incident } from '@gatehouse/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useWatch } from '../state/hooks.ts';
import { type Situation, situationOf } from '../state/situation.ts';

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

const situationLook: Record<Situation, readonly [tone: string, icon: ReactNode]> = {
  open: ['error', <EnvironmentFilled key="i" />],
  faulty: ['error', <ToolFilled key="i" />],
  cleared: ['success', <CheckCircleOutlined key="i" />],
  restored: ['success', <CheckCircleOutlined key="i" />],
  unknown: ['unknown', <QuestionCircleOutlined key="i" />],
};

/** Shows whether the thing is still there, or still broken. */
export function SituationMark({ incident }: { readonly incident: Incident }) {
  const { t } = useTranslation();
  const { box, nowMs } = useWatch();
  const situation = situationOf(box, incident, nowMs);
  const [tone, icon] = situationLook[situation];
  return (
    <Mark tone={tone} icon={icon}>
      {t(`situation.${situation}`)}
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
