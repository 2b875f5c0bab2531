import {
  CarFilled,
  FireFilled,
  HistoryOutlined,
  LoadingOutlined,
  LockFilled,
  PauseCircleOutlined,
  QuestionCircleOutlined,
  StopFilled,
  UnlockFilled,
  WarningFilled,
} from '@ant-design/icons';
import type { DeviceCondition, DeviceState } from '@gatehouse/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import type { Heard } from '../state/box-state.ts';
import {
  type DeviceSight,
  deviceSight,
  interlockSight,
  leaseLeftMs,
  offered,
  refusedNow,
} from '../state/door-sight.ts';
import { useWatch } from '../state/hooks.ts';
import { clockText, durationText } from '../time-text.ts';
import { DeviceButton } from './device-button.tsx';
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

const conditionLook: Record<DeviceCondition, readonly [tone: string, icon: ReactNode]> = {
  'held-open-warning': ['warning', <HistoryOutlined key="i" />],
  'held-open': ['error', <WarningFilled key="i" />],
  forced: ['error', <WarningFilled key="i" />],
  'locked-open': ['warning', <UnlockFilled key="i" />],
  obstructed: ['error', <StopFilled key="i" />],
};

/** One door or barrier: its state, the meaning of that, its actions, and the outcome of the last command. */
export function DeviceCard({ heard }: { readonly heard: Heard<DeviceState> }) {
  const { t, i18n } = useTranslation();
  const { box, nowMs } = useWatch();
  const device = heard.value;
  const name = localName(device.name, i18n.language);
  const sight = deviceSight(box, heard, nowMs);
  const [tone, icon] = look[sight.position];
  const { pending, outcome, ask } = useDeviceRequest(device);
  const actions = offered(device);
  const refused = actions.map((action) => refusedNow(device, action)).find((reason) => reason);
  return (
    <article
      className={`device tone-edge-${tone} ${actions.length === 1 ? 'one-action' : ''}`}
      data-device={device.id}
      data-position={sight.position}
      data-condition={sight.condition}
    >
      <div className="line">
        <strong className="device-name">{name}</strong>
        <Mark tone={tone} icon={icon}>
          {sight.lost ? t('kind.device-lost') : t(`position.${sight.position}`)}
        </Mark>
        <ConditionMark sight={sight} device={device} />
      </div>
      <Meaning sight={sight} device={device} />
      <div className="actions">
        {actions.map((action) => (
          <DeviceButton
            key={action}
            action={action}
            name={name}
            device={device}
            busy={pending === action}
            disabled={box.link !== 'live' || refusedNow(device, action) !== undefined}
            onAct={(holdS) => ask(action, holdS)}
          />
        ))}
      </div>
      {/* The fire latch has said so already. */}
      {refused && device.hold?.by !== 'fire' && (
        <p className="quiet flush">{t('device.not-now', { reason: t(`reason.${refused}`) })}</p>
      )}
      <InterlockNote device={device} />
      <OutcomeLine outcome={outcome} />
    </article>
  );
}

/** A hint before somebody presses: another door of the interlock is open, or not known to be closed. */
function InterlockNote({ device }: { readonly device: DeviceState }) {
  const { t, i18n } = useTranslation();
  const { box, site, nowMs } = useWatch();
  const sight = interlockSight(box, site?.interlocks ?? [], device.id, nowMs);
  if (!sight) return null;
  const other = box.devices.get(sight.door)?.value ?? site?.devices.find(({ id }) => id === sight.door);
  const door = other ? localName(other.name, i18n.language) : sight.door;
  return (
    <p className="quiet flush" data-interlocked={sight.is}>
      {t(`device.interlocked-${sight.is}`, { door })}
    </p>
  );
}

interface Seen {
  readonly sight: DeviceSight;
  readonly device: DeviceState;
}

function ConditionMark({ sight: { position, condition }, device }: Seen) {
  const { t } = useTranslation();
  const byFire = condition === 'locked-open' && device.hold?.by === 'fire';
  const [tone, icon] = byFire
    ? ['error', <FireFilled key="i" />]
    : condition
      ? conditionLook[condition]
      : ['', undefined];
  return (
    <>
      {condition && (
        <Mark tone={tone} icon={icon}>
          {byFire ? t('device.fire') : t(`device-condition.${condition}`)}
        </Mark>
      )}
      {position !== 'unknown' && device.inputs.loop && (
        <Mark tone="warning" icon={<CarFilled />}>
          {t('device.loop')}
        </Mark>
      )}
    </>
  );
}

/** One sentence with the fault and its remedy; nothing without a fault. */
function Meaning({ sight: { position, ageMs, condition }, device }: Seen) {
  const { t, i18n } = useTranslation();
  const { box, nowMs } = useWatch();
  if (position === 'unknown')
    return (
      <p className="quiet flush">
        {ageMs === undefined ? t('device.never') : t('device.age', { ago: durationText(t, ageMs) })}
        {' · '}
        {t('device.look')}
      </p>
    );
  const leftMs = leaseLeftMs(device, nowMs + box.clockOffsetMs);
  if (device.hold?.by === 'lease' && leftMs !== undefined)
    return (
      <p className="flush" data-lease>
        {t('device.lease', {
          until: clockText(i18n.language, device.hold.until, nowMs),
          left: durationText(t, leftMs),
        })}
      </p>
    );
  if (device.hold?.by === 'fire') return <p className="flush">{t('device.meaning-fire')}</p>;
  if (!condition || condition === 'locked-open') return null;
  return <p className="flush">{t(`device.meaning-${condition}`)}</p>;
}
