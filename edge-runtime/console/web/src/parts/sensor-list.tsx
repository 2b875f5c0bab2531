import { AlertFilled, CheckCircleOutlined, QuestionCircleOutlined, ToolFilled } from '@ant-design/icons';
import type { SensorState, SensorValue } from '@gatehouse/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import { sensorSight } from '../state/door-sight.ts';
import { useWatch } from '../state/hooks.ts';
import { durationText } from '../time-text.ts';
import { Mark } from './incident-tags.tsx';

const look: Record<SensorValue['state'], readonly [tone: string, icon: ReactNode]> = {
  normal: ['success', <CheckCircleOutlined key="i" />],
  alarm: ['error', <AlertFilled key="i" />],
  broken: ['warning', <ToolFilled key="i" />],
  unknown: ['unknown', <QuestionCircleOutlined key="i" />],
};

/**
 * Temperature, humidity, water: values in alarm first, each with its limits and its age; grey where nothing
 * is known now.
 */
export function SensorList() {
  const { box, nowMs } = useWatch();
  const rank = { alarm: 0, broken: 1, unknown: 2, normal: 3 } as const;
  const sensors = [...box.sensors.values()]
    .map((heard) => ({ sensor: heard.value, sight: sensorSight(box, heard, nowMs) }))
    .toSorted((a, b) => rank[a.sight.state] - rank[b.sight.state]);
  return (
    <ul className="inputs">
      {sensors.map(({ sensor, sight }) => (
        <SensorRow key={sensor.id} sensor={sensor} sight={sight} />
      ))}
    </ul>
  );
}

interface RowProps {
  readonly sensor: SensorState;
  readonly sight: ReturnType<typeof sensorSight>;
}

function SensorRow({ sensor: { id, name }, sight: { values, state, lost, ageMs } }: RowProps) {
  const { t, i18n } = useTranslation();
  const [tone, icon] = look[state];
  return (
    <li className={`input tone-edge-${tone}`} data-sensor={id} data-state={state}>
      <strong className="input-name">{localName(name, i18n.language)}</strong>
      <Mark tone={tone} icon={icon}>
        {lost ? t('kind.device-lost') : t(`sensor-state.${state}`)}
      </Mark>
      <dl className="sensor-values">
        {values.map((value) => (
          <div key={value.id} data-value={value.id} data-state={value.state}>
            <dt>{localName(value.name, i18n.language)}</dt>
            <dd>
              <ValueText value={value} />
            </dd>
            <LimitText value={value} />
          </div>
        ))}
      </dl>
      <span className="quiet">
        {ageMs === undefined ? t('device.never') : t('sensor.age', { ago: durationText(t, ageMs) })}
      </span>
    </li>
  );
}

function ValueText({ value: { value, unit, meaning, state } }: { readonly value: SensorValue }) {
  const { t, i18n } = useTranslation();
  if (value === undefined) return t(state === 'broken' ? 'sensor-state.broken' : 'sensor.no-value');
  return meaning ? localName(meaning.name, i18n.language) : `${value} ${unit}`.trim();
}

function LimitText({ value: { above, below, unit } }: { readonly value: SensorValue }) {
  const { t } = useTranslation();
  const limits = [
    ...(above === undefined ? [] : [t('sensor.above', { limit: `${above} ${unit}`.trim() })]),
    ...(below === undefined ? [] : [t('sensor.below', { limit: `${below} ${unit}`.trim() })]),
  ];
  return limits.length === 0 ? null : <dd className="quiet">{limits.join(t('sensor.between'))}</dd>;
}
