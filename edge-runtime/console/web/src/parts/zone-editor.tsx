import { ExperimentOutlined, PlusOutlined, SaveOutlined, UndoOutlined } from '@ant-design/icons';
import type { WouldRaise, Zone, ZoneDraftBase } from '@gatehouse/contracts';
import { Alert, App, Button, Popconfirm, Progress, Segmented } from 'antd';
import i18next from 'i18next';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText } from '../api.ts';
import { localName } from '../i18n.ts';
import { useDryRun } from '../state/dry-run.ts';
import { firstPolygon, freshId } from '../state/zone-draft.ts';
import { urlOf } from '../urls.ts';
import { DryRunReport } from './dry-run-result.tsx';
import { PolygonHandles } from './polygon-handles.tsx';
import { ScenePicture } from './scene-picture.tsx';
import { ZoneForm } from './zone-form.tsx';

/** Zones drawn on the picture and their thresholds: a draft, tried on the stored tracks, then saved. */
export function ZoneEditor({ camera }: { readonly camera: string }) {
  const { t } = useTranslation();
  const { base, error, read } = useBase(camera);
  if (error !== undefined) return <Alert type="error" showIcon title={errorText(error)} />;
  return base ? (
    <Draft key={base.version} camera={camera} base={base} onSaved={read} />
  ) : (
    <p>{t('app.loading')}</p>
  );
}

function useBase(camera: string) {
  const [state, set] = useState<{ base?: ZoneDraftBase; error?: unknown }>({});
  const read = useCallback(() => {
    callApi('zones', { id: camera }).then(
      (base) => set({ base }),
      (error) => set({ error }),
    );
  }, [camera]);
  useEffect(read, [read]);
  return { ...state, read };
}

interface DraftProps {
  readonly camera: string;
  readonly base: ZoneDraftBase;
  readonly onSaved: () => void;
}

function Draft({ camera, base, onSaved }: DraftProps) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const [zones, setZones] = useState<readonly Zone[]>(base.zones);
  const [zoneId, chooseZone] = useState(base.zones[0]?.id);
  const [chosen, choose] = useState<WouldRaise>();
  const { state, begin, cancel } = useDryRun(camera);
  const [src] = useState(() => urlOf('cameraStill', { id: camera, query: { at: Date.now() } }));
  const zone = zones.find(({ id }) => id === zoneId);
  const change = (next: Zone) => setZones(zones.map((old) => (old.id === next.id ? next : old)));
  const changed = zones !== base.zones;
  const { run } = state;
  const fits = state.tried === zones && run?.state === 'done';
  const save = async () => {
    try {
      await callApi('saveZones', { id: camera, body: { zones: [...zones], version: base.version } });
      message.success(t('zones.saved'));
      onSaved();
    } catch (error) {
      message.error(t('zones.not-saved', { message: errorText(error) }), 10);
    }
  };
  const add = () => {
    const id = freshId(zones);
    const named = (language: string) => i18next.getFixedT(language)('zones.new', { id });
    setZones([
      ...zones,
      {
        id,
        name: { 'zh-CN': named('zh-CN'), en: named('en') },
        polygon: firstPolygon,
        rules: base.rules.slice(0, 1),
      },
    ]);
    chooseZone(id);
  };
  return (
    <div className="sight">
      <ScenePicture
        src={src}
        zones={zones}
        tracks={[]}
        watched={chosen ? [{ ...chosen, occupancy: 'chosen', phase: 'open' }] : []}
      >
        {zone && <PolygonHandles zone={zone} onChange={(polygon) => change({ ...zone, polygon })} />}
      </ScenePicture>
      <section className="sight-side zone-side">
        <div className="line">
          {zones.length > 0 && (
            <Segmented
              value={zoneId ?? ''}
              onChange={chooseZone}
              options={zones.map(({ id, name }) => ({
                value: id,
                label: localName(name, i18n.language) || id,
              }))}
            />
          )}
          <Button icon={<PlusOutlined />} onClick={add}>
            {t('zones.add')}
          </Button>
        </div>
        {zone && (
          <ZoneForm
            zone={zone}
            kinds={base.rules}
            onChange={change}
            onRemove={() => {
              const left = zones.filter(({ id }) => id !== zone.id);
              setZones(left);
              chooseZone(left[0]?.id);
            }}
          />
        )}
        <div className="editor-actions">
          {run?.state === 'running' ? (
            <Button danger onClick={cancel}>
              {t('dryrun.cancel')}
            </Button>
          ) : (
            <Button
              icon={<ExperimentOutlined />}
              type={fits ? 'default' : 'primary'}
              data-try
              onClick={() => {
                choose(undefined);
                void begin(zones);
              }}
            >
              {t('dryrun.try')}
            </Button>
          )}
          <Popconfirm
            title={t('zones.save-ask')}
            description={t(fits ? 'zones.save-tried' : 'zones.save-untried')}
            okText={t('ask.yes')}
            cancelText={t('ask.cancel')}
            onConfirm={save}
          >
            <Button icon={<SaveOutlined />} type={fits ? 'primary' : 'default'} disabled={!changed} data-save>
              {t('zones.save')}
            </Button>
          </Popconfirm>
          <Button icon={<UndoOutlined />} disabled={!changed} onClick={() => setZones(base.zones)}>
            {t('zones.undo')}
          </Button>
        </div>
        {state.error !== undefined && <Alert type="warning" showIcon title={errorText(state.error)} />}
        {run?.state === 'failed' && <Alert type="error" showIcon title={run.failure?.message ?? ''} />}
        {run?.state === 'running' && <Progress percent={Math.round(run.progress * 100)} />}
        {run?.result && !fits && <Alert type="info" showIcon title={t('dryrun.outdated')} />}
        {run?.result && <DryRunReport result={run.result} zones={zones} chosen={chosen} onChoose={choose} />}
      </section>
    </div>
  );
}
