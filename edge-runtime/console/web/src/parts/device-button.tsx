import {
  DownCircleOutlined,
  HourglassOutlined,
  LockFilled,
  PauseCircleOutlined,
  UpCircleOutlined,
} from '@ant-design/icons';
import type { DeviceAction, DeviceState } from '@gatehouse/contracts';
import { Button, Popconfirm, Radio } from 'antd';
import type { TFunction } from 'i18next';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { holdLengths } from '../state/door-sight.ts';

const icons: Record<DeviceAction, ReactNode> = {
  open: <UpCircleOutlined />,
  close: <DownCircleOutlined />,
  stop: <PauseCircleOutlined />,
  'hold-open': <HourglassOutlined />,
  release: <LockFilled />,
};

interface Props {
  readonly action: DeviceAction;
  readonly name: string;
  readonly device: DeviceState;
  readonly busy: boolean;
  readonly disabled: boolean;
  /** `holdS`: only for a hold. */
  readonly onAct: (holdS?: number) => void;
}

/**
 * An action that moves something asks once more; a stop never waits for a question. A hold also asks for its
 * length.
 */
export function DeviceButton(props: Props) {
  const { t } = useTranslation();
  const { action, busy, disabled, onAct } = props;
  if (action === 'hold-open') return <HoldButton {...props} />;
  const button = (
    <Button
      type={action === 'open' ? 'primary' : 'default'}
      danger={action === 'stop'}
      icon={icons[action]}
      loading={busy}
      disabled={disabled}
      data-action={action}
      {...(action === 'stop' ? { onClick: () => onAct() } : {})}
    >
      {t(`action.${action}`)}
    </Button>
  );
  if (action === 'stop') return button;
  return (
    <Question {...props} description={t(`ask.${action}-note`)} onConfirm={() => onAct()}>
      {button}
    </Question>
  );
}

function HoldButton(props: Props) {
  const { t } = useTranslation();
  const { device, busy, disabled, onAct } = props;
  const choices = holdLengths(device.maxHoldS ?? 60);
  const [holdS, choose] = useState(choices[0] ?? 60);
  const description = (
    <div className="hold-lengths">
      <Radio.Group
        value={holdS}
        onChange={({ target }) => choose(target.value)}
        options={choices.map((value) => ({ value, label: lengthText(t, value) }))}
        optionType="button"
        buttonStyle="solid"
        size="large"
      />
      <p className="flush">{t('ask.hold-open-note')}</p>
    </div>
  );
  return (
    <Question {...props} description={description} onConfirm={() => onAct(holdS)}>
      <Button icon={icons['hold-open']} loading={busy} disabled={disabled} data-action="hold-open">
        {t('action.hold-open')}
      </Button>
    </Question>
  );
}

function lengthText(t: TFunction, seconds: number): string {
  return seconds < 60 ? t('unit.s', { value: seconds }) : t('ask.minutes', { n: seconds / 60 });
}

interface QuestionProps extends Props {
  readonly description: ReactNode;
  readonly onConfirm: () => void;
  readonly children: ReactElement;
}

function Question({ action, name, description, disabled, busy, onConfirm, children }: QuestionProps) {
  const { t } = useTranslation();
  return (
    <Popconfirm
      title={t(`ask.${action}`, { name })}
      description={description}
      okText={t('ask.yes')}
      cancelText={t('ask.cancel')}
      okButtonProps={{ size: 'large', autoFocus: true }}
      cancelButtonProps={{ size: 'large' }}
      onConfirm={onConfirm}
      disabled={disabled || busy}
    >
      {children}
    </Popconfirm>
  );
}
