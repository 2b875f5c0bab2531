/**
 * Streets by script: who drives and stands where, from when to when, and what the detector and the tracker
 * miss meanwhile. Like `scenes/script.ts` this folder is an oracle of the rules and imports nothing of the
 * product. Times are seconds, places fractions of the picture, speeds lengths of the vehicle a second.
 */
import { inside, type Span, zonePolygon } from '../scenes/script.ts';

/** Where the bottom centre of a box is at a time. */
export interface Waypoint {
  readonly atS: number;
  readonly x: number;
  readonly y: number;
}

/** One on the street: in the picture from its first waypoint to its last, evenly moving in between. */
export interface Actor {
  readonly is: 'vehicle' | 'person';
  /** Two of the same look cannot be told apart in a picture. */
  readonly look: number;
  readonly width: number;
  readonly height: number;
  readonly path: readonly Waypoint[];
}

export type Rule = 'illegal-parking' | 'fire-passage' | 'gate-congestion';

export interface Script {
  readonly rule: Rule;
  /** The kind of street, for the table of failures. */
  readonly kind: string;
  readonly fps: number;
  readonly endS: number;
  /**
   * Parking: the violation. Fire passage: the alarm, with the voice at half of it and the escalation at one
   * and a half. Congestion: the time that `many` vehicles have not advanced.
   */
  readonly dwellS: number;
  readonly clearS: number;
  readonly many: number;
  readonly actors: readonly Actor[];
  /** Actors of whom nobody could tell, from all that is seen, that one took the place of another. */
  readonly untold: readonly number[];
  /** The box holds the vehicle, or only `share` of its width, cut at one side; it changes every so often. */
  readonly twoStates: readonly {
    readonly actor: number;
    readonly share: number;
    readonly side: 'left' | 'right';
    readonly everyS: number;
  }[];
  /** A second box of another class on the same vehicle, so many times as wide and high. */
  readonly doubles: readonly (Span & { readonly actor: number; readonly scale: number })[];
  /** The detector does not see this vehicle. */
  readonly silences: readonly (Span & { readonly actor: number })[];
  /** Part of the frames in which the detector misses a vehicle that has stood for some seconds. */
  readonly missShare: number;
  /** The light changes: nothing can be said of how places look. */
  readonly lights: readonly Span[];
  /** The tracker gives this vehicle a new id. */
  readonly idChanges: readonly { readonly actor: number; readonly atS: number }[];
  /** Two tracks swap their ids. */
  readonly swaps: readonly { readonly a: number; readonly b: number; readonly atS: number }[];
  /** No frames at all; at its end the box may have been restarted. */
  readonly pauses: readonly (Span & { readonly restart: boolean })[];
  /** Part of the cars lost by the tracker whose id the next car gets. */
  readonly passOn: number;
  /** After a longer miss the tracker finds a standing vehicle again under its old id. */
  readonly revives: boolean;
  /** Noise of box edges, as a part of the box size. */
  readonly jitter: number;
  readonly seed: number;
}

/** Width and height of a car; a length is one width. */
export const carSize = 0.12;
/** Bottom edges: a row of parked vehicles, what passes in front of it, and a lane nearer to the camera. */
export const rowY = 0.6;
export const frontY = 0.75;
export const laneY = 0.8;
/** Places in the row, apart from each other and inside the zone. */
export const rowX: readonly number[] = [0.25, 0.5, 0.75];

/** One that stays at one place: two waypoints there. */
export interface Stand extends Span {
  readonly x: number;
  readonly y: number;
}

/** Scripts do not change, and each frame of a street asks for the stands of all actors on it. */
const known = new WeakMap<readonly Waypoint[], readonly Stand[]>();

/** All stands of an actor; what stood before the first frame counts from the first frame. */
export function standsOf({ path }: Pick<Actor, 'path'>): readonly Stand[] {
  const found = known.get(path);
  if (found) return found;
  const stands = path.flatMap(({ atS, x, y }, n) => {
    const next = path[n + 1];
    const stays = next && next.x === x && next.y === y && next.atS > Math.max(0, atS);
    return stays ? [{ fromS: Math.max(0, atS), toS: next.atS, x, y }] : [];
  });
  known.set(path, stands);
  return stands;
}

const [zoneX, zoneY] = [zonePolygon.map((point) => point[0]), zonePolygon.map((point) => point[1])];
const zone = {
  left: Math.min(...zoneX),
  right: Math.max(...zoneX),
  top: Math.min(...zoneY),
  bottom: Math.max(...zoneY),
};

export function inZone({ x, y }: Pick<Waypoint, 'x' | 'y'>): boolean {
  return x > zone.left && x < zone.right && y > zone.top && y < zone.bottom;
}

/** Where an actor is; `undefined` if it is not in the picture. */
export function positionOf({ path }: Pick<Actor, 'path'>, t: number): { x: number; y: number } | undefined {
  const [first, last] = [path[0], path.at(-1)];
  if (!first || !last || t < first.atS || t > last.atS) return undefined;
  const next = path.findIndex(({ atS }) => atS > t);
  const [a, b] = next < 0 ? [last, last] : [path[next - 1] ?? first, path[next] ?? last];
  const share = b.atS > a.atS ? (t - a.atS) / (b.atS - a.atS) : 0;
  return { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) };
}

/** The stand that an actor is in. */
export function standAt(actor: Pick<Actor, 'path'>, t: number): Stand | undefined {
  return standsOf(actor).find((stand) => inside(t, stand));
}

/** An actor in the picture at some moment. */
export interface Present {
  readonly index: number;
  readonly actor: Actor;
  readonly x: number;
  readonly y: number;
}

export function presentAt({ actors }: Pick<Script, 'actors'>, t: number): Present[] {
  return actors.flatMap((actor, index) => {
    const at = positionOf(actor, t);
    return at ? [{ index, actor, ...at }] : [];
  });
}

/** Part of one actor's box that another covers, from 0 to 1, wherever they are. */
export function coverage(
  one: Pick<Present, 'actor' | 'x' | 'y'>,
  other: Pick<Present, 'actor' | 'x' | 'y'>,
): number {
  const [w, h] = [one.actor.width, one.actor.height];
  const width =
    Math.min(one.x + w / 2, other.x + other.actor.width / 2) -
    Math.max(one.x - w / 2, other.x - other.actor.width / 2);
  const height = Math.min(one.y, other.y) - Math.max(one.y - h, other.y - other.actor.height);
  return width > 0 && height > 0 ? (width * height) / (w * h) : 0;
}

/** Part of a place, or of the actor at it, that others nearer to the camera hide. */
export function hiddenShare(place: Pick<Present, 'actor' | 'x' | 'y'>, present: readonly Present[]): number {
  return Math.max(
    0,
    ...present
      .filter(({ actor, y }) => actor !== place.actor && y > place.y + 0.02)
      .map((other) => coverage(place, other)),
  );
}

/** From so much on the detector does not see what is behind. */
export const hides = 0.5;

export function during(spans: readonly Span[], t: number): boolean {
  return spans.some((span) => inside(t, span));
}

/** Unseen time that still counts as stood; a longer pause counts neither as stood nor as gone. */
export function toleranceS(dwellS: number): number {
  return Math.min(10, dwellS / 2);
}
