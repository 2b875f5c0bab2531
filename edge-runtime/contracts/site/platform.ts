import { z } from 'zod';
import { PlatformKeys } from '../wire/signed-message.ts';

/**
 * Commands, configuration and flows from the platform. Without this section none is taken. With it, still
 * nothing moves and nothing is changed that `permissions.upstream` does not allow.
 */
export const PlatformCommands = z
  .strictObject({ keys: PlatformKeys })
  .describe(
    'Signed commands and configuration from the platform; permissions.upstream says what they may do',
  );
export type PlatformCommands = z.infer<typeof PlatformCommands>;
