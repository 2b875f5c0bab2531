/**
 * Store bench, a part of the sync bench: the cost of a backlog of a million unsent events. Opening, reading
 * batches, acknowledging and deleting half of them while alarms are committed, memory, and the gain from
 * grouping commits. Floor in the same run: raw SQLite with the same settings and bodies
 * (floors/store-floor.ts).
 *
 * `npm run bench -- sync --part store [--rows N]`; JSON lines on stdout, exit code 1 when a target is missed.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type DeviceEvent, defaultStoreSettings, type Incident } from '@gatehouse/contracts';
import { systemClock } from '@gatehouse/kit';
import { EventStore, type IncidentWrite } from '@gatehouse/store';
import { rawWriter, type StoreFloor, storeFloor } from './floors/store-floor.ts';

const mostBlockedMs = 50;
const small = 1_000;
const quotaMiB = { ...defaultStoreSettings.quotaMiB, telemetry: 16_384 };
const settings = { ...defaultStoreSettings, quotaMiB };
const at = '2026-11-26T03:00:00.000+08:00';

/** Runs the whole part; `rows` unsent events in the end. */
export async function storeBench(rows: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-store-bench-'));
  try {
    const file = join(folder, 'events.db');
    let store = openStore(file);
    // Turn by turn, because the disk is not the same for long on a shared machine.
    const raw = rawWriter(join(folder, 'raw.db'), JSON.stringify(alarm()));
    const pairs = Array.from(
      { length: 1000 },
      () => [took(() => store.commit([alarm()])), took(raw.write)] as const,
    );
    raw.close();
    const singles = pairs.map(([ours]) => ours);
    const rawSingles = pairs.map(([, floor]) => floor);
    fill(store, small);
    const few = batches(store, small);
    const groupedPerS = fill(store, rows - small);
    const [event] = store.outboxBatch('telemetry', 0, 1).events;
    const floor = storeFloor(join(folder, 'floor.db'), rows, JSON.stringify(event));
    report('alarm-commit-p50', percentile(singles, 0.5), 'ms', percentile(rawSingles, 0.5));
    report('alarm-commit-p99', percentile(singles, 0.99), 'ms', percentile(rawSingles, 0.99), mostBlockedMs);
    report('device-events-200-a-commit', deviceEvents(store, 200), 'rows/s');
    report('device-events-1-a-commit', deviceEvents(store, 1), 'rows/s');
    report('grouped-commit', groupedPerS, 'rows/s', floor.groupedPerS);
    report('single-commit', 1000 / mean(singles), 'rows/s', 1000 / mean(rawSingles));

    store.stop();
    const openedMs = took(() => {
      store = openStore(file);
    });
    report(`open-with-${rows}`, openedMs, 'ms', floor.open, 1_000);
    readAll(store, rows, few, floor);
    await acknowledgeHalf(store, rows, floor, rawSingles);
    store.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function openStore(file: string): EventStore {
  const store = new EventStore({ file, box: 'bench', clock: systemClock, settings });
  store.start();
  return store;
}

/** Rows a second through the group commit. */
function fill(store: EventStore, count: number): number {
  const beganMs = performance.now();
  const data = { device: 'temperature-in-the-cabinet', comms: 'ok' };
  for (let n = 0; n < count; n++)
    store.tell({ eventclass: 'telemetry', type: 'gatehouse.device-comms.v1', time: at, data });
  return (count / (performance.now() - beganMs)) * 1000;
}

/** Rows a second of a burst of the drivers' events, so many in a commit. */
function deviceEvents(store: EventStore, inCommit: number): number {
  const rounds = inCommit === 1 ? 500 : 20;
  const burst = Array.from({ length: rounds }, () =>
    Array.from({ length: inCommit }, (): DeviceEvent => {
      return { type: 'comms', id: randomUUID(), sequence: 1, at, device: 'barrier', comms: 'lost' };
    }),
  );
  const outbox = { eventclass: 'door', type: 'gatehouse.device-comms.v1', time: at, data: {} } as const;
  const tookMs = took(() => {
    for (const events of burst) store.ingestDeviceEvents(events, () => ({ outbox, incidents: [] }));
  });
  return ((rounds * inCommit) / tookMs) * 1000;
}

function batches(store: EventStore, rows: number): number[] {
  return Array.from({ length: 300 }, (_, n) =>
    took(() => store.outboxBatch('telemetry', Math.floor((n / 300) * (rows - 100)), 100)),
  );
}

/**
 * Reads that do not grow with the backlog, looks at it that do not count it, and memory that does not follow
 * it.
 */
function readAll(store: EventStore, rows: number, few: readonly number[], floor: StoreFloor): void {
  const many = batches(store, rows);
  report('batch-of-100-p99', percentile(many, 0.99), 'ms', percentile(floor.batches, 0.99), 20);
  report('batch-growth-from-1000', percentile(many, 0.5) / percentile(few, 0.5), 'x', undefined, 1.5);
  const looks = Array.from({ length: 300 }, () => took(() => store.backlog()));
  report('backlog-look-p99', percentile(looks, 0.99), 'ms', undefined, 5);
  const before = process.memoryUsage().rss;
  let most = before;
  for (let after = 0; after < rows; after += 1000) {
    store.outboxBatch('telemetry', after, 1000);
    most = Math.max(most, process.memoryUsage().rss);
  }
  report('memory-growth-over-all', (most - before) / 1024 / 1024, 'MiB', undefined, 128);
}

/** Acknowledges half at once, and commits alarms while the rows are deleted behind it. */
async function acknowledgeHalf(
  store: EventStore,
  rows: number,
  floor: StoreFloor,
  rawSingles: readonly number[],
): Promise<void> {
  const upTo = Math.floor(rows / 2);
  const beganMs = performance.now();
  const ackMs = took(() => store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'telemetry', upTo }));
  report(`acknowledge-${upTo}`, ackMs, 'ms', percentile(rawSingles, 0.5), mostBlockedMs);
  const commits: number[] = [];
  let blockedMs = 0;
  let lookedMs = performance.now();
  const bytes = () => store.backlog().find(({ eventclass }) => eventclass === 'telemetry')?.bytes ?? 0;
  // Without a change for so long, all of it is deleted: a chunk comes every 5 ms.
  const quietMs = 300;
  let left = { bytes: bytes(), sinceMs: performance.now() };
  // A turn of the loop that takes longer than its millisecond was blocked by the chunk that was deleted
  // meanwhile.
  for (let turn = 0; performance.now() - left.sinceMs < quietMs; turn++) {
    await delay(1);
    blockedMs = Math.max(blockedMs, performance.now() - lookedMs);
    if (turn % 10 === 0) commits.push(took(() => store.commit([alarm()])));
    if (bytes() !== left.bytes) left = { bytes: bytes(), sinceMs: performance.now() };
    lookedMs = performance.now();
  }
  report('delete-blocks-at-most', blockedMs, 'ms', Math.max(...floor.deletes), mostBlockedMs);
  report(
    'alarm-commit-while-deleting-p99',
    percentile(commits, 0.99),
    'ms',
    percentile(rawSingles, 0.99),
    50,
  );
  report('delete-all', (left.sinceMs - beganMs) / 1000, 's');
}

