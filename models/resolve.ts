import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorOf, GatehouseError, stateDir } from '@gatehouse/kit';
import type { Catalogue, ModelEntry } from './catalogue.ts';
import { catalogueFile, modelEntry } from './catalogue.ts';
import { freeInputSize } from './derive/free-input-size.ts';
import type { Download } from './download.ts';
import { download } from './download.ts';
import { readModelFile, sha256Of, storeModelFile } from './model-file.ts';

export interface ResolveOptions {
  /**
   * True to download what neither the cache nor the mirror has; false by default: a box at work asks no one.
   */
  readonly fetch?: boolean;
  readonly signal?: AbortSignal;
  /** Where `GATEHOUSE_STATE_DIR` and `GATEHOUSE_MODEL_MIRROR` are read from. */
  readonly env?: NodeJS.ProcessEnv;
  readonly catalogue?: Catalogue;
  readonly download?: Download;
  /** Folder of the bundled models; `models/bundled` by default. */
  readonly bundled?: string;
}

export interface ResolvedModel {
  readonly entry: ModelEntry;
  /** A file in the cache, or a bundled one, whose SHA-256 was right a moment ago. */
  readonly file: string;
  /** Where it came from this time. */
  readonly origin: 'bundled' | 'cache' | 'mirror' | 'download' | 'derived';
  /** Present if the cache held a damaged file that was replaced: worth a warning, the disk may be failing. */
  readonly replaced?: string;
}

/** Derivations by their catalogue name: pure functions from the base model's bytes to the derived one's. */
const derivations = { 'free-input-size': freeInputSize };

/** Where models are kept: `<state>/models/`. */
export function modelCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(stateDir(env), 'models');
}

/** The folder that models are taken from instead of the internet, if one is named. */
export function modelMirror(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.GATEHOUSE_MODEL_MIRROR ? resolve(env.GATEHOUSE_MODEL_MIRROR) : undefined;
}

/** Where a model's file is or would be: in the cache, or where this software keeps its own. */
export function modelPlace(entry: ModelEntry, { env = process.env, bundled }: ResolveOptions = {}): string {
  const own = bundled ?? join(import.meta.dirname, 'bundled');
  return join(entry.source.kind === 'bundled' ? own : modelCache(env), entry.file);
}

/**
 * Finds a model (the default for objects if none is named) and makes sure it is the catalogue's, byte for
 * byte. A bundled one is among the software's own files; any other is looked for in the cache, then in the
 * mirror, then, only when told to `fetch`, downloaded; a derived model is made from its base. What was found
 * elsewhere is copied into the cache, so that the box does not depend on a mirror or the internet from then
 * on.
 *
 * Throws `MODEL_UNKNOWN`; `MODEL_MISSING` naming the places looked in and the remedy; `MODEL_CORRUPT` naming
 * file, expected and found hash (a damaged file in the cache is replaced if a good one can be had);
 * `MODEL_FETCH_FAILED`; `MODEL_CACHE_UNWRITABLE`.
 */
export async function resolveModel(id?: string, options: ResolveOptions = {}): Promise<ResolvedModel> {
  const entry = modelEntry(id, options.catalogue ?? catalogueFile());
  const file = modelPlace(entry, options);
  const damage = await damageOf(entry, file);
  const bundled = entry.source.kind === 'bundled';
  if (damage === undefined) return { entry, file, origin: bundled ? 'bundled' : 'cache' };
  if (bundled) throw damage;
  const replaced = damage.code === 'MODEL_MISSING' ? undefined : damage.message;
  const found = await elsewhere(entry, options).catch((error) => {
    // The damaged file is what a person has to hear about; that there is no other copy is why it was not
    // replaced.
    if (replaced !== undefined && isMissing(error)) throw damage;
    throw error;
  });
  await storeModelFile(entry, file, found.bytes);
  return { entry, file, origin: found.origin, ...(replaced === undefined ? {} : { replaced }) };
}

async function damageOf(entry: ModelEntry, file: string): Promise<GatehouseError | undefined> {
  try {
    await readModelFile(entry, file);
    return undefined;
  } catch (error) {
    if (error instanceof GatehouseError) return error;
    throw error;
  }
}

interface Found {
  readonly origin: ResolvedModel['origin'];
  readonly bytes: Uint8Array;
}

async function elsewhere(entry: ModelEntry, options: ResolveOptions): Promise<Found> {
  const { env = process.env } = options;
  if (entry.source.kind === 'derived') return { origin: 'derived', bytes: await derive(entry, options) };
  const mirror = modelMirror(env);
  if (mirror !== undefined) {
    const file = join(mirror, entry.file);
    if (await exists(file)) return { origin: 'mirror', bytes: await readModelFile(entry, file) };
  }
  if (options.fetch !== true || entry.source.kind !== 'upstream') throw missing(entry, mirror, env);
  const bytes = await (options.download ?? download)(entry, entry.source.url, options.signal);
  return { origin: 'download', bytes };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Makes a derived model from its base; the catalogue pins what must come out. */
async function derive(entry: ModelEntry, options: ResolveOptions): Promise<Uint8Array> {
  if (entry.source.kind !== 'derived') throw new TypeError(`${entry.id} is not a derived model`);
  const base = await resolveModel(entry.source.from, options);
  const bytes = derivations[entry.source.derive](await readModelFile(base.entry, base.file));
  const found = sha256Of(bytes);
  if (found !== entry.sha256)
    throw errorOf('MODEL_DERIVE_MISMATCH', {
      model: entry.id,
      base: base.entry.id,
      found,
      sha256: entry.sha256,
    });
  return bytes;
}

function isMissing(error: unknown): boolean {
  return error instanceof GatehouseError && error.code === 'MODEL_MISSING';
}

function missing(entry: ModelEntry, mirror: string | undefined, env: NodeJS.ProcessEnv): GatehouseError {
  const places = [modelCache(env), mirror ?? 'no mirror (GATEHOUSE_MODEL_MIRROR is not set)'];
  return errorOf('MODEL_MISSING', { model: entry.id, file: entry.file, places: places.join(' and ') });
}
