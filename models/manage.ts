import { describeError, errorOf, GatehouseError } from '@gatehouse/kit';
import type { ModelEntry } from './catalogue.ts';
import { catalogueFile, modelEntry } from './catalogue.ts';
import { readModelFile } from './model-file.ts';
import type { ResolvedModel, ResolveOptions } from './resolve.ts';
import { modelPlace, resolveModel } from './resolve.ts';

/** One line of `gatehouse models list` and `verify`. */
export interface ModelStatus {
  readonly id: string;
  readonly task: ModelEntry['task'];
  readonly family: ModelEntry['family'];
  readonly default: boolean;
  readonly licence: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The pinned address, or what it is made from and how, or that it is part of the software. */
  readonly source: string;
  /** Where it is or would be: in the cache, or among the software's own files. */
  readonly file: string;
  readonly state: 'ready' | 'missing' | 'corrupt';
  /** Why it is not ready. */
  readonly problem?: string;
}

/** One line of `gatehouse models fetch` and `derive`. */
export interface ModelOutcome {
  readonly id: string;
  readonly ok: boolean;
  readonly origin?: ResolvedModel['origin'];
  readonly file?: string;
  readonly replaced?: string;
  readonly problem?: string;
}

/** Every model of the catalogue and whether the box has it; hashes what is there, changes nothing. */
export async function listModels(options: ResolveOptions = {}): Promise<ModelStatus[]> {
  const known = options.catalogue ?? catalogueFile();
  return Promise.all(known.models.map((entry) => statusOf(entry, modelPlace(entry, options))));
}

/**
 * The models on the box that are not what the catalogue says; a missing one is no fault unless it is bundled
 * or asked for by name.
 */
export async function verifyModels(
  ids: readonly string[] = [],
  options: ResolveOptions = {},
): Promise<{ readonly ok: boolean; readonly models: ModelStatus[] }> {
  const known = options.catalogue ?? catalogueFile();
  const wanted = ids.map((id) => modelEntry(id, known).id);
  const bundled = known.models.filter(({ source }) => source.kind === 'bundled').map(({ id }) => id);
  const all = await listModels(options);
  const models = all.filter(({ id, state }) =>
    wanted.length > 0 ? wanted.includes(id) : state !== 'missing' || bundled.includes(id),
  );
  return { ok: models.every(({ state }) => state === 'ready'), models };
}

/**
 * Brings models into the cache from the mirror or their pinned addresses; the default for objects if none is
 * named, every one for `['all']`. One that fails does not keep the others.
 */
export async function fetchModels(
  ids: readonly string[] = [],
  options: ResolveOptions = {},
): Promise<ModelOutcome[]> {
  const known = options.catalogue ?? catalogueFile();
  const all = ids.length === 1 && ids[0] === 'all';
  const entries = all
    ? known.models
    : (ids.length > 0 ? ids : [undefined]).map((id) => modelEntry(id, known));
  const outcomes: ModelOutcome[] = [];
  for (const { id } of entries) outcomes.push(await outcomeOf(id, { ...options, fetch: true }));
  return outcomes;
}

/**
 * Makes derived models (all of the catalogue if none is named) from bases that are in the cache or the
 * mirror.
 */
export async function deriveModels(
  ids: readonly string[] = [],
  options: ResolveOptions = {},
): Promise<ModelOutcome[]> {
  const known = options.catalogue ?? catalogueFile();
  const derived = known.models.filter(({ source }) => source.kind === 'derived').map(({ id }) => id);
  const wrong = ids.find((id) => !derived.includes(modelEntry(id, known).id));
  if (wrong !== undefined) throw errorOf('MODEL_NOT_DERIVED', { model: wrong, known: derived.join(', ') });
  const outcomes: ModelOutcome[] = [];
  for (const id of ids.length > 0 ? ids : derived) outcomes.push(await outcomeOf(id, options));
  return outcomes;
}

async function outcomeOf(id: string, options: ResolveOptions): Promise<ModelOutcome> {
  try {
    const { origin, file, replaced } = await resolveModel(id, options);
    return { id, ok: true, origin, file, ...(replaced === undefined ? {} : { replaced }) };
  } catch (error) {
    return { id, ok: false, problem: describeError(error) };
  }
}

async function statusOf(entry: ModelEntry, file: string): Promise<ModelStatus> {
  const { id, task, family, licence, bytes, sha256, source } = entry;
  const base = {
    id,
    task,
    family,
    default: entry.default,
    licence,
    bytes,
    sha256,
    source: sourceText(source),
    file,
  };
  try {
    await readModelFile(entry, file);
    return { ...base, state: 'ready' };
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    const state = error.code === 'MODEL_MISSING' ? 'missing' : 'corrupt';
    return { ...base, state, problem: describeError(error) };
  }
}

function sourceText(source: ModelEntry['source']): string {
  if (source.kind === 'upstream') return source.url;
  if (source.kind === 'derived') return `derived from ${source.from} by ${source.derive}`;
  return 'part of this software';
}
