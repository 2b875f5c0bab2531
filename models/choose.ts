import { describeError, errorOf, GatehouseError, toldError } from '@gatehouse/kit';
import type { ModelEntry } from './catalogue.ts';
import { bundledModel, catalogueFile, modelEntry } from './catalogue.ts';
import { defaultThatRan } from './ran-before.ts';
import type { ResolvedModel, ResolveOptions } from './resolve.ts';
import { resolveModel } from './resolve.ts';

/**
 * Why a model runs: the site names it; it is the default; the default is not at hand; the one that should run
 * cannot.
 */
export type ChoiceReason = 'named' | 'default' | 'bundled' | 'fallback';

/** The model that should have run, and what keeps it from running. */
export interface Passed {
  /** Its catalogue id, or what the site file calls it. */
  readonly id: string;
  readonly entry: ModelEntry | undefined;
  readonly failure: GatehouseError;
}

export interface ModelChoice extends ResolvedModel {
  readonly why: ChoiceReason;
  /** Present with `bundled` and `fallback`. */
  readonly instead?: Passed;
}

export interface ChooseOptions extends ResolveOptions {
  /** Models that are on the box but did not load, and why. */
  readonly unusable?: ReadonlyMap<string, GatehouseError>;
}

/**
 * Decides which detector runs: the one that the site names; else the catalogue's default, where the cache or
 * the mirror has it or (with `fetch`) it can be downloaded; else the bundled one. Where the named model is
 * not at hand, or the chosen one is damaged, gone or does not load, the bundled one runs too: a camera that
 * sees less is better than a blind one. That is a `fallback`, which is a fault; `bundled` is none.
 *
 * Throws what keeps the wanted model from running (see `resolveModel`) where no bundled model can take its
 * place.
 */
export async function chooseModel(named?: string, options: ChooseOptions = {}): Promise<ModelChoice> {
  try {
    const entry = objectsModel(modelEntry(named, options.catalogue ?? catalogueFile()));
    const unusable = options.unusable?.get(entry.id);
    if (unusable) throw unusable;
    return { ...(await resolveModel(entry.id, options)), why: named === undefined ? 'default' : 'named' };
  } catch (error) {
    if (error instanceof GatehouseError) return takePlace(named, error, options);
    throw error;
  }
}

/**
 * The bundled model in place of one that cannot run because of `failure`; throws that where there is none.
 */
async function takePlace(
  named: string | undefined,
  failure: GatehouseError,
  options: ChooseOptions,
): Promise<ModelChoice> {
  const { models } = options.catalogue ?? catalogueFile();
  const entry = models.find(({ id, task, default: isDefault }) =>
    named === undefined ? isDefault && task === 'objects' : id === named,
  );
  const id = entry?.id ?? named ?? 'default';
  const spare = bundledModel(options.catalogue ?? catalogueFile());
  if (!spare || spare.id === id || options.unusable?.has(spare.id)) throw failure;
  const found = await resolveModel(spare.id, options).catch((cause) => {
    throw spareToo(failure, spare, cause);
  });
  const neverHad =
    named === undefined && notAtHand.includes(failure.code) && (await defaultThatRan(options.env)) !== id;
  return { ...found, why: neverHad ? 'bundled' : 'fallback', instead: { id, entry, failure } };
}

/** Codes that are no fault of a box on which the default has never run. */
const notAtHand = ['MODEL_MISSING', 'MODEL_FETCH_FAILED'];

function objectsModel(entry: ModelEntry): ModelEntry {
  if (entry.task === 'objects') return entry;
  throw errorOf('MODEL_TASK', { model: entry.id, task: entry.task });
}

function spareToo(error: GatehouseError, spare: ModelEntry, cause: unknown): GatehouseError {
  const message = `${error.message} The bundled ${spare.id} cannot take its place (${describeError(cause)})`;
  return toldError({ code: error.code, message, remedy: error.remedy }, error.fault, { cause });
}
