import type { Zone } from '@gatehouse/contracts';
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { movedCorner, type Polygon, splitSide, withoutCorner } from '../state/zone-draft.ts';
import { place } from './scene-picture.tsx';

/** A press of an arrow key moves a corner by so much of the picture. */
const keyStep = 0.005;
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-keyStep, 0],
  ArrowRight: [keyStep, 0],
  ArrowUp: [0, -keyStep],
  ArrowDown: [0, keyStep],
};

interface Props {
  readonly zone: Zone;
  readonly onChange: (polygon: Polygon) => void;
}

/**
 * Corners to drag, and a plus on every side for another one. A double click or the Delete key takes a corner
 * away.
 */
export function PolygonHandles({ zone, onChange }: Props) {
  const { t } = useTranslation();
  const dragged = useRef<number | undefined>(undefined);
  const { polygon } = zone;
  const onMove = (event: PointerEvent<HTMLElement>, index: number) => {
    const frame = event.currentTarget.parentElement?.getBoundingClientRect();
    if (dragged.current !== index || !frame) return;
    const to = [
      (event.clientX - frame.left) / frame.width,
      (event.clientY - frame.top) / frame.height,
    ] as const;
    onChange(movedCorner(polygon, index, [...to]));
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const step = arrows[event.key];
    const corner = polygon[index];
    if (event.key === 'Delete' || event.key === 'Backspace') onChange(withoutCorner(polygon, index));
    else if (step && corner)
      onChange(movedCorner(polygon, index, [corner[0] + step[0], corner[1] + step[1]]));
    else return;
    event.preventDefault();
  };
  return (
    <>
      {polygon.map((corner, i) => (
        <button
          key={`corner-${String(i)}`}
          type="button"
          className="corner"
          data-corner={i}
          style={place(corner)}
          aria-label={t('zones.corner', { n: i + 1 })}
          onPointerDown={(event) => {
            dragged.current = i;
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => onMove(event, i)}
          onPointerUp={() => {
            dragged.current = undefined;
          }}
          onDoubleClick={() => onChange(withoutCorner(polygon, i))}
          onKeyDown={(event) => onKey(event, i)}
        />
      ))}
      {polygon.map((corner, i) => {
        const next = polygon[(i + 1) % polygon.length] ?? corner;
        return (
          <button
            key={`side-${String(i)}`}
            type="button"
            className="side"
            data-side={i}
            style={place([(corner[0] + next[0]) / 2, (corner[1] + next[1]) / 2])}
            aria-label={t('zones.split')}
            onClick={() => onChange(splitSide(polygon, i))}
          />
        );
      })}
    </>
  );
}
