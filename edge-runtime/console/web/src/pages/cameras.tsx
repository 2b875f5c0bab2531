import { mayCall } from '@gatehouse/contracts/console';
import { Alert, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../api.ts';
import { localName } from '../i18n.ts';
import { LookBackBar } from '../parts/look-back-bar.tsx';
import { ScenePicture } from '../parts/scene-picture.tsx';
import { WatchedList } from '../parts/watched-list.tsx';
import { ZoneEditor } from '../parts/zone-editor.tsx';
import { type SeenView, useCameraView } from '../state/camera-view.ts';
import { useWatch } from '../state/hooks.ts';
import { durationText } from '../time-text.ts';
import type { PageProps } from './page-props.ts';

type Mode = 'now' | 'back' | 'edit';

/** A frame older than this says nothing about the chosen moment. */
const blindMs = 10_000;

/**
 * 分析: the candidates that the rules watch, now or at any moment of the last 24 h; for installers the zones
 * themselves.
 */
export function CamerasPage({ query }: PageProps) {
  // Another address is another question, also while the page is open.
  return <Analysis key={query} query={query} />;
}

function Analysis({ query }: PageProps) {
  const { t, i18n } = useTranslation();
  const { site, login } = useWatch();
  const asked = new URLSearchParams(query);
  const askedMs = asked.has('at') ? Number(asked.get('at')) : undefined;
  const [chosenCamera, chooseCamera] = useState(asked.get('camera') ?? undefined);
  const [mode, setMode] = useState<Mode>(askedMs === undefined ? 'now' : 'back');
  const camera = chosenCamera ?? site?.cameras[0]?.id;
  const mayEdit = mayCall(login.role, 'saveZones');
  if (!site || camera === undefined) return <main className="analysis" />;
  const modes = ['now', 'back', ...(mayEdit ? ['edit' as const] : [])] as const;
  return (
    <main className="analysis">
      <div className="pane-head">
        <h2>{t('watching.title')}</h2>
        <Select
          value={camera}
          onChange={chooseCamera}
          popupMatchSelectWidth={false}
          options={site.cameras.map(({ id, name }) => ({ value: id, label: localName(name, i18n.language) }))}
        />
        <Segmented<Mode>
          value={mode}
          onChange={setMode}
          options={modes.map((value) => ({ value, label: t(`watching.mode-${value}`) }))}
        />
        <span className="hint wide">{t(`watching.hint-${mode}`)}</span>
      </div>
      {mode === 'edit' ? (
        <ZoneEditor key={camera} camera={camera} />
      ) : (
        <Sight key={`${camera}/${mode}`} camera={camera} back={mode === 'back'} firstMs={askedMs} />
      )}
    </main>
  );
}

interface SightProps {
  readonly camera: string;
  readonly back: boolean;
  readonly firstMs: number | undefined;
}

function Sight({ camera, back, firstMs }: SightProps) {
  const { t } = useTranslation();
  const { nowMs, box } = useWatch();
  const [movedMs, moveTo] = useState(firstMs);
  const [startMs] = useState(() => nowMs + box.clockOffsetMs - 60_000);
  const [chosen, choose] = useState<string>();
  const atMs = back ? (movedMs ?? startMs) : undefined;
  const { seen, error } = useCameraView(camera, atMs);
  const stored = seen?.view.stored;
  return (
    <>
      {error !== undefined && <Alert type="warning" showIcon title={errorText(error)} />}
      {back && stored && atMs !== undefined && (
        <LookBackBar
          camera={camera}
          stored={stored}
          atMs={Math.max(stored.fromMs, Math.min(stored.toMs, atMs))}
          onMove={moveTo}
        />
      )}
      {back && seen && !stored && <Alert type="info" showIcon title={t('watching.nothing-stored')} />}
      {seen && (
        <div className="sight" data-at={seen.view.atMs}>
          <Ground seen={seen} back={back} chosen={chosen} onChoose={choose} />
          <section className="sight-side">
            <h3>
              {t(back ? 'watching.watched-then' : 'watching.watched-now', { n: seen.view.watched.length })}
            </h3>
            <WatchedList
              view={seen.view}
              chosen={chosen ?? seen.view.watched[0]?.occupancy}
              onChoose={choose}
            />
          </section>
        </div>
      )}
    </>
  );
}

interface GroundProps {
  readonly seen: SeenView;
  readonly back: boolean;
  readonly chosen: string | undefined;
  readonly onChoose: (occupancy: string) => void;
}

function Ground({ seen: { view, src, stale }, back, chosen, onChoose }: GroundProps) {
  const { t } = useTranslation();
  const { ageMs } = view;
  const blind = ageMs === undefined || ageMs > blindMs;
  const notice = blind
    ? ageMs === undefined
      ? t('watching.never-seen')
      : t(back ? 'watching.not-seen' : 'watching.not-seen-now', { ago: durationText(t, ageMs) })
    : stale && back
      ? t('watching.newer-picture')
      : undefined;
  return (
    <ScenePicture
      src={src}
      dimmed={blind || stale}
      zones={view.zones}
      tracks={blind ? [] : view.tracks}
      watched={view.watched}
      chosen={chosen}
      onChoose={onChoose}
      notice={notice}
    />
  );
}
