import { setPriority } from 'node:os';
import { maxStillBytes } from '@gatehouse/contracts';
import { errorOf, GatehouseError, readBounded, systemCode } from '@gatehouse/kit';
import { loadRedactionModels } from './load.ts';
import { redactStill } from './redact-still.ts';

/**
 * Redacts one still and ends: JPEG on standard input, a line of JSON and, if all went well, the redacted JPEG
 * on standard output. `node redact/main.ts MAX_PEOPLE`.
 */
yieldToCameras();
const most = Number(process.argv[2]);

try {
  const still = await readBounded(process.stdin, maxStillBytes);
  const { jpeg, width, height, redaction } = await redactStill(still, {
    ...(await loadRedactionModels()),
    maxPeople: most,
  });
  answer({ width, height, redaction }, jpeg);
} catch (error) {
  answer({ failure: failureOf(error) });
}

/** A picture can wait. Where a sandbox does not let it, it is redacted all the same. */
function yieldToCameras(): void {
  try {
    setPriority(15);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

function answer(line: unknown, jpeg: Uint8Array = Buffer.alloc(0)): void {
  process.stdout.end(Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`), jpeg]));
}

function failureOf(error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
  const known = error instanceof GatehouseError ? error : errorOf('REDACTION_FAILED/unexpected', { reason });
  const { code, fault, message, remedy } = known;
  return { code, fault, message, remedy };
}
