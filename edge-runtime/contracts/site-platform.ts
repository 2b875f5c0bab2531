import { z } from 'zod';
import { PlatformKeys } from './signed-message.ts';

/**
 * Commands from the platform. Without this section none is taken; with it, still nothing moves that `permissions.upstream` does not
 * allow device by device.
 */
export const PlatformCommands = z
  .strictObject({ keys: PlatformKeys })
  .describe('Signed commands from the platform; permissions.upstream says what they may do');

/** What the platform may configure from afar. Users, permissions, secrets, buses and devices are never among it. */
export const DesiredPart = z.enum(['site', 'flows']);
export type DesiredPart = z.infer<typeof DesiredPart>;

export const PlatformDesired = z
  .strictObject({
    keys: PlatformKeys,
    allowed: z
      .array(DesiredPart)
      .min(1)
      .max(2)
      .describe('site: zones and rules of the cameras; flows: the Node-RED flows'),
    watchS: z
      .number()
      .min(10)
      .max(600)
      .default(60)
      .describe('Seconds that health is watched after a change; if it fails the version before comes back'),
  })
  .describe('Signed configuration from the platform');
export type PlatformDesired = z.infer<typeof PlatformDesired>;
