import { z } from 'zod';

/** Of a person at the console. */
export const Role = z.enum(['guard', 'supervisor', 'installer', 'administrator']);
export type Role = z.infer<typeof Role>;
