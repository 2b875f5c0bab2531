import { Badge, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CameraPanel } from '../parts/camera-panel.tsx';
import { DevicePanel } from '../parts/device-panel.tsx';
import { IncidentList } from '../parts/incident-list.tsx';
import { useWatch } from '../state/hooks.ts';

type Pane = 'incidents' | 'devices' | 'cameras';

/** 值班: incidents beside cameras and doors; on a phone one of them at a time. */
export function WatchPage() {
  const { t } = useTranslation();
  const { box } = useWatch();
  const [pane, setPane] = useState<Pane>('incidents');
  const fresh = [...box.incidents.values()].filter((incident) => incident.handling.state === 'new').length;
  return (
    <main className="watch" data-pane={pane}>
      <Segmented<Pane>
        className="panes"
        block
        size="large"
        value={pane}
        onChange={setPane}
        options={[
          {
            value: 'incidents',
            label: (
              <Badge count={fresh} offset={[14, 0]}>
                {t('incidents.title')}
              </Badge>
            ),
          },
          { value: 'devices', label: t('device.title') },
          { value: 'cameras', label: t('camera.title') },
        ]}
      />
      <section className="pane-incidents">
        <IncidentList />
      </section>
      <aside className="pane-side">
        <div className="pane-devices">
          <DevicePanel />
        </div>
        <div className="pane-cameras">
          <CameraPanel />
        </div>
      </aside>
    </main>
  );
}
