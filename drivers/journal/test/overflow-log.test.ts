import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { OverflowLog } from '../overflow-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-overflow-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newPath = () => join(folder, `${++files}.overflow`);

function opened(path = newPath()) {
  const log = new OverflowLog(path);
  const { existed, texts } = log.open();
  return { path, log, existed, texts };
}

test('it takes its room at once, and its size never changes', () => {
  const { path, log, existed, texts } = opened();
  assert.deepEqual([existed, texts], [false, []]);
  const { size, blocks } = statSync(path);
  assert.ok(blocks * 512 >= size, 'a sparse file would hold nothing');
  for (let i = 0; i < 200; i++) assert.ok(log.append([`{"i":${i}}`.padEnd(500)], 1));
  assert.equal(statSync(path).size, size);
  log.close();
});

test('what was kept is found by the next, in order, until it has been taken over', () => {
  const { path, log } = opened();
  log.append(['a', 'b'], 1);
  log.append(['ü', '火'], 1);
  log.close();
  const second = opened(path);
  assert.deepEqual([second.existed, second.texts], [true, ['a', 'b', 'ü', '火']]);
  second.log.append(['c'], 1);
  second.log.reset();
  second.log.append(['d'], 1);
  second.log.close();
  assert.deepEqual(opened(path).texts, ['d'], 'what is behind it is of an earlier generation');
});

test('a text that does not fit is refused as a whole, and a share of the room is kept for others', () => {
  const { log } = opened();
  const chunk = 'x'.repeat(10_000);
  let others = 0;
  while (log.append([chunk], 0.75)) others++;
  let persons = 0;
  while (log.append([chunk], 1)) persons++;
  assert.ok(persons > 0 && Math.abs(others / persons - 3) < 0.2, `${others} and ${persons}`);
  assert.equal(log.append([chunk, chunk], 1), false);
  assert.equal(log.append(['small'], 1), true);
  assert.equal(log.records, others + persons + 1);
});

/** Where records begin. */
const recordsAt = 3 * 4096;

test('whatever a power cut leaves of the last write, all before it is whole and nothing else is found', () => {
  const path = newPath();
  fc.assert(
    fc.property(
      fc.array(
        fc.array(
          fc.string({ maxLength: 300 }).map((text) => `"${text}`),
          { minLength: 1, maxLength: 4 },
        ),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (writes, share) => {
        const { log } = opened(path);
        log.reset();
        const last = writes.at(-1) ?? [];
        for (const texts of writes.slice(0, -1)) assert.ok(log.append(texts, 1));
        const before = readFileSync(path);
        assert.ok(log.append(last, 1));
        log.close();
        const whole = readFileSync(path);
        const changed = before.findIndex((byte, at) => at >= recordsAt && byte !== whole[at]);
        const length = last.reduce((sum, text) => sum + 8 + Buffer.byteLength(text), 0);
        const torn = Buffer.from(before);
        whole.copy(torn, changed, changed, changed + Math.floor(length * share));
        writeFileSync(path, torn);
        const found = opened(path);
        found.log.close();
        const kept = writes.slice(0, -1).flat();
        assert.deepEqual(found.texts.slice(0, kept.length), kept);
        assert.deepEqual(found.texts.slice(kept.length), last.slice(0, found.texts.length - kept.length));
      },
    ),
    { numRuns: 60, seed: 20261130 },
  );
});

test('one header that a power cut has torn is made up for by the other', () => {
  for (const header of [0, 4096]) {
    const { path, log } = opened();
    log.reset();
    log.append(['kept'], 1);
    log.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, header, header + 100);
    writeFileSync(path, bytes);
    assert.deepEqual(opened(path).texts, ['kept']);
  }
});

test('the newest expiry is found by the next process of the same boot, never an older one', () => {
  const { path, log } = opened();
  assert.equal(log.newestExpiryMs(), 0);
  for (const expiryMs of [5_000, 9_000, 7_000]) log.noteExpiry(expiryMs);
  log.close();
  const second = opened(path);
  assert.equal(second.log.newestExpiryMs(), 9_000);
  second.log.close();
  const bytes = readFileSync(path);
  const at = bytes.indexOf('"boot":"');
  bytes.write('0', at + 8);
  writeFileSync(path, bytes);
  assert.equal(opened(path).log.newestExpiryMs(), undefined, 'after another boot, or torn, it is not known');
});

test('where no file can be had nothing is kept, and nothing is thrown', () => {
  const { log, existed, texts } = opened(join(folder, 'no', 'such', 'folder'));
  assert.deepEqual([existed, texts, log.append(['a'], 1), log.freeBytes], [false, [], false, 0]);
  assert.equal(log.newestExpiryMs(), undefined);
  assert.ok(!existsSync(join(folder, 'no')));
});
