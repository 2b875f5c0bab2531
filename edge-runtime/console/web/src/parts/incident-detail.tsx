import { CheckOutlined, HistoryOutlined } from '@ant-design/icons';
import type { Incident } from '@gatehouse/contracts';
import { Button, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { useWatch } from '../state/hooks.ts';
import { clockText, durationText } from '../time-text.ts';
import { pageUrl } from '../urls.ts';
import { ConditionLines } from './condition-lines.tsx';
import { EvidencePictures } from './evidence-pictures.tsx';
import { HandlingMark, PriorityMark, SituationMark } from './incident-tags.tsx';
import { heldMs, placeOf, sinceMs } from './places.ts';
import { VerdictButtons, VerdictLine } from './verdict.tsx';

interface Props {
  readonly incident: Incident | undefined;
  readonly mayAcknowledge: boolean;
  readonly onAcknowledge: (incident: Incident) => void;
  readonly onClose: () => void;
}

/** One incident: the pictures, the measured values with their thresholds, and the user who has taken it. */
export function IncidentDetail({ incident, mayAcknowledge, onAcknowledge, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer
      open={incident !== undefined}
      onClose={onClose}
      size={640}
      destroyOnHidden
      title={
        incident && (
          <span className="line">
            <PriorityMark incident={incident} />
            <strong>{t(`kind.${incident.kind}`)}</strong>
          </span>
        )
      }
      extra={
        incident?.handling.state === 'new' &&
        mayAcknowledge && (
          <Button type="primary" icon={<CheckOutlined />} onClick={() => onAcknowledge(incident)}>
            {t('incidents.acknowledge')}
          </Button>
        )
      }
    >
      {incident && <Facts incident={incident} mayHandle={mayAcknowledge} />}
    </Drawer>
  );
}

function Facts({ incident, mayHandle }: { readonly incident: Incident; readonly mayHandle: boolean }) {
  const { t, i18n } = useTranslation();
  const { site, nowMs, box, go } = useWatch();
  const duration = durationText(t, heldMs(incident, nowMs + box.clockOffsetMs));
  const { by, at } = incident.handling;
  return (
    <div className="detail">
      {mayHandle && <VerdictButtons incident={incident} />}
      <EvidencePictures incident={incident} site={site} />
      <dl>
        <dt>{t('detail.place')}</dt>
        <dd>{placeOf(incident, site, i18n.language)}</dd>
        <dt>{t('detail.condition')}</dt>
        <dd className="line">
          <SituationMark incident={incident} />
          <span>{t('detail.since', { time: clockText(i18n.language, sinceMs(incident), nowMs) })}</span>
          <span>
            {incident.clearedAt ? t('detail.lasted-total', { duration }) : t('detail.lasted', { duration })}
          </span>
          {incident.clearedAt && (
            <span>
              {t('detail.cleared-at', { time: clockText(i18n.language, incident.clearedAt, nowMs) })}
            </span>
          )}
        </dd>
        <dt>{t('detail.handling')}</dt>
        <dd className="line">
          <HandlingMark incident={incident} />
          {by && at && (
            <span>
              {t('incidents.acknowledged-by', { name: by, time: clockText(i18n.language, at, nowMs) })}
            </span>
          )}
          <VerdictLine incident={incident} />
        </dd>
      </dl>
      {incident.evidence && (
        <>
          <div className="line">
            <h3>{t('detail.why')}</h3>
            {incident.camera && (
              <Button
                size="small"
                icon={<HistoryOutlined />}
                onClick={() =>
                  go(pageUrl('cameras', { camera: incident.camera, at: Date.parse(incident.openedAt) }))
                }
              >
                {t('detail.look-back')}
              </Button>
            )}
          </div>
          <ConditionLines conditions={incident.evidence.gates} />
        </>
      )}
    </div>
  );
}
