import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTest, sourceFiles } from './source-tree.ts';

const home = 'edge-runtime/runtime/incidents/';

/** Acts that only one file of the runtime may do, and that file. */
const once: readonly (readonly [what: string, pattern: RegExp, file: string])[] = [
  ['commits incidents', /\bstore\.(commit|ingestDeviceEvents)\(/, 'incident-records.ts'],
  ['publishes changes of incidents', /#changes\.publish\(|\bcommitted\b.*\.publish\(/, 'incident-records.ts'],
  ['clears an incident', /\bphase: 'cleared', updatedAt\b/, 'incident-life.ts'],
  ['opens an incident', /\bhandling: \{ state: 'new' \}/, 'incident-life.ts'],
  ['tells the platform of an incident', /\bincidentEntry\(incident\)/, 'incident-life.ts'],
];

test('incidents are opened, cleared, committed and published in one place of the runtime each', () => {
  const files = sourceFiles().filter(({ path }) => path.startsWith('edge-runtime/runtime/') && !isTest(path));
  for (const [what, pattern, file] of once)
    assert.deepEqual(
      files.filter(({ text }) => pattern.test(text)).map(({ path }) => path),
      [home + file],
      what,
    );
});
