import { PlayCircleFilled } from '@ant-design/icons';
import type { Incident, SiteView } from '@gatehouse/contracts';
import { Empty } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { urlOf } from '../urls.ts';

type Still = Incident['stills'][number];
type Piece = Still | 'clip';

/** In the order of the events; the clip comes first because it shows how the incident began. */
const order = ['clip', 'first', 'opened', 'cleared'] as const satisfies readonly Piece[];

interface Props {
  readonly incident: Incident;
  readonly site: SiteView | undefined;
}

/**
 * The clip and the stills of an incident: one of them large, all of them to choose from, so that nobody has
 * to scroll.
 */
export function EvidencePictures({ incident, site }: Props) {
  const { t } = useTranslation();
  const [chosen, choose] = useState<Piece>();
  const pieces = order.filter((piece) =>
    piece === 'clip' ? incident.clip === true : incident.stills.includes(piece),
  );
  const first = pieces[0];
  if (first === undefined)
    return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('detail.no-still')} />;
  const shown = chosen !== undefined && pieces.includes(chosen) ? chosen : first;
  return (
    <div className="evidence" data-shown={shown}>
      {shown === 'clip' ? (
        <Clip incident={incident} />
      ) : (
        <figure className="still">
          <img alt={t(`detail.still-${shown}`)} src={addressOf(incident, shown)} />
          <Overlay incident={incident} site={site} withBox={shown !== 'cleared'} />
          <figcaption>{t(`detail.still-${shown}`)}</figcaption>
        </figure>
      )}
      {pieces.length > 1 && (
        <div className="evidence-choice">
          {pieces.map((piece) => (
            <button
              key={piece}
              type="button"
              aria-pressed={piece === shown}
              data-evidence={piece}
              onClick={() => choose(piece)}
            >
              {piece === 'clip' ? (
                <span className="evidence-clip">
                  <PlayCircleFilled />
                </span>
              ) : (
                <img alt="" src={addressOf(incident, piece)} />
              )}
              <span>{t(piece === 'clip' ? 'detail.clip-short' : `detail.still-${piece}`)}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function addressOf(incident: Incident, still: Still): string {
  return urlOf('incidentStill', { id: incident.id, name: still });
}

/**
 * The seconds before and after. The clip may be missing because newer ones took its room, or be of a kind
 * that this browser cannot play.
 */
function Clip({ incident }: { readonly incident: Incident }) {
  const { t } = useTranslation();
  const [trouble, setTrouble] = useState<'gone' | 'unplayable'>();
  const src = urlOf('incidentClip', { id: incident.id });
  const onError = () => {
    const asked = new AbortController();
    fetch(src, { signal: asked.signal }).then(
      ({ status }) => {
        // Its first line is enough.
        asked.abort();
        setTrouble(status === 404 ? 'gone' : 'unplayable');
      },
      () => setTrouble('unplayable'),
    );
  };
  if (trouble === 'gone') return <span className="quiet">{t('detail.clip-gone')}</span>;
  if (trouble === 'unplayable')
    return (
      <span className="line">
        <span className="quiet">{t('detail.clip-unplayable')}</span>
        <a href={src} download={`${incident.id}.mp4`}>
          {t('detail.clip-download')}
        </a>
      </span>
    );
  return (
    <figure className="still">
      <video controls muted autoPlay loop src={src} onError={onError} />
      <figcaption>{t('detail.clip')}</figcaption>
    </figure>
  );
}

/** Zone and object on the picture; coordinates are fractions of it. */
function Overlay({ incident, site, withBox }: Props & { readonly withBox: boolean }) {
  const camera = site?.cameras.find((one) => one.id === incident.camera);
  const polygon = camera?.zones.find((one) => one.id === incident.zone)?.polygon;
  const box = withBox ? incident.evidence?.box : undefined;
  return (
    <svg className="overlay" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      {polygon && <polygon className="zone" points={polygon.map((point) => point.join(',')).join(' ')} />}
      {box && (
        <rect className="object" x={box.x1} y={box.y1} width={box.x2 - box.x1} height={box.y2 - box.y1} />
      )}
    </svg>
  );
}
