import type { Zone, ZoneRule } from '@gatehouse/contracts';

export type Polygon = Zone['polygon'];
type Corner = Polygon[number];

/** Least and most corners a zone may have (contracts/site/site.ts). */
export const leastCorners = 3;
export const mostCorners = 32;

/** To a thousandth of the picture: two pixels in 1080p, and short in the site file. */
function rounded([x, y]: Corner): Corner {
  const clamp = (v: number) => Math.round(Math.max(0, Math.min(1, v)) * 1000) / 1000;
  return [clamp(x), clamp(y)];
}

export function movedCorner(polygon: Polygon, index: number, to: Corner): Polygon {
  return polygon.map((corner, i) => (i === index ? rounded(to) : corner));
}

/** A new corner in the middle of the side that begins at `index`; none past the most. */
export function splitSide(polygon: Polygon, index: number): Polygon {
  const from = polygon[index];
  const to = polygon[(index + 1) % polygon.length];
  if (!from || !to || polygon.length >= mostCorners) return polygon;
  const middle = rounded([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
  return [...polygon.slice(0, index + 1), middle, ...polygon.slice(index + 1)];
}

export function withoutCorner(polygon: Polygon, index: number): Polygon {
  return polygon.length <= leastCorners ? polygon : polygon.filter((_, i) => i !== index);
}

/** The zone with one setting of one of its rules changed; `undefined` leaves it to its default. */
export function withSetting(zone: Zone, rule: number, key: string, value: number | undefined): Zone {
  const rules = zone.rules.map((old, i): ZoneRule => {
    if (i !== rule) return old;
    const { [key as keyof ZoneRule]: _, ...others } = old;
    return (value === undefined ? others : { ...old, [key]: value }) as ZoneRule;
  });
  return { ...zone, rules };
}

/** Settings of a rule that are numbers, in the order of the site file. */
export function numbersOf(rule: ZoneRule): readonly (readonly [key: string, value: number])[] {
  return Object.entries(rule).flatMap(([key, value]) =>
    typeof value === 'number' ? [[key, value] as const] : [],
  );
}

/** An id that no zone has. */
export function freshId(zones: readonly Zone[]): string {
  for (let n = 1; ; n++) if (!zones.some(({ id }) => id === `zone-${n}`)) return `zone-${n}`;
}

/** A quarter of the picture in its middle, to be drawn into place. */
export const firstPolygon: Polygon = [
  [0.25, 0.4],
  [0.75, 0.4],
  [0.75, 0.8],
  [0.25, 0.8],
];
