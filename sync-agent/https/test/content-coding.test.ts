import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { systemCode } from '@gatehouse/kit';
import fc from 'fast-check';
import { decoded } from '../content-coding.ts';

const limit = 16 * 1024;
const encoders: Readonly<Record<string, (plain: Uint8Array) => Uint8Array>> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  identity: (plain) => plain,
};

test('what any coding that a server may name makes of an answer is read back', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 2000 }),
      fc.array(fc.constantFrom(...Object.keys(encoders)), { maxLength: 2 }),
      fc.boolean(),
      (bytes, names, shout) => {
        const plain = Buffer.from(bytes);
        const coded = names.reduce<Uint8Array>((body, name) => encoders[name]?.(body) ?? body, plain);
        const header = names.map((name) => (shout ? name.toUpperCase() : name)).join(' , ');
        assert.deepEqual(decoded(Buffer.from(coded), header, limit), plain);
      },
    ),
    { seed: 21, numRuns: 300 },
  );
  assert.equal(decoded(Buffer.from('plain'), undefined, limit).toString(), 'plain');
});

test('deflate without its zlib header, as some servers send it, is read as well', () => {
  const plain = Buffer.from(JSON.stringify({ acks: [] }).repeat(20));
  assert.deepEqual(decoded(deflateRawSync(plain), 'deflate', limit), plain);
});

test('an answer without a body has nothing to decode, whatever its header says', () => {
  assert.equal(decoded(Buffer.alloc(0), 'gzip', limit).length, 0);
});

test('an answer that grows over the limit is refused before it fills memory, in any coding', () => {
  const vast = Buffer.alloc(64 * 1024 * 1024);
  for (const name of ['gzip', 'deflate', 'br', 'zstd']) {
    const coded = Buffer.from(encoders[name]?.(vast) ?? vast);
    const before = process.memoryUsage().arrayBuffers;
    assert.throws(
      () => decoded(coded, name, limit),
      (error) => systemCode(error) === 'BODY_TOO_LARGE',
    );
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024, name);
  }
  const twice = gzipSync(gzipSync(vast));
  assert.throws(
    () => decoded(twice, 'gzip, gzip', limit),
    (error) => systemCode(error) === 'BODY_TOO_LARGE',
  );
});

test('what cannot be decoded is named: an unknown coding, a cut or damaged body, more than two codings', () => {
  const coded = gzipSync(Buffer.from('an answer'));
  const cases: readonly (readonly [Buffer, string])[] = [
    [coded, 'compress'],
    [coded, 'gzip, gzip, gzip'],
    [coded.subarray(0, -4), 'gzip'],
    [Buffer.from('plain text'), 'gzip'],
    [Buffer.from('plain text'), 'br'],
    [coded, 'br'],
  ];
  for (const [body, header] of cases)
    assert.throws(
      () => decoded(body, header, limit),
      (error) => systemCode(error) === 'BODY_CODING',
      header,
    );
});
