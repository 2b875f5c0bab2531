/** The frames of a cycle's script, as a tracker would tell them. Imports nothing of the product. */
import { cut, Ids, lcg, type SceneFrame, type SceneTrack, shuffled } from '../scenes/frames.ts';
import { inside } from '../scenes/script.ts';
import { type CycleScript, middleX, rowsY, size } from './script.ts';

export function* framesOf(script: CycleScript): Generator<SceneFrame> {
  const random = lcg(script.seed);
  const ids = new Ids();
  /** Where each track was first seen. */
  const firstX = new Map<number, number>();
  let lastS = Number.NEGATIVE_INFINITY;
  for (let i = 0; i / script.fps < script.endS; i++) {
    const t = i / script.fps;
    if (script.pauses.some((pause) => inside(t, pause))) continue;
    const restarted = script.pauses.some(({ restart, toS }) => restart && lastS < toS && toS <= t);
    if (restarted) for (const name of namesOf(script)) ids.renew(name);
    for (const { visit, atS } of script.idChanges)
      if (inside(atS, { fromS: lastS, toS: t })) ids.renew(`visit ${visit}`);
    lastS = t;
    yield {
      atMs: Math.round(t * 1000),
      restarted,
      tracks: shuffled(tracksAt(script, t, { ids, firstX, random }), random),
    };
  }
}

interface Tracking {
  readonly ids: Ids;
  readonly firstX: Map<number, number>;
  readonly random: () => number;
}

function namesOf({ visits, people }: CycleScript): string[] {
  return [
    ...visits.flatMap((_, v) => [`pusher ${v}`, `visit ${v}`, `double ${v}`]),
    ...Array.from({ length: people }, (_, n) => `person ${n}`),
  ];
}

function tracksAt(script: CycleScript, t: number, { ids, firstX, random }: Tracking): SceneTrack[] {
  const tracks: SceneTrack[] = [];
  const put = (name: string, seenAs: SceneTrack['class'], x: number, bottom: number, high = size.height) => {
    const noise = () => (random() - 0.5) * 2 * script.jitter * size.width;
    const half = size.width / 2;
    const box = cut(x - half + noise(), bottom - high + noise(), x + half + noise(), bottom + noise());
    const score = 0.4 + 0.5 * random();
    if (!box) return;
    const id = ids.of(name);
    const from = firstX.get(id) ?? x;
    firstX.set(id, from);
    const moved = Math.min(10, Math.round((10 * Math.abs(x - from)) / size.width) / 10);
    tracks.push({ id, class: seenAs, score, box, seen: true, still: false, moved });
  };
  for (const [v, visit] of script.visits.entries()) {
    const x = middleX(visit, t);
    const dropped = script.dropouts.some((d) => d.visit === v && inside(t, d));
    if (x < 0 || x > 1) continue;
    const bottom = rowsY[visit.row];
    // Its rider walks behind it, half hidden by it.
    put(`pusher ${v}`, 'person', x - 0.03, bottom - 0.02, 0.25);
    if (dropped) continue;
    const flipped = script.flips && random() < 0.3;
    put(`visit ${v}`, flipped ? 'bicycle' : 'motorcycle', x, bottom);
    if (script.doubled) put(`double ${v}`, flipped ? 'motorcycle' : 'bicycle', x, bottom);
  }
  for (let n = 0; n < script.people; n++) put(`person ${n}`, 'person', 0.2 + 0.1 * n, 0.7, 0.3);
  return tracks;
}
