import type { Incident } from '@gatehouse/contracts';
import { App, Empty, Segmented } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText } from '../api.ts';
import { needsHandling, sortIncidents } from '../state/box-state.ts';
import { useWatch } from '../state/hooks.ts';
import { IncidentDetail } from './incident-detail.tsx';
import { useIncidentKeys } from './incident-keys.ts';
import { IncidentRow } from './incident-row.tsx';

type Filter = 'open' | 'all';

/** The live list. Arrow keys select, Enter or Space acknowledges what is selected: one key for the topmost. */
export function IncidentList() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { box, login } = useWatch();
  const [filter, setFilter] = useState<Filter>('open');
  const [chosenId, setChosenId] = useState<string>();
  const [detailId, setDetailId] = useState<string>();
  const mayAcknowledge = login.role !== 'installer';
  const list = useMemo(() => {
    const all = sortIncidents(box.incidents.values());
    return filter === 'open' ? all.filter(needsHandling) : all;
  }, [box.incidents, filter]);
  // By id, not by place: the selection must not slip to another incident because a new one came in above it.
  const selectedId = list.some((one) => one.id === chosenId)
    ? chosenId
    : (list.find((one) => one.handling.state === 'new') ?? list[0])?.id;

  const acknowledge = useCallback(
    (incident: Incident) => {
      if (incident.handling.state !== 'new' || !mayAcknowledge) return;
      setChosenId(undefined);
      callApi('POST', `/api/incidents/${incident.id}/acknowledge`, {}).catch((error) =>
        message.error(t('incidents.failed', { message: errorText(error) })),
      );
    },
    [mayAcknowledge, message, t],
  );
  useIncidentKeys(list, selectedId, { select: setChosenId, acknowledge }, detailId === undefined);

  const fresh = list.filter((one) => one.handling.state === 'new').length;
  return (
    <>
      <div className="pane-head">
        <h2>{t('incidents.title')}</h2>
        {fresh > 0 && <span className="fresh">{t('incidents.new-count', { n: fresh })}</span>}
        <span className="hint wide">{t('incidents.hint')}</span>
        <span className="grow" />
        <Segmented<Filter>
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'open', label: t('incidents.filter-open') },
            { value: 'all', label: t('incidents.filter-all') },
          ]}
        />
      </div>
      {list.length === 0 && box.link === 'live' && (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t(`incidents.empty-${filter}`)} />
      )}
      <ul className="incidents">
        {list.map((incident) => (
          <IncidentRow
            key={incident.id}
            incident={incident}
            selected={incident.id === selectedId}
            mayAcknowledge={mayAcknowledge}
            onSelect={() => setChosenId(incident.id)}
            onOpen={() => setDetailId(incident.id)}
            onAcknowledge={() => acknowledge(incident)}
          />
        ))}
      </ul>
      <IncidentDetail
        incident={detailId === undefined ? undefined : box.incidents.get(detailId)}
        mayAcknowledge={mayAcknowledge}
        onAcknowledge={acknowledge}
        onClose={() => setDetailId(undefined)}
      />
    </>
  );
}
