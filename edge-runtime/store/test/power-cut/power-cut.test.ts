import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { Disk } from './disk.ts';
import { mayTrace, type Op, traced } from './trace.ts';

const skip = mayTrace() ? false : 'strace is not there or may not trace';
const committer = join(import.meta.dirname, 'committer.ts');
/** Enough commits for SQLite to put its log into the file twice (every 1,000 pages) and to begin it anew. */
const commits = 260;
const cuts = 120;
/** The controls need no more. */
const controlCuts = 40;
const seed = 20261126;

interface Found {
  readonly told: number;
  readonly kept: number;
  readonly fault: string | undefined;
}

/**
 * Traces a store process, cuts the power at seeded points of its trace and reads the remains with plain
 * SQLite.
 */
function cutPower(
  t: TestContext,
  synchronous: 'FULL' | 'NORMAL' | 'OFF',
  cuts: number,
): { found: Found[]; ops: Op[] } {
  const folder = join(scratchFolder(t), 'state');
  mkdirSync(folder);
  const file = join(folder, 'events.db');
  // A box that has run before: the file is there, safely, with its schema and its reserve.
  execFileSync(process.execPath, [committer, file, '0']);
  const before = readdirSync(folder)
    .filter((name) => name.startsWith('events.db') && !name.endsWith('.reserve'))
    .map((name) => [join(folder, name), readFileSync(join(folder, name))] as const);
  const ops = traced(folder, [process.execPath, committer, file, String(commits), synchronous]);
  const random = seededRandom(seed);
  const points = new Set(Array.from({ length: cuts }, () => Math.floor(random() * ops.length)));
  const disk = new Disk(before);
  const found: Found[] = [];
  let told = 0;
  for (const [n, op] of ops.entries()) {
    disk.do(op);
    if (op.kind === 'said') told = Number(op.text.trim());
    if (points.has(n))
      found.push({ told, ...whatIsLeft(join(folder, '..', 'after'), disk.afterCut(random)) });
  }
  return { found, ops };
}

function whatIsLeft(folder: string, files: Map<string, Buffer>): { kept: number; fault: string | undefined } {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [path, bytes] of files) writeFileSync(join(folder, basename(path)), bytes);
  let db: Database.Database | undefined;
  try {
    db = new Database(join(folder, 'events.db'), { fileMustExist: true });
    const check = String(db.pragma('integrity_check', { simple: true }));
    if (check !== 'ok') return { kept: 0, fault: check.slice(0, 80) };
    const count = (sql: string) => Number(db?.prepare(sql).pluck().get() ?? 0);
    const kept = count('SELECT count(*) FROM incidents');
    const parts = [
      count('SELECT count(*) FROM incident_changes'),
      count("SELECT last FROM outbox_heads WHERE class = 'alarm'"),
      count('SELECT count(*) FROM outbox'),
      count("SELECT body FROM engine_state WHERE camera = 'east'"),
      count('SELECT max(CAST(substr(occupancy, 3) AS INTEGER)) FROM incidents'),
    ];
    const half = parts.some((part) => part !== kept);
    return { kept, fault: half ? `half a commit: ${kept} incidents, ${parts.join(', ')}` : undefined };
  } catch (error) {
    return { kept: 0, fault: error instanceof Error ? error.message : String(error) };
  } finally {
    db?.close();
  }
}

const lost = ({ told, kept, fault }: Found) => fault !== undefined || kept < told;

test('after a power cut at any point every commit that was acknowledged is there, whole', { skip }, (t) => {
  const { found, ops } = cutPower(t, 'FULL', cuts);
  assert.ok(found.length >= 100, `${found.length} cuts`);
  t.diagnostic(`${found.length} cuts, ${found.at(-1)?.told} commits told, ${ops.length} calls traced`);
  assert.deepEqual(found.filter(lost), []);
  assert.ok((found.at(-1)?.told ?? 0) > commits * 0.9, 'the cuts go through the whole run');
  const intoTheFile = ops.filter((op) => op.kind === 'sync' && op.path.endsWith('events.db')).length;
  assert.ok(intoTheFile >= 2, `${intoTheFile} checkpoints are among it`);
});

test('the same cuts lose acknowledged commits with synchronous=OFF, and with NORMAL', { skip }, (t) => {
  const off = cutPower(t, 'OFF', controlCuts).found.filter(lost);
  const normal = cutPower(t, 'NORMAL', controlCuts).found.filter(lost);
  t.diagnostic(`of ${controlCuts} cuts lost something: OFF ${off.length}, NORMAL ${normal.length}`);
  assert.ok(off.length > controlCuts / 2, `OFF: ${off.length} cuts lost something`);
  assert.ok(normal.length > controlCuts / 4, `NORMAL: ${normal.length} cuts lost something`);
});
