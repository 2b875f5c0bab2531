import { Id, LocalName, Unit } from '@gatehouse/contracts';
import { z } from 'zod';

/** Chinese title and English description of a field; editors show them while a profile is written. */
const told = <T extends z.ZodType>(schema: T, title: string, description: string): T =>
  schema.meta({ title, description });

const Text = z.strictObject({ 'zh-CN': z.string().min(1).max(200), en: z.string().min(1).max(200) });
const address = (title: string, description: string) =>
  told(z.int().min(0).max(0xffff), title, `${description}; addresses are counted from 0`);
const word = (title: string, description: string) => told(z.int().min(0).max(0xffff), title, description);
const name = told(LocalName, '名称', 'Name as people read it');

const common = {
  $schema: z.string().optional(),
  id: told(Id, '标识', 'Identifier; the file is called the same'),
  name,
  note: told(Text, '安装须知', 'What an installer should know before choosing it'),
  source: told(z.url(), '资料来源', 'Data sheet that the addresses were taken from'),
};

const worstTurnaroundMs = told(
  z.int().min(1).max(2000),
  '最长应答时间（毫秒）',
  'Longest time from request to reply; the quarantine after a timeout exceeds it',
);
const count = told(z.int().min(1).max(32), '路数', 'Number of channels');

const Relays = z.discriminatedUnion('by', [
  z
    .strictObject({
      by: z.literal('coils'),
      name,
      count,
      firstCoil: address('首个线圈地址', 'Coil of relay channel 0: read by FC01, written by FC05'),
    })
    .describe('One coil a relay'),
  z
    .strictObject({
      by: z.literal('registers'),
      name,
      count,
      firstRegister: address('首个寄存器地址', 'Register of relay channel 0: read by FC03, written by FC06'),
      on: word('吸合写入值', 'What is written to switch a relay on'),
      off: word('释放写入值', 'What is written to switch it off'),
      readsOn: word('吸合读回值', 'What is read while it is on; anything else is off'),
    })
    .describe('One holding register a relay')
    .refine(({ on, off }) => on !== off, { path: ['off'], message: 'must differ from "on"' }),
]);

const Inputs = z.strictObject({
  name,
  count,
  firstInput: address('首个输入地址', 'Discrete input of channel 0: read by FC02'),
});

const stepMs = told(z.int().min(1).max(1000), '步长（毫秒）', 'Unit in which the board counts the pulse');

const Pulse = z.discriminatedUnion('by', [
  z
    .strictObject({
      by: z.literal('board'),
      firstCoil: address('首个脉冲地址', 'FC05 at this + channel; the value field is the length in steps'),
      stepMs,
      maxSteps: z.int().min(1).max(0xfeff),
    })
    .describe('The board releases by itself, whatever becomes of the box'),
  z
    .strictObject({
      by: z.literal('board-register'),
      base: word('脉冲指令', 'FC06 at the relay’s own register writes this + the length in steps'),
      stepMs,
      maxSteps: z.int().min(1).max(255),
    })
    .describe('The same for boards of registers'),
  z
    .strictObject({ by: z.literal('box') })
    .describe('The box switches on and off; if it dies in between, the relay stays on'),
]);

/** A board of relays, inputs or both. */
export const BoardFile = z
  .strictObject({
    ...common,
    kind: z.literal('board'),
    relays: told(Relays.optional(), '继电器', 'Absent on a board of inputs only'),
    inputs: told(Inputs.optional(), '输入', 'Absent on a board of relays only'),
    pulse: told(Pulse.optional(), '脉冲', 'Who times the pulse of a relay; needed where there are relays'),
    worstTurnaroundMs,
  })
  .refine(({ relays, inputs }) => relays || inputs, { path: ['relays'], message: 'needs relays or inputs' })
  .refine(({ relays, pulse }) => !relays === !pulse, { path: ['pulse'], message: 'belongs to relays' })
  .refine(({ relays, pulse }) => pulse?.by !== 'board-register' || relays?.by === 'registers', {
    path: ['pulse', 'by'],
    message: '"board-register" needs relays by registers',
  });
export type BoardFile = z.infer<typeof BoardFile>;

const Meaning = z.strictObject({
  value: told(z.number(), '数值', 'Value after scaling'),
  name,
  alarm: told(z.boolean(), '是否报警', 'True when people must be told'),
});

const Value = z
  .strictObject({
    id: told(Id, '标识', 'What others call this value'),
    name,
    read: told(z.enum(['holding', 'input']), '寄存器类型', 'holding: read by FC03; input: read by FC04'),
    register: address('寄存器地址', 'The 16-bit register that holds it'),
    type: told(z.enum(['int16', 'uint16']), '数据类型', 'int16 is signed, two’s complement'),
    scale: told(z.number().positive(), '倍率', 'The register times this is the value'),
    unit: told(Unit, '单位', 'As people read it, such as °C; empty for a state'),
    least: told(z.number(), '下限', 'A value below it means a broken sensor'),
    most: told(z.number(), '上限', 'A value above it means a broken sensor'),
    meanings: told(z.array(Meaning).max(16).optional(), '状态含义', 'For states: what each value means'),
  })
  .refine(({ least, most }) => least < most, { path: ['most'], message: 'must be above "least"' });

/** A sensor that is only ever read. */
export const SensorFile = z.strictObject({
  ...common,
  kind: z.literal('sensor'),
  values: told(z.array(Value).min(1).max(16), '测量值', 'What it measures'),
  worstTurnaroundMs,
});
export type SensorFile = z.infer<typeof SensorFile>;

const channel = z.int().min(0).max(31);
const terminal = z.strictObject({
  channel: told(channel, '通道', 'Channel of the board, counted from 0'),
  name: told(LocalName, '端子', 'The terminal of the machine that it is wired to'),
});

/** A machine without a bus of its own, wired to a board's relays and inputs. */
export const WiringFile = z.strictObject({
  ...common,
  kind: z.literal('wiring'),
  board: told(Id, '控制板', 'Profile of the board that it is wired to'),
  device: told(z.enum(['door', 'barrier']), '设备类型', 'What the site file calls it'),
  outputs: z.strictObject({
    open: told(terminal, '开', 'Relay that opens or raises'),
    close: told(terminal.optional(), '关', 'Relay that lowers'),
    stop: told(terminal.optional(), '停', 'Relay that stops'),
  }),
  inputs: z.strictObject({
    open: told(terminal.optional(), '开到位', 'Closes when fully open'),
    closed: told(terminal.optional(), '关到位', 'Closes when fully closed'),
    loop: told(terminal.optional(), '地感', 'Closed while a vehicle stands below the arm'),
  }),
});
export type WiringFile = z.infer<typeof WiringFile>;

/** A profile as it stands in its file. `profile.schema.json` is made of this. */
export const ProfileFile = z.discriminatedUnion('kind', [BoardFile, SensorFile, WiringFile]);
export type ProfileFile = z.infer<typeof ProfileFile>;
