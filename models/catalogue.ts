import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectClass } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import { z } from 'zod';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hexadecimal digits');
const ModelId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

/** What a model looks for. */
export const ModelTask = z.enum(['objects', 'faces']);
export type ModelTask = z.infer<typeof ModelTask>;

/** Models of one family share input names, outputs and decoding. */
export const ModelFamily = z.enum(['yolox', 'deimv2', 'fastestdet', 'yunet', 'ulfg']);
export type ModelFamily = z.infer<typeof ModelFamily>;

/** A file of a public repository, pinned to a commit. */
const UpstreamSource = z
  .strictObject({
    kind: z.literal('upstream'),
    repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    commit: z.string().regex(/^[0-9a-f]{40}$/),
    path: z.string().min(1),
    url: z.url({ protocol: /^https$/ }),
  })
  .refine(({ repository, commit, path, url }) => url.endsWith(`/${repository}/${commit}/${path}`), {
    path: ['url'],
    message: 'must end with the repository, the commit and the path',
  });

/** A file made on the box out of another entry's; `sha256` of the entry pins the outcome. */
const DerivedSource = z.strictObject({
  kind: z.literal('derived'),
  from: ModelId,
  derive: z.enum(['free-input-size']),
  changes: z.string().min(1),
});

/** How a picture becomes the input tensor, float32 NCHW of batch 1: value = (byte - mean) / divisor. */
export const ModelInput = z.strictObject({
  /** Pixels; where `multipleOf` is given, only what is used if nobody asks for another size. */
  width: z.int().min(32).max(4096),
  height: z.int().min(32).max(4096),
  /** Present if width and height are free multiples of this. */
  multipleOf: z.int().min(1).optional(),
  fit: z.enum(['letterbox', 'stretch']),
  /** Grey level 0-255 right of and below a letterboxed picture. */
  pad: z.int().min(0).max(255),
  channels: z.enum(['bgr', 'rgb']),
  mean: z.number().min(0).max(255),
  divisor: z.number().min(1).max(255),
});
export type ModelInput = z.infer<typeof ModelInput>;

export const ModelEntry = z.strictObject({
  id: ModelId,
  task: ModelTask,
  family: ModelFamily,
  /** True for the one model of its task that is used when a site names none. */
  default: z.boolean().default(false),
  /** Name of the file in the cache and in a mirror. */
  file: z.string().regex(/^[\w.-]+\.onnx$/),
  bytes: z
    .int()
    .min(1)
    .max(64 * 1024 * 1024),
  sha256: Sha256,
  source: z.discriminatedUnion('kind', [UpstreamSource, DerivedSource]),
  /** SPDX identifier; the texts stand in models/THIRD-PARTY-NOTICES.md. */
  licence: z.enum(['Apache-2.0', 'BSD-3-Clause', 'MIT']),
  attribution: z.string().min(1),
  input: ModelInput,
  /** Lowest score that counts, and the overlap above which the lower of two boxes of one class is dropped. */
  threshold: z.number().min(0.01).max(1),
  nmsIou: z.number().min(0.01).max(1),
  labels: z.string(),
});
export type ModelEntry = z.infer<typeof ModelEntry>;

/** Names of a model's outputs in their order, and which of them the rules know under which class. */
export const LabelSet = z.strictObject({
  names: z.array(z.string().min(1)).min(1),
  classes: z.record(z.string(), ObjectClass),
});
export type LabelSet = z.infer<typeof LabelSet>;

/** The whole catalogue file: unknown keys, double names, dangling references and a second default are errors. */
export const Catalogue = z
  .strictObject({
    version: z.literal(1),
    labelSets: z.record(z.string(), LabelSet),
    models: z.array(ModelEntry).min(1),
  })
  .superRefine(({ labelSets, models }, context) => {
    const complain = (index: number, message: string) =>
      context.addIssue({ code: 'custom', path: ['models', index], message });
    for (const [index, model] of models.entries()) {
      const { id, file, source, labels, task } = model;
      if (models.findIndex((other) => other.id === id || other.file === file) < index)
        complain(index, `${id}: id or file stands twice`);
      if (!labelSets[labels]) complain(index, `${id}: no label set "${labels}"`);
      if (source.kind === 'derived' && !isUpstream(models, source.from))
        complain(index, `${id}: derived from "${source.from}", which is no upstream model here`);
      if (model.default && models.findIndex((other) => other.default && other.task === task) < index)
        complain(index, `${id}: second default for ${task}`);
    }
    for (const [name, { names, classes }] of Object.entries(labelSets))
      for (const label of Object.keys(classes).filter((key) => !names.includes(key)))
        context.addIssue({ code: 'custom', path: ['labelSets', name], message: `no label "${label}"` });
  });
export type Catalogue = z.infer<typeof Catalogue>;

function isUpstream(models: readonly ModelEntry[], id: string): boolean {
  return models.some((other) => other.id === id && other.source.kind === 'upstream');
}

let loaded: Catalogue | undefined;

/** The catalogue file of this version of the box, read and checked once. */
export function catalogueFile(): Catalogue {
  loaded ??= Catalogue.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'catalog.json'), 'utf8')));
  return loaded;
}

/** The models that this version of the box knows. */
export function catalogue(): readonly ModelEntry[] {
  return catalogueFile().models;
}

/** The entry of a model, or of the default one for objects; throws `MODEL_UNKNOWN`, naming the models there are. */
export function modelEntry(id?: string, from: Catalogue = catalogueFile()): ModelEntry {
  const entry = from.models.find((model) =>
    id === undefined ? model.default && model.task === 'objects' : model.id === id,
  );
  if (entry) return entry;
  throw new GatehouseError(
    'MODEL_UNKNOWN',
    'input',
    `the catalogue has no model "${id ?? 'default'}".`,
    `Use one of: ${from.models.map((model) => model.id).join(', ')}.`,
  );
}

/** For each output index of a model the class that rules know it under, or `undefined` for one they do not know. */
export function objectClasses(
  entry: ModelEntry,
  from: Catalogue = catalogueFile(),
): (ObjectClass | undefined)[] {
  const set = from.labelSets[entry.labels];
  return set ? set.names.map((name) => set.classes[name]) : [];
}
