import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalogue, catalogue, catalogueFile, modelEntry, objectClasses } from '../index.ts';

/** A copy of the real catalogue that a test may spoil. */
function spoilt(spoil: (file: ReturnType<typeof copy>) => void) {
  const file = copy();
  spoil(file);
  return Catalogue.safeParse(file);
}
const bundled = { default: false, source: { kind: 'bundled', sureFrom: 0.45 } } as const;
const accuracy = (all: number) => ({
  vehicle: { precision: all, recall: all },
  person: { precision: all, recall: all },
});
const copy = () => structuredClone(catalogueFile()) as { [K in keyof Catalogue]: Catalogue[K] };

test('every model is pinned by size, SHA-256, commit and licence', () => {
  assert.ok(catalogue().length >= 8);
  for (const { source, bytes, sha256, licence } of catalogue()) {
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.ok(bytes > 100_000 && licence.length > 0);
    if (source.kind === 'upstream')
      assert.match(source.url, /^https:\/\/raw\.githubusercontent\.com\/[^/]+\/[^/]+\/[0-9a-f]{40}\//);
  }
});

test('the default for objects is found without a name, and an unknown name says which there are', () => {
  assert.equal(modelEntry().task, 'objects');
  assert.ok(modelEntry().default);
  assert.throws(() => modelEntry('yolo-9000'), {
    code: 'MODEL_UNKNOWN',
    remedy: /yolox-nano-416, yolox-nano-dyn/,
  });
});

test('COCO indices 0, 1, 2, 3, 5 and 7 are what the rules know, and no others', () => {
  const classes = objectClasses(modelEntry('yolox-nano-416'));
  assert.equal(classes.length, 80);
  assert.deepEqual(
    classes.flatMap((name, index) => (name ? [[index, name]] : [])),
    [
      [0, 'person'],
      [1, 'bicycle'],
      [2, 'car'],
      [3, 'motorcycle'],
      [5, 'bus'],
      [7, 'truck'],
    ],
  );
});

test('a wrong catalogue is refused', () => {
  const first = modelEntry('yolox-nano-416');
  assert.ok(spoilt(() => undefined).success);
  const mistakes: Record<string, (file: ReturnType<typeof copy>) => void> = {
    'an unknown key': (file) => Object.assign(file.models[0] ?? {}, { sha265: 'x' }),
    'a short hash': (file) => Object.assign(file.models[0] ?? {}, { sha256: 'abc' }),
    'a second entry of one id': (file) => file.models.push(first),
    'a second default for objects': (file) => {
      for (const model of file.models) if (model.task === 'objects') model.default = true;
    },
    'a label set that is not there': (file) => Object.assign(file.models[0] ?? {}, { labels: 'coco-91' }),
    'an address that is not the pinned commit': (file) =>
      Object.assign(file.models[0]?.source ?? {}, { url: 'https://example.org/main/model.onnx' }),
    'an address without TLS': (file) => {
      const source = file.models[0]?.source;
      if (source?.kind === 'upstream') source.url = source.url.replace('https:', 'http:');
    },
    'a derivation from nothing': (file) => {
      for (const { source } of file.models) if (source.kind === 'derived') source.from = 'nothing';
    },
    'a second bundled model for objects': (file) =>
      file.models.push(...['a', 'b'].map((id) => ({ ...first, id, file: `${id}.onnx`, ...bundled }))),
    'a default that was measured worse than the bundled model': (file) => {
      file.measured = { clips: 1, frames: 10, command: 'evaluate' };
      for (const model of file.models) model.accuracy = accuracy(model.default ? 0.5 : 0.9);
      file.models.push({ ...first, id: 'own', file: 'own.onnx', ...bundled, accuracy: accuracy(0.6) });
    },
    'an accuracy that nobody says where it was measured': (file) => {
      file.measured = undefined;
      Object.assign(file.models[0] ?? {}, { accuracy: accuracy(0.5) });
    },
    'a licence that is not allowed': (file) =>
      Object.assign(file.models[0] ?? {}, { licence: 'GPL-3.0-only' }),
  };
  for (const [name, spoil] of Object.entries(mistakes))
    assert.equal(spoilt(spoil).success, false, `${name} was let through`);
});