function alarm(): IncidentWrite {
  const id = randomUUID();
  const incident: Incident = {
    id,
    kind: 'illegal-parking',
    phase: 'opened',
    priority: 2,
    camera: 'east',
    zone: 'lane',
    openedAt: at,
    updatedAt: at,
    handling: { state: 'new' },
    stills: [],
  };
  const outbox = { eventclass: 'alarm', type: 'gatehouse.incident.v1', time: at, data: { id } } as const;
  return { dedupeKey: id, change: 'opened', at, incident, outbox };
}

function took(work: () => unknown): number {
  const beganMs = performance.now();
  work();
  return performance.now() - beganMs;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** One JSON line; `target` is the most that the value may be. */
function report(measure: string, value: number, unit: string, floor?: number, target?: number): void {
  const round = (n: number) => Math.round(n * 1000) / 1000;
  const ok = target === undefined || value <= target;
  const line = { bench: 'sync', measure: `store-${measure}`, value: round(value), unit };
  const beside = {
    floor: floor === undefined ? null : round(floor),
    ratio: floor ? round(value / floor) : null,
  };
  console.log(JSON.stringify({ ...line, ...beside, target: target ?? null, ok }));
  if (!ok) process.exitCode = 1;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
  await storeBench(Number(values.rows));
}
