/** The files of a scenario: its own file always, a clip with labels if it is committed or was rendered. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type LoadedScenario,
  loadScenario,
  type Sidecar,
  scenarioFile,
  sidecarOf,
  worldOf,
} from '../../sim/scenario/index.ts';
import type { LabelFrame } from '../../sim/world.ts';
import { projectedLabels } from './projected-labels.ts';

const clips = join(import.meta.dirname, '..', '..', 'sim', 'clips');

/** A scenario as the checks need it. */
export interface Case {
  readonly name: string;
  readonly loaded: LoadedScenario;
  readonly sidecar: Sidecar;
}

export function caseOf(name: string): Case {
  const loaded = loadScenario(scenarioFile(name));
  return { name, loaded, sidecar: sidecarOf(loaded) };
}

/** The clip's file, or `undefined` if it is not rendered. */
export function clipOf({ sidecar }: Case): string | undefined {
  const file = join(clips, sidecar.clip);
  return existsSync(file) ? file : undefined;
}

/** The sidecar that was written beside the clip, or `undefined`. */
export function writtenSidecar({ name }: Case): unknown {
  const file = join(clips, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The labels rendered with the clip, or `undefined`. */
export function renderedLabels({ sidecar }: Case): LabelFrame[] | undefined {
  const file = join(clips, sidecar.labels);
  if (!existsSync(file)) return undefined;
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): LabelFrame => JSON.parse(line));
}

/** Labels by projecting blocks, for any scenario. */
export function blockLabels({ loaded }: Case): LabelFrame[] {
  return projectedLabels(worldOf(loaded));
}
