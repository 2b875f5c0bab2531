import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { moveDurably, moveDurablyAsync, writeDurably, writeDurablyAsync } from '../index.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'durable-'));
});
afterEach(() => {
  mock.restoreAll();
  syncBuiltinESMExports();
  fs.rmSync(folder, { recursive: true, force: true });
});

type Call = 'openSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'renameSync';

/** Lets one call of the file system do something else, also for modules that have imported it by name. */
function replaceCall(name: Call, other: (...args: never[]) => unknown): void {
  mock.method(fs, name, other as never);
  syncBuiltinESMExports();
}

const forms = {
  writeDurably: async (path: string, content: string | Uint8Array) => writeDurably(path, content, 0o600),
  writeDurablyAsync: (path: string, content: string | Uint8Array) => writeDurablyAsync(path, content, 0o600),
};

for (const [name, write] of Object.entries(forms))
  describe(name, () => {
    it('replaces the whole file and leaves nothing beside it', async () => {
      const path = join(folder, 'state.json');
      fs.writeFileSync(path, 'a longer text than the new one');
      await write(path, 'short');
      assert.equal(fs.readFileSync(path, 'utf8'), 'short');
      assert.equal(fs.statSync(path).mode & 0o777, 0o600);
      assert.deepEqual(fs.readdirSync(folder), ['state.json']);
    });

    it('takes neither mode nor target from what was left beside it', async () => {
      const path = join(folder, 'key');
      fs.writeFileSync(join(folder, 'elsewhere'), 'untouched');
      fs.symlinkSync(join(folder, 'elsewhere'), `${path}.new`);
      await write(path, new Uint8Array([1, 2, 3]));
      assert.equal(fs.readFileSync(join(folder, 'elsewhere'), 'utf8'), 'untouched');
      fs.writeFileSync(`${path}.new`, 'torn', { mode: 0o644 });
      await write(path, new Uint8Array([4]));
      assert.equal(fs.lstatSync(path).mode & 0o777, 0o600);
      assert.deepEqual(fs.readFileSync(path), Buffer.from([4]));
    });

    it('throws the own error of the file system where the folder is missing', async () => {
      await assert.rejects(write(join(folder, 'none', 'x'), 'x'), { code: 'ENOENT' });
    });

    it('leaves the old and nothing beside it where the rename fails', async () => {
      const path = join(folder, 'taken');
      fs.mkdirSync(path);
      await assert.rejects(write(path, 'x'), { code: 'EISDIR' });
      assert.deepEqual(fs.readdirSync(folder), ['taken']);
    });
  });

describe('writeDurably', () => {
  it('syncs the bytes before the rename, and the folder after it', () => {
    const path = join(folder, 'x');
    const calls: string[] = [];
    const names = new Map<number, string>();
    const { openSync, fsyncSync, renameSync } = fs;
    replaceCall('openSync', (at: string, flags: string, mode: number) => {
      const descriptor = openSync(at, flags, mode);
      names.set(descriptor, at);
      return descriptor;
    });
    replaceCall('fsyncSync', (descriptor: number) => {
      calls.push(`sync ${names.get(descriptor)}`);
      fsyncSync(descriptor);
    });
    replaceCall('renameSync', (from: string, to: string) => {
      calls.push(`rename ${from} ${to}`);
      renameSync(from, to);
    });
    writeDurably(path, 'x', 0o600);
    assert.deepEqual(calls, [`sync ${path}.new`, `rename ${path}.new ${path}`, `sync ${folder}`]);
  });

  it('goes on where the file system took only a part of the bytes', () => {
    const { writeSync } = fs;
    replaceCall('writeSync', (descriptor: number, bytes: Uint8Array, at: number) =>
      writeSync(descriptor, bytes, at, Math.min(7, bytes.length - at)),
    );
    const text = 'a text of some length, in seven bytes at a time';
    writeDurably(join(folder, 'x'), text, 0o600);
    assert.equal(fs.readFileSync(join(folder, 'x'), 'utf8'), text);
  });

  for (const call of ['writeSync', 'fsyncSync'] as const)
    it(`keeps the old file, closes and leaves nothing beside it where ${call} fails`, () => {
      const path = join(folder, 'x');
      fs.writeFileSync(path, 'old');
      const { closeSync } = fs;
      let closed = 0;
      replaceCall('closeSync', (descriptor: number) => {
        closed++;
        closeSync(descriptor);
      });
      replaceCall(call, () => {
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      });
      assert.throws(() => writeDurably(path, 'new', 0o600), { code: 'ENOSPC' });
      assert.equal(closed, 1);
      assert.equal(fs.readFileSync(path, 'utf8'), 'old');
      assert.deepEqual(fs.readdirSync(folder), ['x']);
    });

  it('dresses the file before it is synced, and keeps the old one where that fails', () => {
    const path = join(folder, 'x');
    writeDurably(path, 'old', 0o600, (descriptor) => fs.fchmodSync(descriptor, 0o640));
    assert.equal(fs.statSync(path).mode & 0o777, 0o640);
    const refuse = () => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    };
    assert.throws(() => writeDurably(path, 'new', 0o600, refuse), { code: 'EPERM' });
    assert.equal(fs.readFileSync(path, 'utf8'), 'old');
    assert.deepEqual(fs.readdirSync(folder), ['x']);
  });
});

describe('writeDurablyAsync', () => {
  it('lets two write the same file under names of their own: one of them is there, whole', async () => {
    const path = join(folder, 'model');
    const texts = ['a'.repeat(300_000), 'b'.repeat(300_000)];
    await Promise.all(texts.map((text, i) => writeDurablyAsync(path, text, 0o644, `${path}.${i}.part`)));
    assert.ok(texts.includes(fs.readFileSync(path, 'utf8')));
    assert.deepEqual(fs.readdirSync(folder), ['model']);
  });
});

for (const [name, move] of [
  ['moveDurably', async (part: string, path: string) => moveDurably(part, path)],
  ['moveDurablyAsync', moveDurablyAsync],
] as const)
  describe(name, () => {
    it('puts a whole file in the place of another', async () => {
      const [part, path] = [join(folder, 'a.part'), join(folder, 'a')];
      fs.writeFileSync(path, 'old');
      fs.writeFileSync(part, 'new');
      await move(part, path);
      assert.equal(fs.readFileSync(path, 'utf8'), 'new');
      assert.deepEqual(fs.readdirSync(folder), ['a']);
    });
    it('leaves both where the rename fails', async () => {
      const [part, path] = [join(folder, 'a.part'), join(folder, 'a')];
      fs.mkdirSync(path);
      fs.writeFileSync(part, 'new');
      await assert.rejects(move(part, path), { code: 'EISDIR' });
      assert.equal(fs.readFileSync(part, 'utf8'), 'new');
    });
  });
