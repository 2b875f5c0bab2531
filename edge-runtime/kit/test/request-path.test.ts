import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasDotSegment } from '../request-path.ts';

test('a dot segment is found in every form', () => {
  for (const path of [
    ...['/..', '/.', '/a/..', '/a/../b', '/a/./b', '../a', '/flows/../gatehouse/flows'],
    ...['/%2e%2e/b', '/%2E%2e/b', '/.%2e/b', '/a/%2E', '/a%2f..%2fb', '/a/..%2Fb'],
    ...['/%252e%252e/b', '/%25252e./b', '/%2525252e%2e/b', '/a%255c..%255cb'],
    ...['/a\\..\\b', '\\..', '/a/..\\b', '/..;a=1/b', '/.;/b', '/..%3ba/b', '/a/..%3fb', '/..%23'],
    ...[
      '/.%00./b',
      '/.%09./b',
      '/..%20/b',
      '/%c0%ae%c0%ae/b',
      '/a%c0%af../b',
      '/%e0%80%ae./b',
      '/a%c1%9c../b',
    ],
    ...['http://127.0.0.1/../b', '/a/../?x=1', '/a/..#b'],
  ])
    assert.equal(hasDotSegment(path), true, path);
});

test('names with dots in them, and what stands in a query, are none', () => {
  for (const path of [
    ...[
      '/',
      '',
      '*',
      '/a.b',
      '/.well-known/x',
      '/...',
      '/a../b',
      '/..a',
      '/a/b.min.js',
      '/%2e%2ea',
      '/a;..',
      '/a%',
    ],
    ...['/a?x=../b', '/a?..', '/a#/../b', '/%e4%b8%ad/%ff', '/api/cameras/%c0%af/still', '/a%2', '/a%zz/b'],
  ])
    assert.equal(hasDotSegment(path), false, path);
});

test('whatever a URL parser resolves away was a dot segment', () => {
  const piece = fc.constantFrom('a', '.', '..', '%2e', '%2E', '/', '\\', ';x', '%2f', '\t');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = `/x/${pieces.join('')}`;
      const resolved = new URL(path, 'http://box').pathname;
      const plain = path.replaceAll('\\', '/').replaceAll('\t', '');
      if (resolved !== plain) assert.equal(hasDotSegment(path), true, path);
    }),
    { seed: 5, numRuns: 3000 },
  );
});
