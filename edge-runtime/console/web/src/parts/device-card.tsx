import {
  CarFilled,
  DownCircleOutlined,
  LoadingOutlined,
  LockFilled,
  PauseCircleOutlined,
  QuestionCircleOutlined,
  UnlockFilled,
  UpCircleOutlined,
  WarningFilled,
} from '@ant-design/icons';
import type { DeviceAction, DeviceState } from '@gatehouse/contracts';
import { Button, Popconfirm } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import { deviceSight, type Heard } from '../state/box-state.ts';
import { useWatch } from '../state/hooks.ts';
import { durationText } from '../time-text.ts';
import { Mark } from './incident-tags.tsx';
import { OutcomeLine } from './outcome-line.tsx';
import { useDeviceRequest } from './use-device-request.ts';

const look: Record<DeviceState['position'], readonly [tone: string, icon: ReactNode]> = {
  closed: ['quiet', <LockFilled key="i" />],
  opening: ['warning', <LoadingOutlined key="i" />],
  open: ['warning', <UnlockFilled key="i" />],
  closing: ['warning', <LoadingOutlined key="i" />],
  stopped: ['warning', <PauseCircleOutlined key="i" />],
  unknown: ['unknown', <QuestionCircleOutlined key="i" />],
};

const actionIcons: Record<DeviceAction, ReactNode> = {
  open: <UpCircleOutlined />,
  close: <DownCircleOutlined />,
  stop: <PauseCircleOutlined />,
  'hold-open': <UnlockFilled />,
  release: <LockFilled />,
};

/** One door or barrier: what is known of it, what may be done, and what became of the last command. */
export function DeviceCard({ heard }: { readonly heard: Heard<DeviceState> }) {
  const { t, i18n } = useTranslation();
  const { box, nowMs } = useWatch();
  const device = heard.value;
  const name = localName(device.name, i18n.language);
  const { position, lost, ageMs } = deviceSight(box, heard, nowMs);
  const [tone, icon] = look[position];
  const { pending, outcome, ask } = useDeviceRequest(device);
  return (
    <article
      className={`device tone-edge-${tone} ${device.actions.length === 1 ? 'one-action' : ''}`}
      data-device={device.id}
      data-position={position}
    >
      <div className="line">
        <strong className="device-name">{name}</strong>
        <Mark tone={tone} icon={icon}>
          {lost ? t('device.lost') : t(`device.${position}`)}
        </Mark>
        {device.condition && (
          <Mark tone="warning" icon={<WarningFilled />}>
            {t(`device.${device.condition}`)}
          </Mark>
        )}
        {position !== 'unknown' && device.inputs.loop && (
          <Mark tone="warning" icon={<CarFilled />}>
            {t('device.loop')}
          </Mark>
        )}
      </div>
      {position === 'unknown' && (
        <div className="quiet">
          {ageMs === undefined ? t('device.never') : t('device.age', { ago: durationText(t, ageMs) })}
        </div>
      )}
      <div className="actions">
        {device.actions.map((action) => (
          <ActionButton
            key={action}
            action={action}
            name={name}
            busy={pending === action}
            disabled={box.link !== 'live'}
            onAct={() => ask(action)}
          />
        ))}
      </div>
      <OutcomeLine outcome={outcome} />
    </article>
  );
}

interface ActionProps {
  readonly action: DeviceAction;
  readonly name: string;
  readonly busy: boolean;
  readonly disabled: boolean;
  readonly onAct: () => void;
}

/** Opening and closing ask once more; stopping never waits for a question. */
function ActionButton({ action, name, busy, disabled, onAct }: ActionProps) {
  const { t } = useTranslation();
  const button = (onClick?: () => void) => (
    <Button
      type={action === 'open' ? 'primary' : 'default'}
      danger={action === 'stop'}
      icon={actionIcons[action]}
      loading={busy}
      disabled={disabled}
      data-action={action}
      {...(onClick ? { onClick } : {})}
    >
      {t(`action.${action}`)}
    </Button>
  );
  if (action === 'stop') return button(onAct);
  return (
    <Popconfirm
      title={t(`action.confirm-${action}`, { name })}
      description={t(`action.confirm-${action}-note`)}
      okText={t('action.yes')}
      cancelText={t('action.cancel')}
      okButtonProps={{ size: 'large', autoFocus: true }}
      cancelButtonProps={{ size: 'large' }}
      onConfirm={onAct}
      disabled={disabled || busy}
    >
      {button()}
    </Popconfirm>
  );
}
