import { z } from 'zod';
import { Id, LocalName } from '../primitives.ts';

/**
 * A card reader on a serial line of its own, and the door beside it. The reader only sends; nothing is ever
 * sent to it.
 */
export const CardReader = z.strictObject({
  id: Id,
  name: LocalName,
  path: z
    .string()
    .startsWith('/')
    .describe('Serial device by a stable name, which "gatehouse bus ports" tells'),
  protocol: z
    .enum(['stx-hex10'])
    .default('stx-hex10')
    .describe(
      'stx-hex10: STX, ten hexadecimal digits, XOR, ETX at 9600 8N1, as Wiegand and RS-485 boards send it',
    ),
  door: Id.describe('The device that an enrolled card opens'),
});
export type CardReader = z.infer<typeof CardReader>;
