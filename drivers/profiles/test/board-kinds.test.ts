import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Bus } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { silentLog, systemClock } from '@gatehouse/kit';
import { FieldBus } from '../../bus/field-bus.ts';
import { linkTo } from '../../bus/open-link.ts';
import { Board } from '../../devices/board.ts';
import { BadAdapter } from '../../simulators/bad-adapter.ts';
import { type Memory, PeerBoard } from '../../test/peers/peer-board.ts';
import { loadCatalogue, type Profile } from '../profile.ts';
import { pulseRelay, releaseRelay } from '../requests.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-kinds-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const options = { priority: 'remote' } as const;
const name = { 'zh-CN': '板', en: 'Board' };

/** A board profile with these parts, through its file as any other. */
function boardWith(id: string, parts: Record<string, unknown>): Profile {
  const place = join(folder, id);
  mkdirSync(place, { recursive: true });
  const file = {
    ...{ id, kind: 'board', name, note: name, source: 'https://example.com/sheet.pdf' },
    ...{ worstTurnaroundMs: 500, ...parts },
  };
  writeFileSync(join(place, `${id}.json`), JSON.stringify(file));
  const profile = loadCatalogue(place).boards.get(id);
  assert.ok(profile);
  return profile;
}

interface Contacts {
  readonly what: string;
  readonly read: Record<string, unknown>;
  readonly count: number;
  /** Values that the peer holds, and the channels that they mean. */
  readonly memory: Memory;
  readonly from: number;
  readonly held: readonly number[];
  readonly closed: readonly number[];
}

const contacts: readonly Contacts[] = [
  {
    what: 'coils (FC01), as ADAM boards have their inputs',
    read: { by: 'coils', first: 100 },
    ...{ count: 4, memory: 'coils', from: 100, held: [0, 1, 0, 1], closed: [1, 3] },
  },
  {
    what: 'discrete inputs three addresses apart (FC02)',
    read: { by: 'inputs', first: 2, stride: 3 },
    ...{ count: 3, memory: 'inputs', from: 2, held: [1, 0, 0, 0, 1, 1, 1], closed: [0, 2] },
  },
  {
    what: 'discrete inputs that are 0 while closed',
    read: { by: 'inputs', first: 20, on: 0 },
    ...{ count: 4, memory: 'inputs', from: 20, held: [1, 0, 0, 1], closed: [1, 2] },
  },
  {
    what: 'one input register each (FC04)',
    read: { by: 'input-registers', first: 10, on: 1 },
    ...{ count: 3, memory: 'input-registers', from: 10, held: [1, 2, 1], closed: [0, 2] },
  },
  {
    what: 'one bit of a holding register each, four registers apart (FC03)',
    read: { by: 'holding', first: 30, stride: 4, mask: 0x0180, on: 0x0100 },
    ...{
      count: 3,
      memory: 'holding',
      from: 30,
      held: [0x0137, 9, 9, 9, 0x0180, 9, 9, 9, 0x0100],
      closed: [0, 2],
    },
  },
  {
    what: '20 bits of input registers, 16 in a word (FC04)',
    read: { by: 'input-register-bits', first: 40 },
    ...{ count: 20, memory: 'input-registers', from: 40, held: [0x8001, 0x0008], closed: [0, 15, 19] },
  },
  {
    what: 'bits of a holding register from its ninth on (FC03)',
    read: { by: 'holding-bits', first: 50, firstBit: 8 },
    ...{ count: 8, memory: 'holding', from: 50, held: [0x42ff], closed: [1, 6] },
  },
  {
    what: 'bits of words that arrive with their low byte first',
    read: { by: 'input-register-bits', first: 60, swapped: true },
    ...{ count: 16, memory: 'input-registers', from: 60, held: [0x0180], closed: [0, 15] },
  },
];

interface Outputs {
  readonly what: string;
  readonly relays: Record<string, unknown>;
  readonly pulse: Record<string, unknown>;
  readonly memory: Memory;
  /** Where relay 2 is, what stands there while it is on, and what function writes it with which values. */
  readonly at: number;
  readonly on: number;
  readonly off: number;
  readonly write: readonly [code: number, values: readonly number[]];
  /** The word's value before, where other bits of it must stay; and whether that is relay 0 on. */
  readonly before?: number;
  readonly firstIsOn?: boolean;
}

const outputs: readonly Outputs[] = [
  {
    what: 'coils by FC05',
    relays: { read: { by: 'coils', first: 0 }, write: { by: 'coil', first: 0 } },
    ...{ pulse: { by: 'box' }, memory: 'coils', at: 2, on: 1, off: 0, write: [5, [1]] },
  },
  {
    what: 'coils by FC15, two apart',
    relays: {
      read: { by: 'coils', first: 10, stride: 2 },
      write: { by: 'coil', first: 10, stride: 2, function: 15 },
    },
    ...{ pulse: { by: 'box' }, memory: 'coils', at: 14, on: 1, off: 0, write: [15, [1]] },
  },
  {
    what: 'holding registers by FC06',
    relays: {
      ...{
        read: { by: 'holding', first: 0, on: 0xff00 },
        write: { by: 'register', first: 0, on: 0xff00, off: 0 },
      },
    },
    ...{
      pulse: { by: 'board-fixed', ms: 500 },
      memory: 'holding',
      at: 2,
      on: 0xff00,
      off: 0,
      write: [6, [0xff00]],
    },
  },
  {
    what: 'holding registers by FC16, five apart',
    relays: {
      read: { by: 'holding', first: 10, stride: 5, on: 1 },
      write: { by: 'register', first: 10, stride: 5, function: 16, on: 1, off: 2 },
    },
    ...{ pulse: { by: 'box' }, memory: 'holding', at: 20, on: 1, off: 2, write: [16, [1]] },
  },
  {
    what: 'a bit of a holding register by FC22: its neighbours stay',
    relays: { read: { by: 'holding-bits', first: 40 }, write: { by: 'register-bit', first: 40 } },
    ...{
      pulse: { by: 'box' },
      memory: 'holding',
      at: 40,
      before: 0xa0a1,
      firstIsOn: true,
      on: 0xa0a5,
      off: 0xa0a1,
    },
    write: [22, [0xfffb, 4]],
  },
  {
    what: 'a bit of a word with its low byte first, by FC22',
    relays: {
      read: { by: 'holding-bits', first: 41, swapped: true },
      write: { by: 'register-bit', first: 41, swapped: true },
    },
    ...{ pulse: { by: 'box' }, memory: 'holding', at: 41, before: 0x0001, on: 0x0401, off: 0x0001 },
    write: [22, [0xfbff, 0x0400]],
  },
];

