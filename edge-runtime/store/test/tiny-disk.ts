/**
 * Child process of tiny-disk.test.ts, in a mount namespace of its own: argv[2] is a real disk of a few MiB.
 * Prints its findings as JSON.
 */
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { defaultStoreSettings } from '@gatehouse/contracts';
import { GatehouseError, ManualClock } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { at, opening } from './fixtures.ts';

const [, , disk = '', withReserve] = process.argv;
const file = join(disk, 'events.db');
const clock = new ManualClock();
const quotaMiB = { ...defaultStoreSettings.quotaMiB, telemetry: 0.4 };
const options = { file, box: 'box-1', clock, settings: { ...defaultStoreSettings, quotaMiB } };
const store = new EventStore(options);
store.start();
const held = existsSync(`${file}.reserve`);
if (withReserve !== 'reserve') rmSync(`${file}.reserve`);

const committed: string[] = [];
/** Commits alarms, each with 4 kB of its own, until the disk refuses one. */
function commitUntilRefused(): { count: number; code: string } {
  for (let count = 0; ; count++) {
    const write = opening();
    try {
      store.commit([{ ...write, dedupeKey: write.dedupeKey.padEnd(4000, '.') }], {
        camera: 'all',
        state: committed.length + 1,
      });
      committed.push(write.incident.id);
    } catch (error) {
      if (error instanceof GatehouseError) return { count, code: error.code };
      throw error;
    }
  }
}
const telemetry = { eventclass: 'telemetry', type: 'gatehouse.device-comms.v1', time: at } as const;
for (let n = 0; n < 300; n++)
  store.record({ ...telemetry, data: { device: `d-${n}`.padEnd(500, '.'), comms: 'ok' } });
for (let n = 0; n < 20; n++) store.commit([opening()]);

const ballast = openSync(join(disk, 'ballast'), 'w');
for (const size of [4096, 512])
  try {
    for (;;) writeSync(ballast, Buffer.alloc(size));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
closeSync(ballast);

const first = commitUntilRefused();
/** Telemetry written while the reserve is used up must not use it up. */
const roomLeft = store.backlog().find(({ eventclass }) => eventclass === 'telemetry')?.bytes;
const whileFull = store.health();
rmSync(join(disk, 'ballast'));
await clock.advance(10_000);
const afterwards = store.health();
const heldAgain = existsSync(`${file}.reserve`);
const later = opening();
store.commit([later]);
store.stop();

const again = new EventStore(options);
again.start();
const missing = committed.filter((id) => !again.incident(id));
const state = again.engineState('all');
const sequences = again.outboxBatch('alarm', 0, 100_000).events.map(({ sequence }) => sequence);
const isWhole = sequences.every((sequence, i) => sequence === i + 1);
const [gap] = again.outboxBatch('telemetry', 0, 1).events;
again.stop();
const db = new Database(file, { readonly: true });
const audited = db.prepare('SELECT what FROM audit ORDER BY sequence').pluck().all();
db.close();
process.stdout.write(
  JSON.stringify({
    held,
    heldAgain,
    first,
    whileFull,
    afterwards,
    committed: committed.length,
    missing,
    isWhole,
    sent: sequences.length,
    stateIsLast: state === committed.length,
    gap: gap?.data,
    audited,
    roomLeft,
  }),
);
