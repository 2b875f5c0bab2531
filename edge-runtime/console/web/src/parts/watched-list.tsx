import { EyeOutlined, WarningFilled } from '@ant-design/icons';
import type { CameraView, Watched } from '@gatehouse/contracts';
import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import { ConditionLines } from './condition-lines.tsx';
import { conditionSentence, dwellOf, firstMissing } from './condition-text.ts';
import { Mark } from './incident-tags.tsx';
import { DwellBar } from './scene-picture.tsx';

interface Props {
  readonly view: CameraView;
  readonly chosen: string | undefined;
  readonly onChoose: (occupancy: string) => void;
}

/** The candidates that the rules watch; the chosen one with all its conditions. */
export function WatchedList({ view, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  if (view.watched.length === 0)
    return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('watching.none')} />;
  return (
    <ul className="watched-list">
      {view.watched.map((one) => (
        <li key={`${one.kind}/${one.occupancy}`}>
          <WatchedItem view={view} watched={one} open={chosen === one.occupancy} onChoose={onChoose} />
        </li>
      ))}
    </ul>
  );
}

interface ItemProps {
  readonly view: CameraView;
  readonly watched: Watched;
  readonly open: boolean;
  readonly onChoose: (occupancy: string) => void;
}

function WatchedItem({ view, watched, open, onChoose }: ItemProps) {
  const { t, i18n } = useTranslation();
  const dwell = dwellOf(watched.gates);
  const zone = view.zones.find(({ id }) => id === watched.zone);
  return (
    <article
      className={`watched-item ${watched.phase}`}
      data-watched={watched.occupancy}
      data-phase={watched.phase}
    >
      <button type="button" aria-expanded={open} onClick={() => onChoose(watched.occupancy)}>
        <span className="line">
          <Mark
            tone={watched.phase === 'open' ? 'error' : 'warning'}
            icon={watched.phase === 'open' ? <WarningFilled /> : <EyeOutlined />}
          >
            {t(`watching.${watched.phase}`)}
          </Mark>
          <strong>{t(`kind.${watched.kind}`)}</strong>
          {watched.class && <span>{t(`class.${watched.class}`)}</span>}
          <span className="quiet">{localName(zone?.name, i18n.language) || watched.zone}</span>
        </span>
        {dwell && <DwellBar share={dwell.share} open={watched.phase === 'open'} />}
        <span className="because">{useBecause(watched)}</span>
      </button>
      {open && <ConditionLines conditions={watched.gates} />}
    </article>
  );
}

/** One sentence: why it is an incident, or why it is none yet. */
function useBecause({ phase, gates }: Watched): string {
  const { t } = useTranslation();
  const missing = firstMissing(gates);
  if (phase === 'open') return t('watching.is-open');
  return missing ? t('watching.not-yet', { why: conditionSentence(t, missing) }) : t('watching.any-moment');
}
