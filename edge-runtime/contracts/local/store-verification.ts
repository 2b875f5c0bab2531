import { z } from 'zod';

/** The findings of a full check of events.db. */
export const StoreVerification = z.strictObject({
  intact: z.boolean(),
  /** One line a fault. */
  problems: z.array(z.string()).max(40),
  bytes: z.int().min(0),
});
export type StoreVerification = z.infer<typeof StoreVerification>;
