import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { builtPage } from '../build.ts';

const builds = mkdtempSync(join(tmpdir(), 'sim-page-'));
after(() => rmSync(builds, { recursive: true, force: true }));

test('programs that build the page at once all get the same whole page, and leave nothing else', async () => {
  const folders = await Promise.all([builtPage(builds), builtPage(builds), builtPage(builds)]);
  assert.equal(new Set(folders).size, 1);
  const [folder = ''] = folders;
  const script = /src="\/(assets\/[^"]+\.js)"/.exec(readFileSync(join(folder, 'index.html'), 'utf8'))?.[1];
  assert.ok(script, 'the page names its script');
  assert.match(readFileSync(join(folder, script), 'utf8'), /studioPage/);
  assert.deepEqual(readdirSync(builds), [basename(folder)]);
});

test('a build of other sources goes after a day, not before', async () => {
  const [old, recent] = [join(builds, 'old'), join(builds, 'recent')];
  for (const folder of [old, recent]) mkdirSync(folder);
  const dayS = 24 * 3600;
  const nowS = Date.now() / 1000;
  utimesSync(old, nowS, nowS - 1.1 * dayS);
  utimesSync(recent, nowS, nowS - 0.9 * dayS);
  rmSync(await builtPage(builds), { recursive: true });
  const folder = await builtPage(builds);
  assert.deepEqual(readdirSync(builds).sort(), [basename(folder), 'recent'].sort());
});
