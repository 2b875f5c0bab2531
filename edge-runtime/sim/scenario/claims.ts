import { actorFootprint, overlaps, within } from '../layout/footprint.ts';
import type { Site } from '../layout/index.ts';
import type { Ground } from '../world.ts';
import type { Role, ScenarioProblem } from './load.ts';
import type { Scenario, Stay } from './schema.ts';
import { stayOf } from './stays.ts';

/**
 * Holds what a script states about places against where it puts its actors, so that the oracle, which goes by the statements
 * alone, cannot be told something that is not to be seen.
 */
export function checkClaims(scenario: Scenario, site: Site, cast: readonly Role[]): ScenarioProblem[] {
  return scenario.actors.flatMap((actor, a) => {
    const { timeline } = cast[a] as Role;
    return actor.script.flatMap((step, s): ScenarioProblem[] => {
      const stay = stayOf(step);
      if (!stay) return [];
      const fromS = stay.from === 'start' ? 0 : stay.from;
      const spot = timeline.segments.find((segment) => segment.kind === 'still' && segment.fromS === fromS);
      if (spot?.kind !== 'still') return [];
      const footprint = actorFootprint(actor.kind, spot.at, spot.headingRad);
      const message = contradiction(stay, spot.at, footprint, scenario, site);
      return message ? [{ path: ['actors', a, 'script', s], message }] : [];
    });
  });
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
