/** Child process of full-disk.test.ts, run in a mount namespace of its own on a tiny disk: argv[2] is the disk's folder. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startRecorder } from './fixtures.ts';

const disk = process.argv[2] ?? '';
const bench = startRecorder(disk);
await bench.play(0, 10);
const ballast = join(disk, 'ballast');
const file = openSync(ballast, 'w');
try {
  for (;;) writeSync(file, Buffer.alloc(4096));
} catch (error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
}
closeSync(file);
await bench.play(10, 50);
const whileFull = bench.recorder.health();
rmSync(ballast);
await bench.play(50, 55);
const opened = bench.store.incidents({ limit: 9 }).length;
process.stdout.write(JSON.stringify({ whileFull, after: bench.recorder.health(), opened }));
bench.stop();
