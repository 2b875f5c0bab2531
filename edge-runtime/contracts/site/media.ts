import { z } from 'zod';
import { pictureKinds } from './rules/index.ts';
import { SecretSource } from './secret-source.ts';
import { UplinkTls } from './tls.ts';

/**
 * Incidents of which a picture may go to the platform: those of the rules that allow it.
 */
export const MediaKind = z.enum(pictureKinds);
export type MediaKind = z.infer<typeof MediaKind>;

/** Where redacted pictures go, and which. Without this section none leaves the box. */
export const MediaUplink = z.strictObject({
  // The wire event names the picture's address, so the address must fit the wire event's bounds.
  url: z
    .string()
    .max(200)
    .regex(
      /^https?:\/\/[A-Za-z0-9.:[\]-]{1,100}(\/[A-Za-z0-9._~-]{1,40}){0,6}$/,
      'must be https:// without user, password, query or a slash at the end',
    )
    .describe("Address below which a picture is put as <box>/<sha256>; the platform's media server"),
  kinds: z
    .array(MediaKind)
    .max(MediaKind.options.length)
    .default([])
    .describe('Kinds of incidents of which the redacted picture goes; none by default'),
  maxPeople: z
    .int()
    .min(0)
    .max(20)
    .default(6)
    .describe('A picture with more faces or people stays on the box'),
  token: SecretSource.optional().describe('Bearer token of the media server'),
  tls: UplinkTls.optional(),
});
export type MediaUplink = z.infer<typeof MediaUplink>;
