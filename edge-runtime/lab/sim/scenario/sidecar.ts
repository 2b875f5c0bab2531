import { ZoneRule } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import type { View } from '../world.ts';
import { type ExpectedIncident, expectedIncidents } from './expected.ts';
import type { LoadedScenario } from './load.ts';
import { worldOf } from './scenario-world.ts';
import type { RuleKind, ScenarioRule, ScenarioZone } from './schema.ts';
import { statedStays } from './stays.ts';
import { type Fraction, zonePolygon } from './zones.ts';

/** A zone as a camera of a site file has it. */
export interface SidecarZone {
  readonly id: string;
  readonly name: { readonly 'zh-CN': string; readonly en: string };
  readonly polygon: readonly Fraction[];
  readonly rules: readonly Readonly<Record<string, unknown>>[];
}

/**
 * `<scenario>.json` beside a clip: the zones and rules that a camera of a site file needs to watch it, and
 * the incidents that must come of it.
 */
export interface Sidecar {
  readonly scenario: string;
  readonly about: string;
  /** File names beside this one. */
  readonly clip: string;
  readonly labels: string;
  readonly fps: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly durationS: number;
  readonly light: 'day' | 'dusk' | 'night';
  /** Zones in the form of a site file, with their rules. */
  readonly zones: readonly SidecarZone[];
  readonly expected: readonly ExpectedIncident[];
  /** For each kind of rule in it: true if the product has that rule today. */
  readonly today: Readonly<Partial<Record<RuleKind, boolean>>>;
}

/** Makes a scenario's sidecar. Throws `SCENARIO_UNDECIDED` (see `expected.ts`), or `SCENARIO_ZONE_UNSEEN`. */
export function sidecarOf(loaded: LoadedScenario): Sidecar {
  const { name, scenario } = loaded;
  const { view } = worldOf(loaded).world;
  const zones = scenario.zones.map((zone) => zoneOf(zone, loaded, view));
  const rules = zones.flatMap((zone) => zone.rules);
  return {
    scenario: name,
    about: scenario.about,
    clip: `${name}.mp4`,
    labels: `${name}.labels.jsonl.gz`,
    fps: scenario.fps,
    widthPx: view.widthPx,
    heightPx: view.heightPx,
    durationS: scenario.durationS,
    light: scenario.light.time,
    zones,
    expected: expectedOf(loaded),
    today: Object.fromEntries(rules.map((rule) => [rule.kind, ZoneRule.safeParse(rule).success])),
  };
}

/** The incidents that a scenario must raise. */
export function expectedOf({ scenario, cast }: LoadedScenario): ExpectedIncident[] {
  const { durationS, zones } = scenario;
  return expectedIncidents({ durationS, zones, stays: statedStays(cast.map(({ actor }) => actor)) });
}

function zoneOf(
  { place, name, rules }: ScenarioZone,
  { name: scenario, site }: LoadedScenario,
  view: View,
): SidecarZone {
  const polygon = zonePolygon(site.places[place] ?? [], view);
  if (polygon.length >= 3) return { id: place, name, polygon, rules: rules.map(siteRule) };
  throw errorOf('SCENARIO_ZONE_UNSEEN', { scenario, place });
}

/** Classes as the product names them. */
const productClasses = {
  car: ['car'],
  truck: ['bus', 'truck'],
  motorcycle: ['motorcycle', 'bicycle'],
} as const;

/** The rule in the product's form: the part that the oracle goes by, and the further settings. */
function siteRule({ settings, ...rule }: ScenarioRule): Readonly<Record<string, unknown>> {
  if (!('counts' in rule)) return { ...rule, ...settings };
  const { counts, ...rest } = rule;
  return { ...rest, classes: counts.flatMap((name) => productClasses[name]), ...settings };
}