const pulses: readonly (readonly [what: string, relays: object, pulse: object, written: unknown])[] = [
  [
    'a length in a register of its own',
    { read: { by: 'coils', first: 0 }, write: { by: 'coil', first: 0 } },
    { by: 'board-register', first: 60, stride: 2, stepMs: 100, maxSteps: 600 },
    [6, 64, [13]],
  ],
  [
    'a command and a length in two registers',
    { read: { by: 'coils', first: 0 }, write: { by: 'coil', first: 0 } },
    { by: 'board-command', first: 3, stride: 5, command: 4, stepMs: 100, maxSteps: 600 },
    [16, 13, [4, 13]],
  ],
  [
    'a length in its own register, written by FC16 as the relay is',
    {
      read: { by: 'holding', first: 80, on: 1 },
      write: { by: 'register', first: 80, function: 16, on: 0x0100, off: 0x0200 },
    },
    { by: 'board-register', base: 0x0600, stepMs: 1000, maxSteps: 255 },
    [16, 82, [0x0602]],
  ],
];

for (const make of ['pymodbus', 'libmodbus'] as const)
  describe(`boards of every kind, made of ${make}, are read and switched through their profiles`, () => {
    const baudRate = 115_200;
    const cable = new BadAdapter(join(folder, make), baudRate);
    let peer: PeerBoard;
    let bus: FieldBus;
    before(async () => {
      await cable.start();
      peer = await PeerBoard.start(make, { path: cable.boardsPath, baudRate, unit: 7 });
      const spec = Bus.parse({ id: 'line', kind: 'modbus-rtu', path: cable.path, baudRate, timeoutMs: 3000 });
      const openLink = () => linkTo(spec, { clock: systemClock, quarantineMs: 50 });
      bus = new FieldBus({ id: 'line', openLink, clock: systemClock, log: silentLog });
      bus.start();
      await until('the bus is up', () => bus.up);
      // Whether the line echoes is told by a read.
      await bus.send({ kind: 'read-coils', unit: 7, address: 0, count: 1 }, options);
    });
    after(async () => {
      await bus?.stop();
      await peer?.stop();
      await cable.stop();
    });
    const boardOf = (id: string, parts: Record<string, unknown>) =>
      new Board({ bus, unit: 7, profile: boardWith(`${make}-${id}`, parts), clock: systemClock });

    for (const [i, { what, read, count, memory, from, held, closed }] of contacts.entries())
      test(`contacts as ${what}`, async () => {
        await peer.set(memory, from, held);
        const { bits } = await boardOf(`in-${i}`, { inputs: { name, count, read } }).readInputs(options);
        const expected = Array.from({ length: count }, (_, channel) => closed.includes(channel));
        assert.deepEqual(bits, expected);
      });

    for (const [
      i,
      { what, relays, pulse, memory, at, on, off, write, before: held, firstIsOn = false },
    ] of outputs.entries())
      test(`relays as ${what}`, async () => {
        const board = boardOf(`out-${i}`, { relays: { name, count: 3, ...relays }, pulse });
        if (held !== undefined) await peer.set(memory, at, [held]);
        const around = await peer.get(memory, 0, 100);
        const written = (await peer.writes()).length;
        await board.write(pulseRelay(board.profile, 7, 2, 500), options);
        const expected = around.with(at, on);
        assert.deepEqual(await peer.get(memory, 0, 100), expected, 'one relay, and nothing else');
        assert.deepEqual((await board.readRelays(options)).bits, [firstIsOn, false, true]);
        await board.write(releaseRelay(board.profile, 7, 2), options);
        assert.deepEqual(await peer.get(memory, 0, 100), around.with(at, off));
        const [first, ...more] = (await peer.writes()).slice(written);
        assert.equal(more.length, 1);
        // pymodbus tells of a mask what came of it, libmodbus what was asked.
        const values = make === 'pymodbus' && write[0] === 22 ? [on] : write[1];
        assert.deepEqual(first, [write[0], at, values]);
      });

    for (const [i, [what, relays, pulse, expected]] of pulses.entries())
      test(`a pulse that the board times: ${what}`, async () => {
        const board = boardOf(`pulse-${i}`, { relays: { name, count: 3, ...relays }, pulse });
        await board.write(pulseRelay(board.profile, 7, 2, 1250), options);
        assert.deepEqual((await peer.writes()).at(-1), expected);
      });

    test('a function that a board does not know is refused by it, and named', async () => {
      const board = boardOf('unknown', {
        ...{ inputs: { name, count: 8, read: { by: 'inputs', first: 60_000 } } },
      });
      await assert.rejects(board.readInputs(options), {
        code: 'BUS_EXCEPTION',
        message: /does not have this address/,
      });
    });
  });
