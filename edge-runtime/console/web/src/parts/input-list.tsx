import {
  AlertFilled,
  BellFilled,
  CheckCircleOutlined,
  CloudFilled,
  FireFilled,
  QuestionCircleOutlined,
  SafetyCertificateOutlined,
  SoundFilled,
  ToolFilled,
} from '@ant-design/icons';
import type { InputKind, InputState } from '@gatehouse/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import type { Heard } from '../state/box-state.ts';
import { inputSight } from '../state/door-sight.ts';
import { useWatch } from '../state/hooks.ts';
import { durationText } from '../time-text.ts';
import { Mark } from './incident-tags.tsx';

const kindIcons: Record<InputKind, ReactNode> = {
  fire: <FireFilled />,
  help: <SoundFilled />,
  smoke: <CloudFilled />,
  water: <SafetyCertificateOutlined />,
  intrusion: <BellFilled />,
  tamper: <ToolFilled />,
};

const look: Record<InputState['state'], readonly [tone: string, icon: ReactNode]> = {
  normal: ['success', <CheckCircleOutlined key="i" />],
  active: ['error', <AlertFilled key="i" />],
  unknown: ['unknown', <QuestionCircleOutlined key="i" />],
};

/** Help buttons, smoke, water and the like: the state of each, and its age. */
export function InputList({ onlyNoteworthy = false }: { readonly onlyNoteworthy?: boolean }) {
  const { box, nowMs } = useWatch();
  const rank = { active: 0, unknown: 1, normal: 2 } as const;
  const inputs = [...box.inputs.values()]
    .map((heard) => ({ heard, sight: inputSight(box, heard, nowMs) }))
    .filter(({ sight }) => !onlyNoteworthy || sight.state !== 'normal')
    .toSorted((a, b) => rank[a.sight.state] - rank[b.sight.state]);
  if (inputs.length === 0) return null;
  return (
    <ul className="inputs">
      {inputs.map(({ heard, sight }) => (
        <InputRow key={heard.value.id} heard={heard} sight={sight} />
      ))}
    </ul>
  );
}

interface RowProps {
  readonly heard: Heard<InputState>;
  readonly sight: ReturnType<typeof inputSight>;
}

function InputRow({ heard: { value }, sight: { state, lost, ageMs } }: RowProps) {
  const { t, i18n } = useTranslation();
  const [tone, icon] = look[state];
  return (
    <li className={`input tone-edge-${tone}`} data-input={value.id} data-state={state}>
      <span className="input-kind">
        {kindIcons[value.kind]} {t(`signal.${value.kind}`)}
      </span>
      <strong className="input-name">{localName(value.name, i18n.language)}</strong>
      <Mark tone={tone} icon={icon}>
        {lost ? t('kind.device-lost') : t(`input-state.${state}`)}
      </Mark>
      <span className="quiet">
        {ageMs === undefined ? t('device.never') : t('device.age', { ago: durationText(t, ageMs) })}
      </span>
    </li>
  );
}
