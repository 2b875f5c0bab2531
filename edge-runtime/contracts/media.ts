import { z } from 'zod';
import { Id } from './primitives.ts';

/** What a picture that leaves the box may be at most. */
export const mediaLimits = { longSidePx: 960, bytes: 200_000 } as const;

/** How a picture was made fit to leave: by which models, and how much was covered. */
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
