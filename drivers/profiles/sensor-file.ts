import { Id, Unit } from '@gatehouse/contracts';
import { z } from 'zod';
import { address, common, name, told, worstTurnaroundMs } from './fields.ts';

const Meaning = z.strictObject({
  value: told(z.number(), '数值', 'Value after scaling'),
  name,
  alarm: told(z.boolean(), '是否报警', 'True when people must be told'),
});

/** Types of one register, and of two. */
const narrow = ['int16', 'uint16'] as const;
const wide = ['int32', 'uint32', 'float32'] as const;
export const byteOrders = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;

const Value = z
  .strictObject({
    id: told(Id, '标识', 'What others call this value'),
    name,
    read: told(
      z.enum(['holding', 'input-registers']),
      '寄存器类型',
      'holding: read by FC03; input-registers: FC04',
    ),
    register: address('寄存器地址', 'The register that holds it, or the first of two'),
    type: told(
      z.enum([...narrow, ...wide]),
      '数据类型',
      'int16, int32: signed, two’s complement; float32: IEEE 754; 32 bits take two registers',
    ),
    order: told(
      z.enum(byteOrders).optional(),
      '字节顺序',
      'Of 32 bits: the order in which the four bytes arrive, A the highest. Most devices: ABCD; words exchanged: CDAB',
    ),
    scale: told(z.number().positive(), '倍率', 'What is read times this is the value'),
    unit: told(Unit, '单位', 'As people read it, such as °C; empty for a state'),
    least: told(z.number(), '下限', 'A value below it means a broken sensor'),
    most: told(z.number(), '上限', 'A value above it means a broken sensor'),
    meanings: told(z.array(Meaning).max(16).optional(), '状态含义', 'For states: what each value means'),
  })
  .refine(({ least, most }) => least < most, { path: ['most'], params: { fault: 'most-below-least' } })
  .refine(({ type, order }) => isWide(type) === (order !== undefined), {
    path: ['order'],
    params: { fault: 'byte-order' },
  })
  .refine(({ type, register }) => !isWide(type) || register < 0xffff, {
    path: ['register'],
    params: { fault: 'second-register' },
  });

/** True for types of two registers. */
export function isWide(type: string): boolean {
  return wide.some((one) => one === type);
}

/** A sensor that is only ever read. */
export const SensorFile = z.strictObject({
  ...common,
  kind: z.literal('sensor'),
  values: told(z.array(Value).min(1).max(16), '测量值', 'What it measures'),
  worstTurnaroundMs,
});
export type SensorFile = z.infer<typeof SensorFile>;
