import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { dotted, lineFinder } from '@gatehouse/contracts';
import { errorOf, type GatehouseError, systemCode } from '@gatehouse/kit';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Site, type SiteName, sites } from '../layout/index.ts';
import type { Ground } from '../world.ts';
import type { Role, ScenarioProblem } from './cast.ts';
import { checkClaims } from './claims.ts';
import { everybody, seedOf } from './crowds.ts';
import { layOut, ScriptProblem } from './lay-out.ts';
import { type Point, Scenario } from './schema.ts';

/** A scenario file, checked and laid out. */
export interface LoadedScenario {
  /** The file's name without `.yaml`. */
  readonly name: string;
  readonly scenario: Scenario;
  readonly site: Site;
  /** Everybody in it, crowds and flows as their single people. */
  readonly cast: readonly Role[];
}

/**
 * Reads a scenario file. Throws `SCENARIO_MISSING`, or `SCENARIO_INVALID` naming line and path of the first
 * mistake.
 */
export function loadScenario(file: string): LoadedScenario {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw errorOf('SCENARIO_MISSING', { file, reason: systemCode(cause) ?? 'error' }, { cause });
  }
  return parseScenario(text, file);
}

/** Checks a scenario's text; `file` names it in errors. Throws `SCENARIO_INVALID`. */
export function parseScenario(text: string, file: string): LoadedScenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [syntax] = document.errors;
  if (syntax) {
    const line = lines.linePos(syntax.pos[0]).line;
    throw invalid(file, line, (syntax.message.split('\n')[0] ?? 'is no YAML').replace(/:$/, ''));
  }
  const checked = check(document.toJS() ?? {}, basename(file, '.yaml'));
  if ('scenario' in checked) return checked;
  const [first, ...more] = checked.problems;
  const lineOf = lineFinder(document, lines);
  const rest = more.length > 0 ? ` (and ${more.length} more)` : '';
  throw invalid(file, lineOf(first?.path ?? []), `${dotted(first?.path ?? [])}: ${first?.message}${rest}`);
}

function invalid(file: string, line: number, what: string): GatehouseError {
  return errorOf('SCENARIO_INVALID', { file, line, what });
}

function check(
  value: unknown,
  name: string,
): LoadedScenario | { readonly problems: readonly ScenarioProblem[] } {
  const parsed = Scenario.safeParse(value);
  if (!parsed.success) {
    // A key that is misspelt is missing, too: the slip is reported first.
    const isSlip = (issue: z.core.$ZodIssue) => Number(issue.code === 'unrecognized_keys');
    const issues = parsed.error.issues.toSorted((a, b) => isSlip(b) - isSlip(a));
    return { problems: issues.flatMap(explained) };
  }
  const scenario = parsed.data;
  if (!isSiteName(scenario.layout)) {
    const message = `no layout is called "${scenario.layout}"; there are ${Object.keys(sites).join(', ')}`;
    return { problems: [{ path: ['layout'], message }] };
  }
  const site: Site = sites[scenario.layout];
  const misnamed = [...wrongNames(scenario, site), ...duplicateIds(scenario)];
  if (misnamed.length > 0) return { problems: misnamed };
  const cast = castOf(scenario, site);
  if ('problem' in cast) return { problems: [cast.problem] };
  const contradictions = checkClaims(scenario, site, cast.roles);
  return contradictions.length > 0
    ? { problems: contradictions }
    : { name, scenario, site, cast: cast.roles };
}

function explained(issue: z.core.$ZodIssue): ScenarioProblem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: `unknown key "${key}"` }));
}

function isSiteName(name: string): name is SiteName {
  return Object.hasOwn(sites, name);
}

/** The middle of a place, or the point itself. */
export function resolverOf(site: Site): (point: Point) => Ground {
  return (point) => {
    if (typeof point !== 'string') return point;
    const polygon = site.places[point] ?? [];
    const mean = (axis: 0 | 1) => polygon.reduce((sum, corner) => sum + corner[axis], 0) / polygon.length;
    return [mean(0), mean(1)];
  };
}

/** Every place and camera that is named must exist. */
function wrongNames(scenario: Scenario, site: Site): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const places = Object.keys(site.places).filter((place) => !place.startsWith('bay-'));
  const look = (value: unknown, path: readonly PropertyKey[], isPlace: boolean): void => {
    if (typeof value === 'string' && isPlace && !Object.hasOwn(site.places, value))
      problems.push({
        path,
        message: `${site.name} has no place "${value}"; it has ${places.join(', ')} and bays`,
      });
    if (Array.isArray(value)) for (const [i, item] of value.entries()) look(item, [...path, i], isPlace);
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) look(item, [...path, key], placeKeys.has(key));
  };
  const { zones, actors, crowds, flows } = scenario;
  look({ zones, actors, crowds, flows }, [], false);
  if (!Object.hasOwn(site.cameras, scenario.camera))
    problems.push({
      path: ['camera'],
      message: `${site.name} has no camera "${scenario.camera}"; it has ${Object.keys(site.cameras).join(', ')}`,
    });
  return problems;
}

/** Keys below which strings name places. */
const placeKeys = new Set([
  ...[
    'place',
    'in',
    'partlyIn',
    'at',
    'enters',
    'drives',
    'shifts',
    'reverses',
    'walks',
    'through',
    'comes',
    'goes',
  ],
]);

function duplicateIds({ actors, crowds, flows }: Scenario): ScenarioProblem[] {
  const lists = { actors, crowds, flows };
  const seen = new Set<string>();
  return Object.entries(lists).flatMap(([list, items]) =>
    items.flatMap(({ id }, i) => {
      if (seen.has(id)) return [{ path: [list, i, 'id'], message: `"${id}" is used twice` }];
      seen.add(id);
      return [];
    }),
  );
}

function castOf(
  scenario: Scenario,
  site: Site,
): { readonly problem: ScenarioProblem } | { readonly roles: readonly Role[] } {
  const resolve = resolverOf(site);
  const roles: Role[] = [];
  for (const [i, actor] of everybody(scenario, resolve).entries()) {
    const terms = { resolve, durationS: scenario.durationS, seed: seedOf(scenario.seed, actor.id) };
    try {
      roles.push({ actor, timeline: layOut(actor, terms) });
    } catch (error) {
      if (!(error instanceof ScriptProblem)) throw error;
      const own = i < scenario.actors.length;
      if (own) return { problem: { path: ['actors', i, 'script', error.step], message: error.message } };
      const crowd = scenario.crowds.findIndex(({ id }) => actor.id.startsWith(`${id}-`));
      return { problem: { path: ['crowds', Math.max(0, crowd)], message: `${actor.id}: ${error.message}` } };
    }
  }
  return { roles };
}
