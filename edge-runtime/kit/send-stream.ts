import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemCode } from './errors.ts';

/** Error codes that mean that the reader of an answer has gone. */
const gone: readonly (string | undefined)[] = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'];

/**
 * Sends a stream as the body of an answer and waits for its end. A reader that goes away, before or during
 * it, is no error. The source is closed in every case. Throws the error of the source.
 */
export async function sendStream(source: Readable, response: ServerResponse): Promise<void> {
  // `pipeline` refuses a closed answer and ignores the source, which may still fail to open.
  source.on('error', () => undefined);
  if (response.destroyed) return void source.destroy();
  try {
    await pipeline(source, response);
  } catch (error) {
    if (!gone.includes(systemCode(error))) throw error;
  }
}
