import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nothingCalled } from '@gatehouse/kit';
import { loadScenario } from './load.ts';

const folder = join(import.meta.dirname, '..', 'scenarios');

/** The scenarios that come with the project, in alphabetical order. */
export function scenarioNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** Those whose clips are in the repository. */
export function committedScenarios(): string[] {
  return scenarioNames().filter((name) => loadScenario(scenarioFile(name)).scenario.committed);
}

/**
 * The file of a scenario by its name, or of a path to one. Throws `SCENARIO_UNKNOWN`, naming those there are.
 */
export function scenarioFile(nameOrFile: string): string {
  if (/[/\\]|\.yaml$/.test(nameOrFile)) return nameOrFile;
  const file = join(folder, `${nameOrFile}.yaml`);
  if (existsSync(file)) return file;
  throw nothingCalled('SCENARIO_UNKNOWN', nameOrFile, scenarioNames());
}
