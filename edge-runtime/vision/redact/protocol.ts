import { RedactedFacts } from '@gatehouse/contracts';
import { z } from 'zod';

/** A larger still is none of ours: the still maker's are some 300 kB. */
export const maxStillBytes = 4 * 1024 * 1024;

/** The first line that the redacting program answers. */
export const RedactAnswer = z.union([
  RedactedFacts,
  z.strictObject({
    failure: z.strictObject({
      code: z.string(),
      fault: z.enum(['input', 'environment', 'peer', 'bug']),
      message: z.string(),
      remedy: z.string(),
    }),
  }),
]);
