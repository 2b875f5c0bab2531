import { CheckOutlined, PictureOutlined, ToolOutlined } from '@ant-design/icons';
import type { Incident } from '@gatehouse/contracts';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useWatch } from '../state/hooks.ts';
import { clockText, durationText } from '../time-text.ts';
import { urlOf } from '../urls.ts';
import { HandlingMark, PriorityMark, SituationMark } from './incident-tags.tsx';
import { heldMs, placeOf, sinceMs } from './places.ts';
import { VerdictButtons, VerdictLine } from './verdict.tsx';

interface Props {
  readonly incident: Incident;
  readonly selected: boolean;
  readonly mayAcknowledge: boolean;
  readonly asking: boolean;
  readonly onAsk: (asking: boolean) => void;
  readonly onSelect: () => void;
  readonly onOpen: () => void;
  readonly onAcknowledge: () => void;
}

export function IncidentRow({ incident, selected, mayAcknowledge, onSelect, onOpen, ...acts }: Props) {
  const { t, i18n } = useTranslation();
  const { site, nowMs, box } = useWatch();
  const boxNowMs = nowMs + box.clockOffsetMs;
  const cleared = incident.phase === 'cleared';
  const duration = durationText(t, heldMs(incident, boxNowMs));
  const isNew = incident.handling.state === 'new';
  const { by, at } = incident.handling;
  return (
    <li
      className={`incident${selected ? ' selected' : ''}${isNew && !cleared ? ` alarming-${incident.priority}` : ''}`}
      aria-current={selected}
      data-incident={incident.id}
    >
      <button type="button" className="incident-body" onClick={onOpen} onFocus={onSelect}>
        {incident.stills.length > 0 ? (
          <img
            className="thumb"
            alt=""
            loading="lazy"
            src={urlOf('incidentStill', { id: incident.id, name: bestStill(incident) })}
          />
        ) : (
          <span className="thumb none">
            {incident.device === undefined ? <PictureOutlined /> : <ToolOutlined />}
          </span>
        )}
        <span className="facts">
          <span className="line">
            <PriorityMark incident={incident} />
            <strong className="kind">{t(`kind.${incident.kind}`)}</strong>
            <span className="place">{placeOf(incident, site, i18n.language)}</span>
          </span>
          <span className="line">
            <span>{t('detail.since', { time: clockText(i18n.language, sinceMs(incident), nowMs) })}</span>
            <span className="dwell">
              {cleared ? t('detail.lasted-total', { duration }) : t('detail.lasted', { duration })}
            </span>
          </span>
          <span className="line">
            <SituationMark incident={incident} />
            <HandlingMark incident={incident} />
            {by && at && (
              <span className="quiet">
                {t('incidents.acknowledged-by', { name: by, time: clockText(i18n.language, at, nowMs) })}
              </span>
            )}
            <VerdictLine incident={incident} />
          </span>
        </span>
      </button>
      {mayAcknowledge && <RowActs incident={incident} {...acts} />}
    </li>
  );
}

/** Take it, or say at once whether it was true. The panel can change the verdict later. */
function RowActs({
  incident,
  asking,
  onAsk,
  onAcknowledge,
}: Pick<Props, 'incident' | 'asking' | 'onAsk' | 'onAcknowledge'>) {
  const { t } = useTranslation();
  const { state } = incident.handling;
  return (
    <span className="row-acts">
      {state === 'new' && (
        <Button type="primary" size="large" icon={<CheckOutlined />} onClick={onAcknowledge} data-acknowledge>
          {t('incidents.acknowledge')}
        </Button>
      )}
      {(asking || state === 'new' || state === 'acknowledged') && (
        <VerdictButtons incident={incident} asking={asking} onAsk={onAsk} size="small" />
      )}
    </span>
  );
}

/** The picture of the moment it was raised, or the first picture. */
function bestStill({ stills }: Incident): string {
  return stills.includes('opened') ? 'opened' : (stills[0] ?? 'opened');
}
