import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { problemLine } from '@gatehouse/contracts';
import { readCatalogue } from '../profile.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-mistakes-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const name = { 'zh-CN': '板', en: 'Board' };
const common = { name, note: name, source: 'https://example.com/sheet.pdf', worstTurnaroundMs: 100 };

const coils = { name, count: 4, read: { by: 'coils', first: 0 }, write: { by: 'coil', first: 0 } };
const registers = {
  name,
  count: 4,
  read: { by: 'holding', first: 0, on: 1 },
  write: { by: 'register', first: 0, on: 1, off: 0 },
};
const inputs = { name, count: 4, read: { by: 'inputs', first: 0 } };
const relays = (change: Record<string, unknown>, base: object = coils) => ({
  relays: { ...base, ...change },
});
const value = {
  id: 'level',
  name,
  read: 'holding',
  register: 0,
  type: 'int16',
  scale: 1,
  unit: 'm',
  least: 0,
  most: 9,
};
const terminal = { channel: 0, name };

const boards: readonly (readonly [what: string, change: Record<string, unknown>, said: RegExp])[] = [
  [
    'relays that are written by a whole word',
    relays({ write: { by: 'word', first: 0 } }),
    /relays\.write\.by: "word" is not supported, because writing a whole word writes the neighbours.*expected writes of one relay\. Use "register-bit".*function 22/,
  ],
  [
    'relays that are toggled',
    relays({ write: { by: 'toggle', first: 0 } }),
    /relays\.write\.by: "toggle" is not supported, because after a lost answer nobody would know/,
  ],
  [
    'a function that is not there',
    relays({ write: { by: 'coil', first: 0, function: 6 } }),
    /relays\.write\.function: "6" is not known; expected one of: 5, 15/,
  ],
  [
    'contacts that are read in no way we know',
    { inputs: { ...inputs, read: { by: 'fifo', first: 0 } } },
    /inputs\.read\.by: "fifo" is not known; expected one of: coils, inputs, holding, input-registers, holding-bits, input-register-bits/,
  ],
  [
    'a pulse that nobody knows',
    { pulse: { by: 'magic' } },
    /pulse\.by: "magic" is not known; expected one of: board-coil/,
  ],
  [
    'no word of how contacts are read',
    { inputs: { ...inputs, read: { first: 0 } } },
    /inputs\.read\.by: "by" is missing; expected one of: coils, inputs.*Add it: "by": "coils"/,
  ],
  [
    'the fields of before',
    { inputs: { name, count: 4, firstInput: 0 } },
    /inputs\.firstInput: unknown key "firstInput"; expected "read": \{ "by": "inputs"/,
  ],
  [
    'a board that must be unlocked',
    { password: 1234 },
    /password: "password" is not supported; expected a board that needs no other write/,
  ],
  [
    'two relays on one coil, by their pulses',
    { pulse: { by: 'board-coil', first: 2, stepMs: 100, maxSteps: 10 } },
    /relays\.write: coil 2 is of pulse\[0\] and of relays\.write\[2\]/,
  ],
  [
    'commands that lie over one another',
    {
      pulse: { by: 'board-command', first: 0, stride: 2, command: 4, stepMs: 100, maxSteps: 10 },
      ...relays({ write: { by: 'register', first: 3, on: 1, off: 0 } }, registers),
    },
    /register \d is of (pulse|relays\.write)\[\d\] and of (pulse|relays\.write)\[\d\]; expected registers/,
  ],
  [
    'a pulse that is written over the word of its relays',
    {
      ...relays({ read: { by: 'holding-bits', first: 8 }, write: { by: 'register-bit', first: 8 } }),
      pulse: { by: 'board-register', first: 6, stepMs: 100, maxSteps: 10 },
    },
    /pulse: register 8 is of relays\.write and of pulse\[2\]/,
  ],
  [
    'a command on the register that switches its relay',
    {
      ...relays({ count: 1 }, registers),
      pulse: { by: 'board-command', first: 0, stride: 2, command: 4, stepMs: 100, maxSteps: 10 },
    },
    /pulse\.first: the pulse lies on the register that switches the relay/,
  ],
  [
    'a value that is a pulse, too',
    {
      ...relays({ write: { by: 'register', first: 0, on: 0x0605, off: 0 } }, registers),
      pulse: { by: 'board-register', base: 0x0600, stepMs: 1000, maxSteps: 255 },
    },
    /relays\.write\.on: 1541 is a pulse of this register, too/,
  ],
  [
    'a pulse register that is nowhere',
    { pulse: { by: 'board-register', stepMs: 100, maxSteps: 10 } },
    /pulse\.first: the relays are not written by "register"; expected "first"/,
  ],
  [
    'a length that no register holds',
    { ...relays({}, registers), pulse: { by: 'board-register', base: 0xff00, stepMs: 100, maxSteps: 500 } },
    /pulse\.maxSteps: .*more than a register holds; expected at most 65535/,
  ],
  [
    'more registers than one read takes',
    { inputs: { ...inputs, count: 32, read: { by: 'input-registers', first: 0, stride: 5, on: 1 } } },
    /inputs\.read\.stride: 32 channels span 156 addresses; expected at most 125/,
  ],
  [
    'channels beyond the last address',
    { inputs: { ...inputs, read: { by: 'inputs', first: 65_534 } } },
    /inputs\.read: channel 3 would lie beyond address 65535/,
  ],
  [
    'relays beyond the last address',
    relays({ write: { by: 'coil', first: 65_533, stride: 2 } }),
    /relays\.write: channel 2 would lie beyond address 65535/,
  ],
  [
    'a value outside its mask',
    { inputs: { ...inputs, read: { by: 'holding', first: 0, mask: 1, on: 2 } } },
    /inputs\.read\.on: the value has bits that "mask" leaves out/,
  ],
  ['a channel count of 40', relays({ count: 40 }), /relays\.count: .*32/],
  ['a missing name', { name: undefined }, /name: "name" is missing; .*Add it: "name": \{/],
];

const sensors: readonly (readonly [what: string, change: Record<string, unknown>, said: RegExp])[] = [
  [
    '64 bits',
    { type: 'float64' },
    /values\[0\]\.type: "float64" is not supported, because two registers hold a value at most; expected one of: int16, uint16, int32, uint32, float32/,
  ],
  [
    '32 bits without their order',
    { type: 'float32' },
    /values\[0\]\.order: the order of bytes is of types of 32 bits.*expected one of ABCD, CDAB, BADC, DCBA/,
  ],
  [
    'an order that there is not',
    { type: 'float32', order: 'ACBD' },
    /values\[0\]\.order: "ACBD" is not known; expected one of: ABCD, CDAB, BADC, DCBA/,
  ],
  ['an offset', { offset: -40 }, /values\[0\]\.offset: "offset" is not supported/],
  [
    'registers of before',
    { read: 'input' },
    /values\[0\]\.read: "input" is not known; expected one of: holding, input-registers/,
  ],
];

const wirings: readonly (readonly [what: string, change: Record<string, unknown>, said: RegExp])[] = [
  ['one button for a barrier', { device: 'barrier' }, /control: step-by-step is for gates/],
  [
    'one button and a close terminal',
    { outputs: { open: terminal, close: terminal } },
    /outputs: step-by-step has one terminal; expected the output "open" alone/,
  ],
  [
    'one button and no limit',
    { inputs: {} },
    /inputs\.closed: a step opens the gate only from where it is closed; expected inputs\.closed/,
  ],
  ['a board that there is not', { board: 'acme-1' }, /:\d+: board: no profile is called "acme-1"/],
];

function problemOf(file: Record<string, unknown>): string {
  const place = mkdtempSync(join(folder, 'one-'));
  writeFileSync(join(place, 'wrong.json'), JSON.stringify({ id: 'wrong', ...file }, undefined, 2));
  const problems = readCatalogue(place).broken.get('wrong')?.problems('en') ?? [];
  return problems.map((problem) => problemLine(problem.file, problem, 'en')).join('\n');
}

const cases = [
  ...boards.map(
    ([what, change, said]) =>
      [
        what,
        { kind: 'board', ...common, relays: coils, inputs, pulse: { by: 'box' }, ...change },
        said,
      ] as const,
  ),
  ...sensors.map(
    ([what, change, said]) =>
      [what, { kind: 'sensor', ...common, values: [{ ...value, ...change }] }, said] as const,
  ),
  ...wirings.map(([what, change, said]) => {
    const { worstTurnaroundMs: _none, ...about } = common;
    const parts = {
      device: 'gate',
      control: 'step-by-step',
      outputs: { open: terminal },
      inputs: { closed: terminal },
    };
    return [what, { kind: 'wiring', ...about, board: 'any', ...parts, ...change }, said] as const;
  }),
];

for (const [what, file, said] of cases)
  test(`a profile with ${what} is told with its field and with what is supported`, () => {
    const problem = problemOf(file);
    assert.match(problem, said);
    assert.match(problem, /wrong\.json:\d+: /);
  });

test('the line of a mistake is that of its field, and of a syntax error that of the error', () => {
  const place = mkdtempSync(join(folder, 'lines-'));
  const text = `{
  "id": "lines",
  "kind": "board",
  "name": { "zh-CN": "板", "en": "Board" },
  "note": { "zh-CN": "板", "en": "Board" },
  "source": "https://example.com",
  "inputs": {
    "name": { "zh-CN": "板", "en": "Board" },
    "count": 4,
    "read": { "by": "inputs",
      "first": -1 }
  },
  "worstTurnaroundMs": 0
}`;
  writeFileSync(join(place, 'lines.json'), text);
  writeFileSync(join(place, 'syntax.json'), '{\n  "id": "syntax",\n}\n');
  writeFileSync(join(place, 'twice.json'), '{\n  "id": "twice",\n  "id": "twice"\n}\n');
  const { broken } = readCatalogue(place);
  assert.deepEqual(
    broken
      .get('lines')
      ?.problems('en')
      .map(({ line, path }) => [line, path]),
    [
      [11, 'inputs.read.first'],
      [13, 'worstTurnaroundMs'],
    ],
  );
  assert.match(
    broken.get('lines')?.message ?? '',
    /lines\.json:11: inputs\.read\.first: .* \(and 1 more: gatehouse config check\)/,
  );
  assert.match(broken.get('syntax')?.message ?? '', /syntax\.json:3: \(file\): .*JSON/);
  assert.match(broken.get('twice')?.message ?? '', /twice\.json:3: .*twice/);
});
