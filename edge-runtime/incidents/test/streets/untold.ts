/**
 * Changes of which nobody could tell from all that is seen: one leaves, another of the same look comes to its
 * place, and no frame or no track shows it. Imports nothing of the product (see script.ts).
 */
import { inside, type Span } from '../scenes/script.ts';
import {
  coverage,
  during,
  hiddenShare,
  hides,
  inZone,
  presentAt,
  type Script,
  type Stand,
  standsOf,
  type Waypoint,
} from './script.ts';
import { staysOf } from './stays.ts';
import { pairedLengths } from './tracker.ts';

type Scene = Omit<Script, 'untold'>;

interface Occupant {
  readonly actor: number;
  readonly stand: Stand;
}

/** An empty place that is seen for so long beyond the time that clears is an end by itself. */
const surelyS = 2;
/** A drive is seen by so many lengths of it. */
const drivenLengths = 3;
/** A track that is not seen for so long before it drives off has lost its id. */
const justBeforeS = 2;

/** The actors that may be taken for one another. */
export function untoldIn(scene: Scene): number[] {
  const occupants = scene.actors.flatMap((actor, index) =>
    actor.is === 'vehicle'
      ? standsOf(actor)
          .filter(inZone)
          .map((stand): Occupant => ({ actor: index, stand }))
      : [],
  );
  const untold = occupants.flatMap((one) => {
    const next = occupants
      .filter((other) => isAt(scene, one, other) && other.stand.fromS >= one.stand.toS)
      .toSorted((a, b) => a.stand.fromS - b.stand.fromS)[0];
    return next && next.actor !== one.actor && !isTold(scene, one, next) ? [one.actor, next.actor] : [];
  });
  return [...new Set([...untold, ...lostIn(scene)])];
}

/** The actors whose stay goes on at another place without a track that shows it. */
function lostIn(scene: Scene): number[] {
  return staysOf(scene)
    .filter(({ actor, stands }) => stands.slice(0, -1).some((stand) => !leaves(scene, { actor, stand })))
    .map(({ actor }) => actor);
}

function isAt({ actors }: Scene, one: Occupant, { stand }: Occupant): boolean {
  const width = actors[one.actor]?.width ?? 0;
  return one.stand.y === stand.y && Math.abs(one.stand.x - stand.x) < width / 2;
}

function isTold(scene: Scene, leaver: Occupant, comer: Occupant): boolean {
  const [a, b] = [scene.actors[leaver.actor], scene.actors[comer.actor]];
  if (a?.look !== b?.look) return true;
  const emptyS = groundSeenS(scene, leaver, comer);
  if (emptyS === 0) return false;
  return emptyS > scene.clearS + surelyS || leaves(scene, leaver) || comes(scene, comer);
}

/** For how long frames show the bare ground between the two. */
function groundSeenS(scene: Scene, { actor, stand }: Occupant, comer: Occupant): number {
  const place = { actor: scene.actors[actor] as Script['actors'][number], x: stand.x, y: stand.y };
  const bare = frames(scene, { fromS: stand.toS, toS: comer.stand.fromS })
    .filter((t) => !during(scene.lights, t))
    .filter((t) => presentAt(scene, t).every((one) => coverage(place, one) < hides));
  return bare.length / scene.fps;
}

function leaves(scene: Scene, { actor, stand }: Occupant): boolean {
  const { path = [] } = scene.actors[actor] ?? {};
  const n = path.findIndex(({ atS }) => atS === stand.toS);
  const leg = legOf(scene, actor, path[n], path[n + 1]);
  const way = { fromS: stand.toS, toS: stand.toS + leg.lastsS + 1 / scene.fps };
  return drives(scene, actor, leg.speed, way, { fromS: stand.toS - justBeforeS, toS: stand.toS });
}

function comes(scene: Scene, { actor, stand }: Occupant): boolean {
  const { path = [] } = scene.actors[actor] ?? {};
  const n = path.findIndex(({ atS }) => atS === stand.fromS);
  const leg = legOf(scene, actor, path[n - 1], path[n]);
  const way = { fromS: stand.fromS - leg.lastsS - 1 / scene.fps, toS: stand.fromS };
  return drives(scene, actor, leg.speed, way, { fromS: stand.fromS, toS: stand.fromS + justBeforeS });
}

/** Lengths a second between two waypoints, and the time in which it has certainly driven. */
function legOf({ actors }: Scene, actor: number, from?: Waypoint, to?: Waypoint) {
  if (!from || !to) return { speed: Number.POSITIVE_INFINITY, lastsS: 0 };
  const driven = Math.hypot(to.x - from.x, to.y - from.y) / (actors[actor]?.width ?? 1);
  const speed = driven / (to.atS - from.atS);
  return { speed, lastsS: Math.min(driven, drivenLengths) / speed };
}

/** A track follows it by its id for more than a length, from where it stood or to where it stands. */
function drives(scene: Scene, actor: number, speed: number, way: Span, stands: Span): boolean {
  if (speed / scene.fps > pairedLengths || scene.missShare > 0) return false;
  const silences = scene.silences.filter((span) => span.actor === actor);
  const seen = (span: Span) =>
    frames(scene, span).filter((t) => {
      const present = presentAt(scene, t);
      const one = present.find(({ index }) => index === actor);
      return one && !during(silences, t) && hiddenShare(one, present) < hides;
    }).length;
  const whole = seen(way) === frameCount(scene, way) && frameCount(scene, way) > 0;
  const renewed = scene.idChanges.some((one) => one.actor === actor && inside(one.atS, way));
  return whole && seen(stands) > 0 && !renewed;
}

function frameCount({ fps }: Scene, { fromS, toS }: Span): number {
  return Math.ceil(toS * fps) - Math.ceil(fromS * fps);
}

function frames(scene: Scene, span: Span): number[] {
  const first = Math.ceil(span.fromS * scene.fps);
  return Array.from(
    { length: Math.max(0, frameCount(scene, span)) },
    (_, n) => (first + n) / scene.fps,
  ).filter((t) => t >= 0 && !during(scene.pauses, t));
}
