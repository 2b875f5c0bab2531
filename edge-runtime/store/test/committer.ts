/**
 * Child process of durability.test.ts: commits incidents until it is killed, printing each number only after
 * its commit returned.
 */
import { writeSync } from 'node:fs';
import { ManualClock } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { opening } from './fixtures.ts';

const store = new EventStore({ file: process.argv[2] ?? '', box: 'box-1', clock: new ManualClock() });
store.start();
for (;;) {
  const [change] = store.commit([opening()], { camera: 'east', state: store.lastChange() + 1 });
  writeSync(1, `${change?.sequence}\n`);
}
