import { eventTypes, type MediaWithheldReason, type WireMedia } from '@gatehouse/contracts';
import { isoWithOffset } from '@gatehouse/kit';
import type { MediaFacts, OutboxEntry } from '@gatehouse/store';

/**
 * The event about a picture. Of class `health`, not `telemetry`: it is rare, and if sensor readings displaced
 * a reference, the platform would hold a picture that nobody knows of.
 */
function entryOf(data: WireMedia, nowMs: number): OutboxEntry {
  return {
    eventclass: 'health',
    type: eventTypes.media,
    time: isoWithOffset(nowMs),
    subject: data.incident,
    data,
  };
}

export function storedEntry(
  {
    media,
    incident,
    facts,
    url,
  }: { readonly media: string; readonly incident: string; readonly facts: MediaFacts; readonly url: string },
  nowMs: number,
): OutboxEntry {
  const { sha256, bytes, width, height, redaction } = facts;
  return entryOf(
    {
      state: 'stored',
      media,
      incident,
      sha256,
      bytes,
      width,
      height,
      contentType: 'image/jpeg',
      redaction,
      url,
    },
    nowMs,
  );
}

export function withheldEntry(
  about: { readonly media: string; readonly incident: string; readonly reason: MediaWithheldReason },
  nowMs: number,
): OutboxEntry {
  return entryOf({ state: 'withheld', ...about }, nowMs);
}
