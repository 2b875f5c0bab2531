import type { Incident } from '@gatehouse/contracts';
import { mayCall } from '@gatehouse/contracts/console';
import { App, Empty, Segmented } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText } from '../api.ts';
import { needsHandling, sortIncidents } from '../state/box-state.ts';
import { useWatch } from '../state/hooks.ts';
import { collapsed } from '../state/storms.ts';
import { IncidentDetail } from './incident-detail.tsx';
import { useIncidentKeys } from './incident-keys.ts';
import { IncidentRow } from './incident-row.tsx';
import { StormRow } from './storm-row.tsx';
import { useLabel } from './verdict.tsx';

type Filter = 'open' | 'all';

/**
 * The live list. Arrow keys select, Enter or Space acknowledges the selected incident: one key for the
 * topmost.
 */
export function IncidentList() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { box, login } = useWatch();
  const [filter, setFilter] = useState<Filter>('open');
  const [chosenId, setChosenId] = useState<string>();
  const [detailId, setDetailId] = useState<string>();
  const [askedId, setAskedId] = useState<string>();
  const mayAcknowledge = mayCall(login.role, 'acknowledge');
  const list = useMemo(() => {
    const all = sortIncidents(box.incidents.values());
    return filter === 'open' ? all.filter(needsHandling) : all;
  }, [box.incidents, filter]);
  const rows = useMemo(() => collapsed(list), [list]);
  const listed = useMemo(() => rows.map((row) => (row.type === 'one' ? row.incident : row.first)), [rows]);
  // By id, not by place: the selection must not slip to another incident because a new one came in above it.
  const selectedId = listed.some((one) => one.id === chosenId)
    ? chosenId
    : (listed.find((one) => one.handling.state === 'new') ?? listed[0])?.id;

  const acknowledge = useCallback(
    (incident: Incident) => {
      if (incident.handling.state !== 'new' || !mayAcknowledge) return;
      setChosenId(undefined);
      callApi('acknowledge', { id: incident.id }).catch((error) =>
        message.error(t('incidents.failed', { message: errorText(error) })),
      );
    },
    [mayAcknowledge, message, t],
  );
  const label = useLabel();
  const confirm = useCallback(
    (incident: Incident) => mayAcknowledge && label(incident, { label: 'confirmed' }),
    [mayAcknowledge, label],
  );
  const deny = useCallback(
    (incident: Incident) => mayAcknowledge && setAskedId(incident.id),
    [mayAcknowledge],
  );
  const acknowledgeRow = useCallback(
    (incident: Incident) => {
      const row = rows.find((one) => one.type === 'storm' && one.first.id === incident.id);
      for (const one of row?.type === 'storm' ? row.members : [incident]) acknowledge(one);
    },
    [rows, acknowledge],
  );
  const acts = { select: setChosenId, acknowledge: acknowledgeRow, confirm, deny };
  useIncidentKeys(listed, selectedId, acts, detailId === undefined && askedId === undefined);

  const rowOf = (incident: Incident) => (
    <IncidentRow
      key={incident.id}
      incident={incident}
      selected={incident.id === selectedId}
      mayAcknowledge={mayAcknowledge}
      asking={incident.id === askedId}
      onAsk={(asking) => setAskedId(asking ? incident.id : undefined)}
      onSelect={() => setChosenId(incident.id)}
      onOpen={() => setDetailId(incident.id)}
      onAcknowledge={() => acknowledge(incident)}
    />
  );
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
        {rows.map((row) =>
          row.type === 'one' ? (
            rowOf(row.incident)
          ) : (
            <StormRow
              key={row.members[0]?.id}
              first={row.first}
              members={row.members}
              selected={row.first.id === selectedId}
              mayAcknowledge={mayAcknowledge}
              onSelect={() => setChosenId(row.first.id)}
              onAcknowledge={() => acknowledgeRow(row.first)}
            >
              {row.members.map(rowOf)}
            </StormRow>
          ),
        )}
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
