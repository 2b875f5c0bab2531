import type { Box, Track, Watched, Zone } from '@gatehouse/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import { dwellOf, valueText } from './condition-text.ts';

interface Props {
  /** Address of the picture; without one the scene stands on a dark ground. */
  readonly src: string | undefined;
  /** The picture is of another moment than the boxes. */
  readonly dimmed?: boolean;
  readonly zones: readonly Pick<Zone, 'id' | 'name' | 'polygon'>[];
  readonly tracks: readonly Track[];
  readonly watched: readonly Watched[];
  readonly chosen?: string | undefined;
  readonly onChoose?: (occupancy: string) => void;
  readonly notice?: string | undefined;
  readonly children?: ReactNode;
}

/**
 * A picture with the zones, the candidates that the rules watch in them and the progress of each. Other
 * objects are thin outlines.
 */
export function ScenePicture({ src, dimmed, zones, tracks, watched, notice, children, ...choice }: Props) {
  const { i18n } = useTranslation();
  const boxed = watched.flatMap((one) => (one.box ? [{ ...one, box: one.box }] : []));
  const others = tracks.filter((track) => !boxed.some(({ box }) => isSame(box, track.box)));
  return (
    <div className={`scene${dimmed ? ' dimmed' : ''}`}>
      {src ? <img className="scene-ground" alt="" src={src} /> : <div className="scene-ground none" />}
      <svg className="overlay" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {zones.map(({ id, polygon }) => (
          <polygon
            key={id}
            className={`zone ${zoneState(id, watched)}`}
            points={polygon.map((point) => point.join(',')).join(' ')}
          />
        ))}
        {others.map(({ id, box }) => (
          <rect key={id} className="other" {...rectangle(box)} />
        ))}
        {boxed.map(({ occupancy, kind, box, phase }) => (
          <rect key={`${kind}/${occupancy}`} className={`watched ${phase}`} {...rectangle(box)} />
        ))}
      </svg>
      {zones.map(({ id, name, polygon }) => {
        const top = topOf(polygon);
        return (
          <span key={id} className={`zone-name${top[0] > 0.5 ? ' leftwards' : ''}`} style={place(top)}>
            {localName(name, i18n.language)}
          </span>
        );
      })}
      {boxed.map((one) => (
        <WatchedTag key={`${one.kind}/${one.occupancy}`} watched={one} box={one.box} {...choice} />
      ))}
      {children}
      {notice && <span className="notice">{notice}</span>}
    </div>
  );
}

interface TagProps extends Pick<Props, 'chosen' | 'onChoose'> {
  readonly watched: Watched;
  readonly box: Box;
}

function WatchedTag({ watched, box, chosen, onChoose }: TagProps) {
  const { t } = useTranslation();
  const dwell = dwellOf(watched.gates);
  const name = t(watched.class ? `class.${watched.class}` : `kind.${watched.kind}`);
  return (
    <button
      type="button"
      className={`watched-tag ${watched.phase}${chosen === watched.occupancy ? ' chosen' : ''}`}
      style={place([box.x1, box.y1])}
      onClick={() => onChoose?.(watched.occupancy)}
    >
      <span>
        {name} {dwell && <strong>{valueText(t, dwell.condition.value, dwell.condition)}</strong>}
        {dwell?.condition.threshold !== undefined &&
          ` / ${valueText(t, dwell.condition.threshold, dwell.condition)}`}
      </span>
      {dwell && <DwellBar share={dwell.share} open={watched.phase === 'open'} />}
    </button>
  );
}

/** The progress of something towards an incident. */
export function DwellBar({ share, open }: { readonly share: number; readonly open: boolean }) {
  return (
    <span className={`dwell-bar${open ? ' open' : ''}`} data-share={share.toFixed(2)}>
      <span style={{ width: `${share * 100}%` }} />
    </span>
  );
}

function rectangle({ x1, y1, x2, y2 }: Box) {
  return { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
}

/** Rules round boxes to four decimals. */
function isSame(a: Box, b: Box): boolean {
  return (['x1', 'y1', 'x2', 'y2'] as const).every((side) => Math.abs(a[side] - b[side]) < 0.0002);
}

function zoneState(id: string, watched: readonly Watched[]): string {
  const inIt = watched.filter((one) => one.zone === id);
  if (inIt.some(({ phase }) => phase === 'open')) return 'open';
  return inIt.length > 0 ? 'watching' : 'quiet-zone';
}

function topOf(polygon: Zone['polygon']): readonly [number, number] {
  return polygon.reduce((top, point) => (point[1] < top[1] ? point : top));
}

export function place([x, y]: readonly [number, number]) {
  return { left: `${x * 100}%`, top: `${y * 100}%` };
}
