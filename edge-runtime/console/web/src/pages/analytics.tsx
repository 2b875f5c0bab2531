import type { ZonePrecision } from '@gatehouse/contracts';
import { Alert, Table } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText } from '../api.ts';
import { localName } from '../i18n.ts';
import { useWatch } from '../state/hooks.ts';

/**
 * The precision of each rule of each zone, by the guards' own verdicts. A share never stands without its
 * number.
 */
export function AnalyticsPage() {
  const { t, i18n } = useTranslation();
  const { site, box } = useWatch();
  const [zones, setZones] = useState<readonly ZonePrecision[]>();
  const [error, setError] = useState<unknown>();
  const changes = [...box.incidents.values()].filter(({ handling }) => handling.verdict).length;
  useEffect(() => {
    // A new verdict changes the figures.
    if (changes < 0) return;
    callApi('precision').then(
      (answer) => setZones(answer.zones),
      (failure) => setError(failure),
    );
  }, [changes]);
  const cameraOf = (id: string) => site?.cameras.find((camera) => camera.id === id);
  return (
    <main className="analytics">
      <h2>{t('precision.title')}</h2>
      <p className="quiet">{t('precision.explain')}</p>
      {error !== undefined && <Alert type="error" showIcon title={errorText(error)} />}
      <Table<ZonePrecision>
        rowKey={({ camera, zone, kind }) => `${camera}/${zone}/${kind}`}
        dataSource={[...(zones ?? [])]}
        loading={zones === undefined && error === undefined}
        pagination={false}
        locale={{ emptyText: t('precision.none') }}
        columns={[
          {
            title: t('precision.zone'),
            render: (_, { camera, zone }) =>
              [
                localName(cameraOf(camera)?.name, i18n.language) || camera,
                localName(cameraOf(camera)?.zones.find(({ id }) => id === zone)?.name, i18n.language) || zone,
              ].join(' · '),
          },
          { title: t('precision.rule'), render: (_, { kind }) => t(`kind.${kind}`) },
          { title: t('handling.confirmed'), dataIndex: 'confirmed', align: 'right' },
          { title: t('handling.false-alarm'), dataIndex: 'falseAlarms', align: 'right' },
          { title: t('precision.unlabelled'), dataIndex: 'unlabelled', align: 'right' },
          { title: t('precision.share'), width: '34%', render: (_, row) => <Share row={row} /> },
        ]}
      />
    </main>
  );
}

function Share({ row }: { readonly row: ZonePrecision }) {
  const { t } = useTranslation();
  const { confirmed, falseAlarms, interval } = row;
  const n = confirmed + falseAlarms;
  if (!interval) return <span className="quiet">{t('precision.no-verdict')}</span>;
  const percent = (share: number) => Math.round(share * 100);
  return (
    <div className="share" data-share>
      <span>
        {t('precision.value', {
          share: percent(confirmed / n),
          n,
          low: percent(interval.low),
          high: percent(interval.high),
        })}
      </span>
      <span className="share-bar" aria-hidden="true">
        <span
          className="share-interval"
          style={{ left: `${interval.low * 100}%`, width: `${(interval.high - interval.low) * 100}%` }}
        />
        <span className="share-point" style={{ left: `${(confirmed / n) * 100}%` }} />
      </span>
      {n < 10 && <span className="quiet">{t('precision.few')}</span>}
    </div>
  );
}
