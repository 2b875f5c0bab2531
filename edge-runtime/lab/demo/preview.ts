import { type Language, languages, type Site, term } from '@gatehouse/contracts';
import { z } from 'zod';
import { getBody } from './box-health.ts';
import type { DemoCamera } from './cameras.ts';
import type { Scenario } from './scenario.ts';
import { word } from './words.ts';

/** The camera simulator's report about its streams. */
const Streams = z.array(z.object({ stream: z.string(), position: z.object({ seconds: z.number().min(0) }) }));

/** An incident that will come of a clip that plays over and over. */
export interface Upcoming {
  readonly kind: Scenario['expected'][number]['kind'];
  readonly zone: string;
  /** Seconds from now, and between one and the next. */
  readonly inS: number;
  readonly everyS: number;
}

/** The next of each incident of a clip that is `atS` seconds into its run. */
export function upcoming({ expected, durationS }: Scenario, atS: number): Upcoming[] {
  return expected.map(({ kind, zone, openedS }) => {
    const inS = openedS.from - atS;
    return { kind, zone, inS: inS > 0 ? inS : inS + durationS, everyS: durationS };
  });
}

/**
 * The events that the cameras of the simulated compound are about to show, soonest first, in both languages,
 * for the person at the terminal. Empty while the camera simulator does not answer on its control port.
 */
export async function preview(
  cameras: readonly DemoCamera[],
  site: Site,
  controlPort: number,
): Promise<[name: string, text: string][]> {
  const streams = await getBody(`http://127.0.0.1:${controlPort}/streams`).then(
    (body) => Streams.parse(JSON.parse(body.toString('utf8'))),
    () => [],
  );
  const events = cameras.flatMap(({ id, path, scenario }) => {
    const at = streams.find(({ stream }) => stream === path)?.position.seconds;
    if (!scenario || at === undefined) return [];
    return upcoming(scenario, at).map((event) => ({ ...event, camera: id }));
  });
  const inOrder = events.toSorted((a, b) => a.inS - b.inS);
  return languages.flatMap((language) =>
    inOrder.map((event, i): [string, string] => [
      i === 0 ? word(language, 'title') : '',
      lineOf(event, site, language),
    ]),
  );
}

function lineOf(
  { kind, zone, inS, everyS, camera }: Upcoming & { readonly camera: string },
  site: Site,
  language: Language,
): string {
  const watched = site.cameras.find(({ id }) => id === camera);
  return word(language, 'soon', {
    s: Math.round(inS),
    every: Math.round(everyS),
    kind: term(language, 'kind', kind),
    camera: watched?.name[language] ?? camera,
    zone: watched?.zones.find(({ id }) => id === zone)?.name[language] ?? zone,
  });
}
