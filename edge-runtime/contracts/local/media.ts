import { z } from 'zod';
import { Id } from '../primitives.ts';

/** The limits of a picture that leaves the box. */
export const mediaLimits = { longSidePx: 960, bytes: 200_000 } as const;

/** The redaction of a picture before it leaves: the models, and the covered share. */
export const Redaction = z.strictObject({
  faceModel: Id,
  personModel: Id,
  /** Faces and people that were filled; a person has often been counted as both. */
  faces: z.int().min(0).max(10_000),
  persons: z.int().min(0).max(10_000),
});
export type Redaction = z.infer<typeof Redaction>;

/** Of a redacted picture, beside its bytes. */
export const RedactedFacts = z.strictObject({
  width: z.int().min(1).max(mediaLimits.longSidePx),
  height: z.int().min(1).max(mediaLimits.longSidePx),
  redaction: Redaction,
});
export type RedactedFacts = z.infer<typeof RedactedFacts>;

/** A redacted picture that waits for its way to the platform, in the form that sync-agent gets. */
export const MediaJob = z.strictObject({
  id: z.uuid(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1).max(mediaLimits.bytes),
});
export type MediaJob = z.infer<typeof MediaJob>;

/** The end of a transfer: the platform has confirmed that it holds the picture, or will not take it. */
export const MediaResult = z.strictObject({ outcome: z.enum(['stored', 'refused']) });
export type MediaResult = z.infer<typeof MediaResult>;

/** Where a picture is put: content-addressed, so that putting it twice is putting it once. */
export function mediaUrl(base: string, box: string, sha256: string): string {
  return `${base}/${box}/${sha256}`;
}
