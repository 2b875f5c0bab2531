import { z } from 'zod';
import { DeviceAction, DeviceCommand } from '../device.ts';
import { plainText } from '../primitives.ts';

/**
 * A request of a flow or a guard. The runtime adds commandId, expiry and origin. Its words about itself are a
 * claim, for the box's own journal.
 */
export const DeviceRequest = z.strictObject({
  action: DeviceAction,
  /** Seconds of a `hold-open`. */
  holdS: DeviceCommand.shape.holdS,
  /** Recognises a repeat of the same wish; the command's own id is made of it, and is another. */
  commandId: z.uuid().optional(),
  reason: plainText(0, 200).optional(),
  /** Name of the flow node that asks. */
  user: plainText(1, 60).optional(),
});
export type DeviceRequest = z.infer<typeof DeviceRequest>;
