import {
  AimOutlined,
  PlayCircleOutlined,
  QuestionCircleOutlined,
  StopOutlined,
  VideoCameraFilled,
  WarningFilled,
} from '@ant-design/icons';
import { Button, Empty } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import { type CameraSight, cameraSight } from '../state/box-state.ts';
import { useWatch } from '../state/hooks.ts';
import { durationText } from '../time-text.ts';
import { pageUrl, urlOf } from '../urls.ts';
import { ClockLine } from './clock-line.tsx';
import { Mark } from './incident-tags.tsx';
import { LivePlayer } from './live-player.tsx';
import { ModelLines, ModelNotice } from './model-lines.tsx';
import { StillPicture } from './still-picture.tsx';

const look: Record<CameraSight, readonly [tone: string, icon: ReactNode]> = {
  live: ['success', <VideoCameraFilled key="i" />],
  starting: ['warning', <VideoCameraFilled key="i" />],
  stale: ['unknown', <WarningFilled key="i" />],
  down: ['error', <WarningFilled key="i" />],
  unknown: ['unknown', <QuestionCircleOutlined key="i" />],
};

/** A still ages visibly: a new one is asked for this often while a camera is live. */
const stillEveryMs = 10_000;

/** Every camera with its state and the age of its picture; one of them live at a time. */
export function CameraPanel() {
  const { t } = useTranslation();
  const { box, site } = useWatch();
  const [liveId, setLiveId] = useState<string>();
  const ids = [...new Set([...(site?.cameras ?? []).map((camera) => camera.id), ...box.cameras.keys()])];
  return (
    <>
      <div className="pane-head">
        <h2>{t('camera.title')}</h2>
      </div>
      <ModelNotice />
      {ids.length === 0 && box.link === 'live' && (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('camera.none')} />
      )}
      <div className="cameras">
        {ids.map((id) => (
          <CameraCard key={id} id={id} live={id === liveId} onLive={(on) => setLiveId(on ? id : undefined)} />
        ))}
      </div>
      <ModelLines />
      <ClockLine />
    </>
  );
}

interface CardProps {
  readonly id: string;
  readonly live: boolean;
  readonly onLive: (on: boolean) => void;
}

function CameraCard({ id, live, onLive }: CardProps) {
  const { t, i18n } = useTranslation();
  const { box, site, nowMs, go } = useWatch();
  const { sight, ageMs, status } = cameraSight(box, id, nowMs);
  const [tone, icon] = look[sight];
  const name = localName(site?.cameras.find((camera) => camera.id === id)?.name, i18n.language) || id;
  const still = urlOf('cameraStill', { id, query: { at: Math.floor(nowMs / stillEveryMs) } });
  return (
    <article className="camera" data-camera={id} data-sight={sight}>
      <div className="line">
        <strong>{name}</strong>
        <Mark tone={tone} icon={icon}>
          {t(`camera-state.${sight}`)}
        </Mark>
        {ageMs !== undefined && sight !== 'live' && (
          <span className="quiet">{t('camera.age', { ago: durationText(t, ageMs) })}</span>
        )}
        {status?.reason && sight !== 'live' && (
          <span>
            {t(status.reasonDetail ? 'camera.reason-detail' : 'camera.reason', {
              reason: t(`reason.${status.reason}`, { defaultValue: status.reason }),
              detail: status.reasonDetail,
            })}
          </span>
        )}
        {status?.retryInMs !== undefined && sight === 'down' && (
          <span className="quiet">{t('camera.retry', { ago: durationText(t, status.retryInMs) })}</span>
        )}
      </div>
      {live ? (
        <LivePlayer cameraId={id} still={still} />
      ) : (
        <div className={`screen${sight === 'live' ? '' : ' grey'}`}>
          {(sight === 'live' || sight === 'stale') && <StillPicture alt={name} src={still} />}
        </div>
      )}
      <div className="actions">
        <Button
          icon={live ? <StopOutlined /> : <PlayCircleOutlined />}
          disabled={!live && box.link !== 'live'}
          data-live={live}
          onClick={() => onLive(!live)}
        >
          {live ? t('camera.stop') : t('camera.watch')}
        </Button>
        <Button icon={<AimOutlined />} data-why onClick={() => go(pageUrl('cameras', { camera: id }))}>
          {t('camera.why')}
        </Button>
      </div>
    </article>
  );
}
