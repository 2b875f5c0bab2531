/** The frames of a group's script, as a tracker would tell them. Imports nothing of the product. */
import { cut, Ids, lcg, type SceneFrame, type SceneTrack, shuffled } from '../scenes/frames.ts';
import { inside } from '../scenes/script.ts';
import { dropped, endOf, type GroupScript, moveS, type Stay, staysOf, wayS } from './script.ts';

/**
 * Width and height of one of them, and the way from one to the next: people half a height apart, cars a
 * length.
 */
const sizes = {
  crowd: { width: 0.03, height: 0.15, stepX: 0.045, stepY: 0.045, perRow: 5, flowY: 0.72 },
  'gate-congestion': { width: 0.1, height: 0.1, stepX: 0.12, stepY: 0.13, perRow: 6, flowY: 0.88 },
} as const;

/** Height of somebody seated, by that of somebody who stands. */
const seatedPart = 0.45;

export function* framesOf(script: GroupScript): Generator<SceneFrame> {
  const random = lcg(script.seed);
  const ids = new Ids();
  const stays = staysOf(script);
  let lastS = Number.NEGATIVE_INFINITY;
  for (let i = 0; i / script.fps < endOf(script); i++) {
    const t = i / script.fps;
    if (script.pauses.some((pause) => inside(t, pause))) continue;
    const since = { fromS: lastS, toS: t };
    const restarted = script.pauses.some(({ restart, toS }) => restart && lastS < toS && toS <= t);
    if (restarted) ids.reset();
    for (const { member, atS } of script.idChanges) if (inside(atS, since)) ids.renew(`member ${member}`);
    lastS = t;
    const tracks = shuffled(tracksAt(script, stays, t, ids, random), random);
    yield { atMs: Math.round(t * 1000), restarted, tracks };
  }
}

function tracksAt(
  script: GroupScript,
  stays: readonly Stay[],
  t: number,
  ids: Ids,
  random: () => number,
): SceneTrack[] {
  const { width, height, flowY } = sizes[script.rule];
  const tracks: SceneTrack[] = [];
  const put = (name: string, x: number, y: number, part = 1) => {
    const noise = () => (random() - 0.5) * 2 * script.jitter * Math.min(width, height);
    const box = cut(
      x - width / 2 + noise(),
      y - height * part + noise(),
      x + width / 2 + noise(),
      y + noise(),
    );
    const score = 0.4 + 0.5 * random();
    const isCar = script.rule === 'gate-congestion';
    const objectClass = isCar ? (random() < 0.8 ? 'car' : 'truck') : 'person';
    if (box) tracks.push({ id: ids.of(name), class: objectClass, score, box, seen: true, still: false });
  };
  for (const stay of stays) {
    if (dropped(script, stay.member, t)) continue;
    const at = positionAt(script, stays, stay, t);
    if (at) put(`member ${stay.member}`, at.x, at.y, script.seated && inside(t, stay) ? seatedPart : 1);
  }
  for (const { name, n, x } of passersBy(script, t))
    put(name, x, script.seated && n % 2 === 0 ? 0.58 : flowY);
  return tracks;
}

/** The people who pass the group, close below it, a height and more a second. */
function passersBy(
  { flow }: GroupScript,
  t: number,
): { readonly name: string; readonly n: number; readonly x: number }[] {
  if (!flow) return [];
  return Array.from({ length: Math.ceil((flow.toS - flow.fromS) / flow.everyS) }, (_, n) => {
    // Nobody comes to the second: in step with the frames, one after another would be seen at the same spot.
    const comesS = flow.fromS + (n + 0.4 * ((n * 0.618) % 1)) * flow.everyS;
    return { name: `flow ${n}`, n, x: 0.02 + 0.12 * (t - comesS) };
  }).filter(({ x }) => x >= 0.02 && x <= 0.98);
}

/**
 * The place of one of them: at the group, on the way to it from the place before or from above, or off
 * upwards.
 */
function positionAt(script: GroupScript, stays: readonly Stay[], stay: Stay, t: number) {
  const spot = spotOf(script, stay);
  if (inside(t, stay)) return spot;
  const before = stays.find((one) => one.member === stay.member && one.toS === stay.fromS - moveS);
  if (before && t >= before.toS && t < stay.fromS) {
    const from = spotOf(script, before);
    const share = (t - before.toS) / moveS;
    return { x: from.x + share * (spot.x - from.x), y: spot.y };
  }
  const movesOn = stays.some((one) => one.member === stay.member && one.fromS === stay.toS + moveS);
  if (t < stay.fromS ? before !== undefined || stay.fromS <= 0 : movesOn) return undefined;
  const awayS = t < stay.fromS ? stay.fromS - t : t - stay.toS;
  return awayS > wayS ? undefined : { x: spot.x, y: spot.y - awayS * 0.13 };
}

function spotOf({ rule }: GroupScript, { member, place }: Stay) {
  const { stepX, stepY, perRow } = sizes[rule];
  return {
    x: 0.2 + (member % perRow) * stepX + place * stepX * 0.5,
    y: 0.6 + Math.floor(member / perRow) * stepY,
  };
}
