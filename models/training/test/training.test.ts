import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const python = '/usr/bin/python3';
const skip = existsSync('/usr/lib/python3/dist-packages/torch') ? false : 'python3-torch is not installed';

test('the training code does what its own tests say', { skip }, async () => {
  const folder = join(import.meta.dirname, '..');
  const { stderr } = await promisify(execFile)(
    python,
    ['-B', '-m', 'unittest', 'gatehouse_detector.test_detector'],
    {
      cwd: folder,
    },
  );
  assert.match(stderr, /^OK$/m);
});
