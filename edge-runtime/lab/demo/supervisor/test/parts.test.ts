import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from '../lines.ts';
import { LogFile } from '../log-file.ts';

test('a log file is turned over once at its limit and never holds more than twice that', () => {
  const dir = mkdtempSync(join(tmpdir(), 'log-file-'));
  try {
    const path = join(dir, 'deep', 'a.log');
    const log = new LogFile(path, 100);
    log.open();
    for (let i = 0; i < 30; i++) log.write(`line ${i}`);
    log.close();
    assert.ok(statSync(path).size <= 100);
    assert.ok(statSync(`${path}.1`).size <= 100);
    const kept = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
    assert.match(kept, /line 28\nline 29\n$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('lines are the same however the output is cut, and an endless one is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string().map((s) => s.replaceAll('\n', ' '))), fc.nat(20), (lines, step) => {
      const got: string[] = [];
      const splitter = new LineSplitter((line) => got.push(line));
      const text = lines.map((line) => `${line}\n`).join('');
      for (let at = 0; at < text.length; at += step + 1) splitter.push(text.slice(at, at + step + 1));
      splitter.end();
      assert.deepEqual(got, lines);
    }),
  );
  const got: string[] = [];
  new LineSplitter((line) => got.push(line)).push('x'.repeat(20_000));
  assert.deepEqual(
    got.map((line) => line.length),
    [16 * 1024],
  );
});
