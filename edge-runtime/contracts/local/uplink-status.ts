import { z } from 'zod';
import { HealthFault, maxFaults } from './health.ts';

/**
 * The connection that brings the platform's commands: one of its own, so it can be down while events go up.
 */
export const CommandLinkStatus = z.strictObject({
  state: z.enum(['connected', 'connecting', 'down']),
  /** Since when; attempts that fail meanwhile do not change it. */
  since: z.iso.datetime({ offset: true }),
  /** Why it is down, beginning with the error's code. */
  detail: z.string().max(300).optional(),
});
export type CommandLinkStatus = z.infer<typeof CommandLinkStatus>;

export const UplinkStatus = z.strictObject({
  state: z.enum(['connected', 'connecting', 'down', 'off']),
  /** One line of all that follows, faults first. */
  detail: z.string().max(300).optional(),
  /** Faults that keep events or pictures from the platform. */
  faults: z.array(HealthFault).max(maxFaults).optional(),
  /** Notes that are worth knowing and no fault yet, e.g. a certificate that ends soon. */
  notes: z.array(z.string().max(300)).max(8).optional(),
  /** Protocol version in use: 5 or 4 (3.1.1). */
  protocol: z.union([z.literal(4), z.literal(5)]).optional(),
  lastAckAt: z.iso.datetime({ offset: true }).optional(),
  /** Absent where the site file names no key for commands. */
  commands: CommandLinkStatus.optional(),
});
export type UplinkStatus = z.infer<typeof UplinkStatus>;
