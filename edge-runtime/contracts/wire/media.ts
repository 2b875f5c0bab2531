import { z } from 'zod';
import { mediaLimits, Redaction } from '../local/media.ts';

/** Why the picture of an incident stays on the box for good. */
export const MediaWithheldReason = z.enum([
  /** No sound model for faces on the box: nothing is sent unredacted. */
  'no-face-model',
  'redaction-failed',
  'redaction-timeout',
  /** More faces or people than the site allows. */
  'too-many-people',
  'still-lost',
  /** Newer pictures waited, and the queue was full: the oldest goes first. */
  'queue-full',
  'too-old',
  'refused-by-platform',
  /** The site file no longer names the incident's kind. */
  'switched-off',
]);
export type MediaWithheldReason = z.infer<typeof MediaWithheldReason>;

/**
 * The place of a picture: the media address of the site file, box and SHA-256. sync-agent lets no other
 * address out than its own.
 */
export const MediaUrl = z
  .string()
  .regex(
    /^https?:\/\/[A-Za-z0-9.:[\]-]{1,100}(\/[A-Za-z0-9._~-]{1,40}){0,6}\/[a-z0-9][a-z0-9-]{0,62}\/[0-9a-f]{64}$/,
  );

const Stored = z.strictObject({
  state: z.literal('stored'),
  media: z.uuid(),
  incident: z.uuid(),
  /** Of the JPEG, which the platform has confirmed to hold before this event was written. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1).max(mediaLimits.bytes),
  width: z.int().min(1).max(mediaLimits.longSidePx),
  height: z.int().min(1).max(mediaLimits.longSidePx),
  contentType: z.literal('image/jpeg'),
  redaction: Redaction,
  url: MediaUrl.optional(),
});

const Withheld = z.strictObject({
  state: z.literal('withheld'),
  media: z.uuid(),
  incident: z.uuid(),
  reason: MediaWithheldReason,
});

/**
 * `gatehouse.media.v1`: the redacted picture of an incident is with the platform, or never will be, with the
 * reason.
 */
export const WireMedia = z.discriminatedUnion('state', [Stored, Withheld]);
export type WireMedia = z.infer<typeof WireMedia>;
