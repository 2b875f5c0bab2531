import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectClass } from '@gatehouse/contracts';
import { nothingCalled } from '@gatehouse/kit';
import { z } from 'zod';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hexadecimal digits');
const ModelId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

/** The things that a model looks for. */
export const ModelTask = z.enum(['objects', 'faces']);
export type ModelTask = z.infer<typeof ModelTask>;

/** Models of one family share input names, outputs and decoding. */
export const ModelFamily = z.enum(['yolox', 'deimv2', 'fastestdet', 'gatehouse', 'yunet', 'ulfg']);
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

/**
 * A file of this repository, below `models/bundled`: at hand on every box, without a mirror or the internet.
 */
const BundledSource = z.strictObject({
  kind: z.literal('bundled'),
  /** Score from which it is sure enough of a thing that an alarm about its stay may rest on it alone. */
  sureFrom: z.number().min(0).max(1),
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

const Share = z.number().min(0).max(1);
const ClassAccuracy = z.strictObject({ precision: Share, recall: Share });

/**
 * How well a model does at its threshold and input size, on the frames that the catalogue's `measured` names.
 */
export const Accuracy = z.strictObject({
  /** Cars, buses and trucks as one class. */
  vehicle: ClassAccuracy,
  person: ClassAccuracy,
});
export type Accuracy = z.infer<typeof Accuracy>;

/**
 * Where the `accuracy` of every entry comes from: one set of real frames that no model of ours was trained
 * on.
 */
const Measured = z.strictObject({
  clips: z.int().min(1),
  frames: z.int().min(1),
  /** Prints the figures, where the clips are at hand. */
  command: z.string().min(1),
});

export const ModelEntry = z.strictObject({
  id: ModelId,
  task: ModelTask,
  family: ModelFamily,
  /** True for the one model of its task that is used when a site names none. */
  default: z.boolean().default(false),
  /** Name of the file in the cache and in a mirror, or below `models/bundled`. */
  file: z.string().regex(/^[\w.-]+\.onnx$/),
  bytes: z
    .int()
    .min(1)
    .max(64 * 1024 * 1024),
  sha256: Sha256,
  source: z.discriminatedUnion('kind', [UpstreamSource, DerivedSource, BundledSource]),
  /** SPDX identifier; the texts stand in models/THIRD-PARTY-NOTICES.md. */
  licence: z.enum(['Apache-2.0', 'BSD-3-Clause', 'MIT']),
  attribution: z.string().min(1),
  input: ModelInput,
  /** Lowest score that counts, and the overlap above which the lower of two boxes of one class is dropped. */
  threshold: z.number().min(0.01).max(1),
  nmsIou: z.number().min(0.01).max(1),
  labels: z.string(),
  /** Measures that `doctor` and the console quote; absent if nobody has measured them. */
  accuracy: Accuracy.optional(),
});
export type ModelEntry = z.infer<typeof ModelEntry>;

/** Names of a model's outputs in their order, and which of them the rules know under which class. */
export const LabelSet = z.strictObject({
  names: z.array(z.string().min(1)).min(1),
  classes: z.record(z.string(), ObjectClass),
});
export type LabelSet = z.infer<typeof LabelSet>;

/**
 * The whole catalogue file: unknown keys, double names, dangling references and a second default are errors.
 */
export const Catalogue = z
  .strictObject({
    version: z.literal(1),
    labelSets: z.record(z.string(), LabelSet),
    measured: Measured.optional(),
    models: z.array(ModelEntry).min(1),
  })
  .superRefine(({ labelSets, measured, models }, context) => {
    const complain = (index: number, message: string) =>
      context.addIssue({ code: 'custom', path: ['models', index], message });
    for (const [index, model] of models.entries()) {
      const { id, file, source, labels, accuracy } = model;
      const before = models.slice(0, index);
      if (before.some((other) => other.id === id || other.file === file))
        complain(index, `${id}: id or file stands twice`);
      if (!labelSets[labels]) complain(index, `${id}: no label set "${labels}"`);
      if (source.kind === 'derived' && !isUpstream(models, source.from))
        complain(index, `${id}: derived from "${source.from}", which is no upstream model here`);
      if (accuracy && !measured) complain(index, `${id}: an accuracy, but "measured" says not on what`);
      for (const fault of rivalry(model, before)) complain(index, `${id}: ${fault}`);
    }
    for (const fault of wrongDefaults(models))
      context.addIssue({ code: 'custom', path: ['models'], message: fault });
    for (const [name, { names, classes }] of Object.entries(labelSets))
      for (const label of Object.keys(classes).filter((key) => !names.includes(key)))
        context.addIssue({ code: 'custom', path: ['labelSets', name], message: `no label "${label}"` });
  });
export type Catalogue = z.infer<typeof Catalogue>;

/** One default and one bundled model a task, so that which one runs needs no further rule. */
function rivalry(model: ModelEntry, before: readonly ModelEntry[]): string[] {
  const rivals = before.filter(({ task }) => task === model.task);
  const { task } = model;
  return [
    ...(model.default && rivals.some((other) => other.default) ? [`second default for ${task}`] : []),
    ...(isBundled(model) && rivals.some(isBundled) ? [`second bundled model for ${task}`] : []),
  ];
}

/**
 * The default is chosen by measurement: one that was measured worse than the bundled model of its task is a
 * mistake.
 */
function wrongDefaults(models: readonly ModelEntry[]): string[] {
  return models
    .filter((model) => model.default)
    .flatMap(({ id, task, accuracy }) => {
      const bundled = models.find((model) => model.task === task && isBundled(model));
      if (!accuracy || !bundled?.accuracy || meanF1(accuracy) >= meanF1(bundled.accuracy)) return [];
      return [`${id} is the default, but ${bundled.id} was measured better`];
    });
}

function meanF1({ vehicle, person }: Accuracy): number {
  const f1 = ({ precision, recall }: Accuracy['person']) =>
    precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return (f1(vehicle) + f1(person)) / 2;
}

function isBundled({ source }: ModelEntry): boolean {
  return source.kind === 'bundled';
}

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

/**
 * The entry of a model, or of the default one for objects; throws `MODEL_UNKNOWN`, naming the models there
 * are.
 */
export function modelEntry(id?: string, from: Catalogue = catalogueFile()): ModelEntry {
  const entry = from.models.find((model) =>
    id === undefined ? model.default && model.task === 'objects' : model.id === id,
  );
  if (entry) return entry;
  throw nothingCalled(
    'MODEL_UNKNOWN',
    id ?? 'default',
    from.models.map((model) => model.id),
  );
}

/** The model for objects that is part of the software, or `undefined` if this catalogue has none. */
export function bundledModel(from: Catalogue = catalogueFile()): ModelEntry | undefined {
  return from.models.find((model) => model.task === 'objects' && isBundled(model));
}

/**
 * For each output index of a model the class that rules know it under, or `undefined` for one they do not
 * know.
 */
export function objectClasses(
  entry: ModelEntry,
  from: Catalogue = catalogueFile(),
): (ObjectClass | undefined)[] {
  const set = from.labelSets[entry.labels];
  return set ? set.names.map((name) => set.classes[name]) : [];
}
