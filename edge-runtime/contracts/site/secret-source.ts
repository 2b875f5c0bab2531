import { z } from 'zod';

/** Where a secret comes from; never the secret itself in the site file. */
export const SecretSource = z.union([
  z.strictObject({
    file: z.string().min(1).describe('File that holds the secret, relative to the site file'),
  }),
  z.strictObject({
    env: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .describe('Environment variable that holds the secret'),
  }),
]);
export type SecretSource = z.infer<typeof SecretSource>;
