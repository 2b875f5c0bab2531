import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { Bus } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { silentLog, systemClock } from '@gatehouse/kit';
import { BadAdapter, type LineHabits } from '../../simulators/bad-adapter.ts';
import { PeerBoard } from '../../test/peers/peer-board.ts';
import { FieldBus } from '../field-bus.ts';
import { linkTo } from '../open-link.ts';
import type { BusRequest } from '../request.ts';

/**
 * Slow enough that what an adapter adds behind an answer comes within 3.5 characters (17.5 ms at 2400 baud)
 * of it.
 */
const baudRate = 2400;
const readInputs: BusRequest = { kind: 'read-inputs', unit: 1, address: 0, count: 8 };

const lines: readonly (readonly [what: string, habits: LineHabits])[] = [
  ['a plain line', {}],
  ['one 00 behind every answer', { behind: Buffer.from([0x00]) }],
  ['one FF behind every answer', { behind: Buffer.from([0xff]) }],
  [
    'two bytes behind and one before every answer',
    { before: Buffer.from([0]), behind: Buffer.from([0xff, 0]) },
  ],
  ['an adapter that hears itself', { echo: true }],
  [
    'an adapter that hears itself, on a line without bias',
    { echo: true, before: Buffer.from([0xff]), behind: Buffer.from([0]) },
  ],
];

for (const make of ['pymodbus', 'libmodbus'] as const)
  describe(`a board made of ${make} behind an adapter with habits`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'gh-habits-'));
    const adapter = new BadAdapter(join(folder, 'line'), baudRate);
    let board: PeerBoard;
    before(async () => {
      await adapter.start();
      board = await PeerBoard.start(make, { path: adapter.boardsPath, baudRate, unit: 1 });
    });
    after(async () => {
      await board.stop();
      await adapter.stop();
      rmSync(folder, { recursive: true });
    });

    for (const [what, habits] of lines)
      it(`is read and written, every time: ${what}`, async (t) => {
        adapter.habits = habits;
        const bus = await busTo(t, adapter.path);
        for (let i = 0; i < 5; i++) {
          await board.set('inputs', 0, [i & 1, 1, 0, 0, 0, 0, 0, 1]);
          const { bits } = await bus.send(readInputs, { priority: 'poll' });
          assert.deepEqual(bits, [i % 2 === 1, true, false, false, false, false, false, true]);
          const value = i % 2 ? 0xff00 : 0;
          await bus.send({ kind: 'write-coil', unit: 1, address: 3, value }, { priority: 'guard' });
          assert.deepEqual(await board.get('coils', 3, 1), [i % 2]);
        }
      });
  });

/** The product's bus on a line. */
async function busTo(t: TestContext, path: string): Promise<FieldBus> {
  const spec = Bus.parse({ id: 'line', kind: 'modbus-rtu', path, baudRate, timeoutMs: 2000 });
  const openLink = () => linkTo(spec, { clock: systemClock, quarantineMs: 50 });
  const bus = new FieldBus({ id: 'line', openLink, clock: systemClock, log: silentLog });
  t.after(() => bus.stop());
  bus.start();
  await until('the bus is up', () => bus.up);
  return bus;
}
