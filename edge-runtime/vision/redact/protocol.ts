import { RedactedFacts } from '@gatehouse/contracts';
import { z } from 'zod';

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
