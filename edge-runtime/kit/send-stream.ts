import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemCode } from './errors.ts';

/** How it shows that the reader of an answer has gone. */
const gone: readonly (string | undefined)[] = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'];

/**
 * Sends a stream as the body of an answer and waits for its end. A reader that goes, before or meanwhile, is
 * no error of anybody's; the source is closed in every case. Throws what the source fails with.
 */
export async function sendStream(source: Readable, response: ServerResponse): Promise<void> {
  // `pipeline` refuses an answer that is closed already and leaves the source alone, which may yet fail to
  // open.
  source.on('error', () => undefined);
  if (response.destroyed) return void source.destroy();
  try {
    await pipeline(source, response);
  } catch (error) {
    if (!gone.includes(systemCode(error))) throw error;
  }
}
