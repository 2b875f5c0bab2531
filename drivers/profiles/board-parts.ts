import { z } from 'zod';
import { address, name, told, word } from './fields.ts';

const count = told(z.int().min(1).max(32), '路数', 'Number of channels');
const stride = told(
  z.int().min(1).max(1024).default(1),
  '地址间隔',
  'From the address of one channel to that of the next; what lies between is read along',
);
const firstBit = told(
  z.int().min(0).max(15).default(0),
  '首位',
  'Bit of channel 0 in the first word; 0 is the lowest',
);
const swapped = told(
  z.boolean().default(false),
  '高低字节互换',
  'The board sends the low byte of each word first: its bit 0 is our bit 8',
);
const onBit = told(
  z.union([z.literal(0), z.literal(1)]).default(1),
  '接通时的值',
  'What the bit is while the relay is on, or the contact closed',
);

const bitWise = (by: 'coils' | 'inputs', description: string, code: number) =>
  z
    .strictObject({
      by: z.literal(by),
      first: address('首个地址', `Channel 0, read by FC${code}`),
      stride,
      on: onBit,
    })
    .describe(description);

const registerWise = (by: 'holding' | 'input-registers', description: string, code: number) =>
  z
    .strictObject({
      by: z.literal(by),
      first: address('首个寄存器', `Register of channel 0, read by FC${code}`),
      stride,
      mask: word('掩码', 'Bits of the register that count; all of them if absent').default(0xffff),
      on: word(
        '接通时的值',
        'What these bits are while the relay is on, or the contact closed; anything else is off',
      ),
    })
    .describe(description)
    .refine(({ mask, on }) => (on & ~mask) === 0, {
      path: ['on'],
      params: { fault: 'on-outside-mask' },
    });

const packed = (by: 'holding-bits' | 'input-register-bits', description: string, code: number) =>
  z
    .strictObject({
      by: z.literal(by),
      first: address('首个寄存器', `Register of the first 16 channels, read by FC${code}`),
      firstBit,
      swapped,
      on: onBit,
    })
    .describe(description);

/** How the channels of a board are read: all of them in one request. */
export const BitSource = z.discriminatedUnion('by', [
  bitWise('coils', 'One coil a channel (FC01)', 1),
  bitWise('inputs', 'One discrete input a channel (FC02)', 2),
  registerWise('holding', 'One holding register a channel (FC03)', 3),
  registerWise('input-registers', 'One input register a channel (FC04)', 4),
  packed('holding-bits', 'One bit of a holding register a channel, 16 in a word (FC03)', 3),
  packed('input-register-bits', 'One bit of an input register a channel, 16 in a word (FC04)', 4),
]);
export type BitSource = z.infer<typeof BitSource>;

/** How one relay is switched, and no other with it. */
export const RelayWrite = z.discriminatedUnion('by', [
  z
    .strictObject({
      by: z.literal('coil'),
      first: address('首个线圈', 'Coil of relay channel 0'),
      stride,
      function: told(
        z.union([z.literal(5), z.literal(15)]).default(5),
        '功能码',
        '5 writes one coil; 15 where a board knows no other: also with one coil',
      ),
    })
    .describe('One coil a relay'),
  z
    .strictObject({
      by: z.literal('register'),
      first: address('首个寄存器', 'Holding register of relay channel 0'),
      stride,
      function: told(
        z.union([z.literal(6), z.literal(16)]).default(6),
        '功能码',
        '6 writes one register; 16 where a board knows no other: also with one register',
      ),
      on: word('吸合写入值', 'What is written to switch a relay on; never a value that toggles'),
      off: word('释放写入值', 'What is written to switch it off'),
    })
    .describe('One holding register a relay')
    .refine(({ on, off }) => on !== off, { path: ['off'], params: { fault: 'off-is-on' } }),
  z
    .strictObject({
      by: z.literal('register-bit'),
      first: address('首个寄存器', 'Holding register of the first 16 relays'),
      firstBit,
      swapped,
    })
    .describe(
      'One bit of a holding register a relay, changed by the board itself (FC22): its neighbours stay',
    ),
]);
export type RelayWrite = z.infer<typeof RelayWrite>;

const stepMs = told(z.int().min(1).max(10_000), '步长（毫秒）', 'Unit in which the board counts the pulse');
const maxSteps = (most: number) => told(z.int().min(1).max(most), '最多步数', 'The longest pulse, in steps');

/** The party that ends a pulse. A board that ends it releases even if the box dies. */
export const Pulse = z.discriminatedUnion('by', [
  z
    .strictObject({
      by: z.literal('board-coil'),
      first: address('首个脉冲线圈', 'FC05 at this coil; the value field is the length in steps'),
      stride,
      stepMs,
      maxSteps: maxSteps(0xfeff),
    })
    .describe('The board ends it: the length stands in the value field of a coil'),
  z
    .strictObject({
      by: z.literal('board-register'),
      first: address(
        '首个脉冲寄存器',
        'Register that takes the length; the relay’s own if absent',
      ).optional(),
      stride,
      base: word('脉冲指令', 'What is written is this + the length in steps').default(0),
      stepMs,
      maxSteps: maxSteps(0xffff),
    })
    .describe('The board ends it: a register takes the length')
    .refine(({ base, maxSteps: most }) => base + most <= 0xffff, {
      path: ['maxSteps'],
      params: { fault: 'pulse-overflow' },
    }),
  z
    .strictObject({
      by: z.literal('board-command'),
      first: address(
        '首个指令寄存器',
        'FC16 writes two registers from here on: the command, then the length in steps',
      ),
      stride: told(
        z.int().min(2).max(1024),
        '地址间隔',
        'From the registers of one channel to those of the next',
      ),
      command: word('脉冲指令', 'What the first of the two registers takes'),
      stepMs,
      maxSteps: maxSteps(0xffff),
    })
    .describe('The board ends it: a command and its length in two registers'),
  z
    .strictObject({
      by: z.literal('board-fixed'),
      ms: told(
        z.int().min(100).max(25_500),
        '脉冲长度（毫秒）',
        'How long the board keeps a relay on after it was switched on',
      ),
    })
    .describe('The board ends it after a time that cannot be set over Modbus (a jumper, or none)'),
  z
    .strictObject({ by: z.literal('box') })
    .describe('The box switches on and off; if it dies in between, the relay stays on'),
]);
export type Pulse = z.infer<typeof Pulse>;

export const Relays = z.strictObject({
  name,
  count,
  read: told(BitSource, '读取', 'How the relays are read back'),
  write: told(RelayWrite, '写入', 'How one relay is switched'),
});
export type Relays = z.infer<typeof Relays>;

export const Inputs = z.strictObject({
  name,
  count,
  read: told(BitSource, '读取', 'How the contacts are read'),
});
export type Inputs = z.infer<typeof Inputs>;
