import { z } from 'zod';
import { PlatformKeys } from './signed-message.ts';

/**
 * Commands from the platform. Without this section none is taken; with it, still nothing moves that `permissions.upstream` does not
 * allow device by device.
 */
export const PlatformCommands = z
  .strictObject({ keys: PlatformKeys })
  .describe('Signed commands from the platform; permissions.upstream says what they may do');
export type PlatformCommands = z.infer<typeof PlatformCommands>;
