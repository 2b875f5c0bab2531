import { actorFootprint, overlaps, within } from '../layout/footprint.ts';
import type { Site } from '../layout/index.ts';
import type { ActorKind, Ground } from '../world.ts';
import type { Role, ScenarioProblem } from './cast.ts';
import type { Scenario, Stay, Step } from './schema.ts';
import { stayOf } from './stays.ts';
import type { Timeline } from './timeline.ts';

/**
 * Compares the script's statements about places with the places of its actors. The oracle goes by the
 * statements alone: they may not state anything that cannot be seen.
 */
export function checkClaims(scenario: Scenario, site: Site, cast: readonly Role[]): ScenarioProblem[] {
  return scenario.actors.flatMap((actor, a) =>
    actor.script.flatMap((step, s): ScenarioProblem[] => {
      const { timeline } = cast[a] as Role;
      const message = stayOf(step)
        ? wrongStay(step, actor.kind, timeline, scenario, site)
        : wrongWay(actor.script, s, timeline, site);
      return message === undefined ? [] : [{ path: ['actors', a, 'script', s], message }];
    }),
  );
}

function wrongStay(
  step: Step,
  kind: ActorKind,
  { segments }: Timeline,
  scenario: Scenario,
  site: Site,
): string | undefined {
  const stay = stayOf(step);
  const fromS = stay?.from === 'start' ? 0 : stay?.from;
  const spot = segments.find((segment) => segment.kind === 'still' && segment.fromS === fromS);
  if (!stay || spot?.kind !== 'still') return undefined;
  return contradiction(stay, spot.at, actorFootprint(kind, spot.at, spot.headingRad), scenario, site);
}

/**
 * Between two stays in one place, who shifts or advances must keep to it, and any other way must leave it:
 * this decides between one stay and two.
 */
function wrongWay(
  script: readonly Step[],
  index: number,
  timeline: Timeline,
  site: Site,
): string | undefined {
  const { shifts, advances } = script[index] ?? {};
  const keeping = shifts ? 'shifts' : advances ? 'advances' : undefined;
  const [before, after] = [script[index - 1], script[index + 1]].map((step) => step && stayOf(step));
  const place = before?.in ?? before?.partlyIn;
  const same = place !== undefined && place === (after?.in ?? after?.partlyIn);
  if (!same) return keeping && `"${keeping}" must stand between two stays in one place`;
  const going = timeline.segments.find(({ kind, fromS }) => kind === 'going' && fromS === before?.to);
  if (going?.kind !== 'going') return undefined;
  const path = Array.from({ length: 50 }, (_, i) => going.path.at((going.path.lengthM * i) / 49).at);
  const keeps = path.every((point) => within(point, site.places[place] ?? []));
  if (keeping) return keeps ? undefined : `leaves ${place} on its way: say "drives", not "${keeping}"`;
  return keeps ? `never leaves ${place}: say "shifts" (one stay) or "advances" (another)` : undefined;
}

function contradiction(
  stay: Stay,
  at: Ground,
  footprint: readonly Ground[],
  scenario: Scenario,
  site: Site,
): string | undefined {
  const inside = (place: string) => within(at, site.places[place] ?? []);
  const touches = (place: string) => overlaps(footprint, site.places[place] ?? []);
  const where = `[${at.map((v) => Math.round(v * 100) / 100).join(', ')}]`;
  if (stay.in !== undefined && !inside(stay.in)) return `${where} is not in ${stay.in}`;
  if (stay.partlyIn !== undefined && (inside(stay.partlyIn) || !touches(stay.partlyIn)))
    return `${where} does not put just a part of it into ${stay.partlyIn}`;
  const unsaid = scenario.zones.find(
    ({ place }) => place !== stay.in && place !== stay.partlyIn && touches(place),
  );
  return unsaid && `${where} reaches into ${unsaid.place}, which the script does not say`;
}
