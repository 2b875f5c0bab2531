import type { MediaWithheldReason } from '@gatehouse/contracts';
import { GatehouseError, systemCode } from '@gatehouse/kit';

/** Errors that pass: the picture waits and is tried again. */
const passing = new Set(['PEER_DOWN', 'REDACTION_BUSY', 'STORE_FULL']);

const reasons: Readonly<Record<string, MediaWithheldReason>> = {
  REDACTION_CROWD: 'too-many-people',
  REDACTION_TIMEOUT: 'redaction-timeout',
  STILL_UNREADABLE: 'still-lost',
  MODEL_MISSING: 'no-face-model',
  MODEL_CORRUPT: 'no-face-model',
  MODEL_UNLOADABLE: 'no-face-model',
  MODEL_UNKNOWN: 'no-face-model',
  MODEL_FETCH_FAILED: 'no-face-model',
  MODEL_CACHE_UNWRITABLE: 'no-face-model',
};

/**
 * The reason why a picture that could not be redacted stays on the box; `undefined` if it is worth another
 * try. An unknown error keeps it here.
 */
export function outcomeOf(error: unknown): MediaWithheldReason | undefined {
  // The file could not be written, mostly for want of room.
  if (!(error instanceof GatehouseError)) return systemCode(error) ? undefined : 'redaction-failed';
  if (passing.has(error.code)) return undefined;
  return reasons[error.code] ?? 'redaction-failed';
}

const aboutOne = new Set([
  'REDACTION_CROWD',
  'REDACTION_INCOMPLETE',
  'REDACTION_TOO_LARGE',
  'STILL_UNREADABLE',
]);

/** The next picture may go: the box has no fault. */
export function ofOnePicture({ code }: GatehouseError): boolean {
  return aboutOne.has(code);
}
