import { z } from 'zod';
import { boardFaults } from './board-faults.ts';
import { Inputs, Pulse, Relays } from './board-parts.ts';
import { common, told, worstTurnaroundMs } from './fields.ts';

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
  .refine(({ relays, inputs }) => relays || inputs, { path: ['relays'], params: { fault: 'board-empty' } })
  .refine(({ relays, pulse }) => !relays === !pulse, {
    path: ['pulse'],
    params: { fault: 'pulse-of-relays' },
  })
  .superRefine((file, context) => {
    for (const { path, code, values } of boardFaults(file))
      context.addIssue({ code: 'custom', path: [...path], params: { fault: code, values } });
  });
export type BoardFile = z.infer<typeof BoardFile>;
