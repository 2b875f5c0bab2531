/**
 * Child process of full-disk.test.ts, run in a mount namespace of its own on a tiny disk: argv[2] is the
 * disk's folder.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError } from '@gatehouse/kit';
import { startRules } from '../../test/fixtures.ts';

const disk = process.argv[2] ?? '';
const bench = startRules(disk);
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
const whileFull = bench.rules.health();
const login = codeOf(() => bench.store.accounts.recordAudit({ at: '', who: 'x'.repeat(100_000), what: '' }));
rmSync(ballast);
await bench.play(50, 55);
const opened = bench.store.incidents({ limit: 9 }).length;
process.stdout.write(JSON.stringify({ whileFull, login, after: bench.rules.health(), opened }));
bench.stop();

function codeOf(write: () => void): string {
  try {
    write();
    return 'written';
  } catch (error) {
    return error instanceof GatehouseError ? error.code : String(error);
  }
}
