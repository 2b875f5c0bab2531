import { Id, LocalName } from '@gatehouse/contracts';
import { z } from 'zod';
import { common, told } from './fields.ts';

const terminal = z.strictObject({
  channel: told(z.int().min(0).max(31), '通道', 'Channel of the board, counted from 0'),
  name: told(LocalName, '端子', 'The terminal of the machine that it is wired to'),
});
const terminalOr = (title: string, description: string) => told(terminal.optional(), title, description);

/** A machine without a bus of its own, wired to a board's relays and inputs. */
export const WiringFile = z
  .strictObject({
    ...common,
    kind: z.literal('wiring'),
    board: told(Id, '控制板', 'Profile of the board that it is wired to'),
    device: told(z.enum(['door', 'gate', 'barrier']), '设备类型', 'What the site file calls it'),
    control: told(
      z.enum(['terminals', 'step-by-step']).default('terminals'),
      '控制方式',
      'terminals: one for each order; step-by-step: one that opens, stops and closes in turn',
    ),
    outputs: z.strictObject({
      open: told(terminal, '开', 'Relay that opens or raises, or gives the next step'),
      close: terminalOr('关', 'Relay that closes or lowers'),
      stop: terminalOr('停', 'Relay that stops'),
    }),
    inputs: z.strictObject({
      open: terminalOr('开到位', 'Closes when fully open'),
      closed: terminalOr('关到位', 'Closes when fully closed'),
      loop: terminalOr('地感', 'Closed while a vehicle stands below the arm or in the gate'),
      loopFault: terminalOr('地感故障', 'Closed while the loop detector is faulty'),
      exit: terminalOr('出门按钮', 'Closed while the exit button is pressed'),
      tamper: terminalOr('防拆', 'Closed while the housing is open'),
    }),
  })
  .refine(({ device, control }) => control === 'terminals' || device === 'gate', {
    path: ['control'],
    params: { fault: 'step-gates-only' },
  })
  .refine(({ control, outputs }) => control === 'terminals' || !(outputs.close || outputs.stop), {
    path: ['outputs'],
    params: { fault: 'step-one-output' },
  })
  .refine(({ control, inputs }) => control === 'terminals' || inputs.closed, {
    path: ['inputs', 'closed'],
    params: { fault: 'step-needs-closed' },
  });
export type WiringFile = z.infer<typeof WiringFile>;
