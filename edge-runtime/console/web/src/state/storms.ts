import type { Incident } from '@gatehouse/contracts';

/** A row of the list: one incident, or many of one cause. */
export type ListedRow =
  | { readonly type: 'one'; readonly incident: Incident }
  | { readonly type: 'storm'; readonly first: Incident; readonly members: readonly Incident[] };

/**
 * So many of a kind, each within this time of the one before, have one cause: a switch that failed, a power
 * cut.
 */
const leastStorm = 4;
const apartMs = 60_000;

/**
 * Collapses storms (G-05): new incidents of one kind that came in one after the other are one row with a
 * count, at the place of the most pressing. An incident that somebody has already taken has a row of its own.
 * @param sorted the result of `sortIncidents`; the order is kept
 */
export function collapsed(sorted: readonly Incident[]): ListedRow[] {
  const storms = stormsOf(sorted.filter(({ handling }) => handling.state === 'new'));
  const told = new Set<readonly Incident[]>();
  return sorted.flatMap((incident): ListedRow[] => {
    const members = storms.get(incident.id);
    if (!members) return [{ type: 'one', incident }];
    if (told.has(members)) return [];
    told.add(members);
    return [{ type: 'storm', first: incident, members }];
  });
}

function stormsOf(fresh: readonly Incident[]): ReadonlyMap<string, readonly Incident[]> {
  const storms = new Map<string, readonly Incident[]>();
  for (const ofKind of Map.groupBy(fresh, ({ kind, priority }) => `${kind}/${priority}`).values())
    for (const burst of bursts(ofKind.toSorted((a, b) => openedMs(a) - openedMs(b))))
      if (burst.length >= leastStorm) for (const { id } of burst) storms.set(id, burst);
  return storms;
}

function bursts(byTime: readonly Incident[]): Incident[][] {
  const all: Incident[][] = [];
  for (const incident of byTime) {
    const burst = all.at(-1);
    const before = burst?.at(-1);
    if (burst && before && openedMs(incident) - openedMs(before) <= apartMs) burst.push(incident);
    else all.push([incident]);
  }
  return all;
}

function openedMs({ openedAt }: Incident): number {
  return Date.parse(openedAt);
}
