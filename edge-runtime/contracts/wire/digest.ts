import { createHash } from 'node:crypto';
import { z } from 'zod';

/** 64 bits are enough to tell the few events apart that two histories of one store have under one number. */
const digits = 16;

/** The content of an event in short: `digestOf` of it as it was first written. */
export const WireDigest = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .describe('First 16 hexadecimal digits of a SHA-256');
export type WireDigest = z.infer<typeof WireDigest>;

export interface DigestedContent {
  readonly type: string;
  readonly time: string;
  readonly subject?: string | undefined;
  readonly data: unknown;
}

/** The digest of an event's content, under any number and epoch. */
export function digestOf({ type, time, subject, data }: DigestedContent): WireDigest {
  const content = JSON.stringify([type, time, subject ?? null, data]);
  return createHash('sha256').update(content).digest('hex').slice(0, digits);
}
