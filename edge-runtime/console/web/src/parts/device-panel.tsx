import { Button, Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { useWatch } from '../state/hooks.ts';
import { pageUrl } from '../urls.ts';
import { DeviceCard } from './device-card.tsx';
import { InputList } from './input-list.tsx';

export function DevicePanel() {
  const { t } = useTranslation();
  const { box, go } = useWatch();
  const devices = [...box.devices.values()];
  return (
    <>
      <div className="pane-head">
        <h2>{t('device.title')}</h2>
        <Button type="link" onClick={() => go(pageUrl('doors'))}>
          {t('device.all')}
        </Button>
      </div>
      <InputList onlyNoteworthy />
      {devices.length === 0 && box.link === 'live' && (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('device.none')} />
      )}
      <div className="devices">
        {devices.map((heard) => (
          <DeviceCard key={heard.value.id} heard={heard} />
        ))}
      </div>
    </>
  );
}
