import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { DeviceCard } from '../parts/device-card.tsx';
import { InputList } from '../parts/input-list.tsx';
import { InterlockList } from '../parts/interlock-list.tsx';
import { SensorList } from '../parts/sensor-list.tsx';
import { useWatch } from '../state/hooks.ts';

/**
 * 门与道闸: every door, gate and barrier, the interlocks between them, the dry contacts and the sensors beside
 * them.
 */
export function DoorsPage() {
  const { t } = useTranslation();
  const { box, site } = useWatch();
  const devices = [...box.devices.values()];
  return (
    <main className="doors">
      <section>
        <h2>{t('device.title')}</h2>
        {devices.length === 0 && box.link === 'live' && (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('device.none')} />
        )}
        <div className="door-grid">
          {devices.map((heard) => (
            <DeviceCard key={heard.value.id} heard={heard} />
          ))}
        </div>
      </section>
      {site && site.interlocks.length > 0 && (
        <section>
          <h2>{t('interlock.title')}</h2>
          <InterlockList />
        </section>
      )}
      {box.inputs.size > 0 && (
        <section>
          <h2>{t('input.title')}</h2>
          <InputList />
        </section>
      )}
      {box.sensors.size > 0 && (
        <section>
          <h2>{t('sensor.title')}</h2>
          <SensorList />
        </section>
      )}
    </main>
  );
}
