import { GatehouseError, readBounded, systemCode } from '@gatehouse/kit';
import type { ModelEntry } from './catalogue.ts';

/** The largest catalogue model is 4 MB: at 50 kB/s it takes 80 s. */
export const downloadTimeoutMs = 180_000;

/** Gets the bytes of an upstream model; `signal` gives up earlier than the timeout. */
export type Download = (entry: ModelEntry, url: string, signal?: AbortSignal) => Promise<Uint8Array>;

/**
 * Downloads a model from its pinned address: bounded by the catalogue's size and by time as a whole. Whether the bytes are
 * the right ones is for the caller to check. Throws `MODEL_FETCH_FAILED`, naming address and reason.
 */
export async function download(
  entry: ModelEntry,
  url: string,
  signal?: AbortSignal,
  timeoutMs = downloadTimeoutMs,
): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
      redirect: 'follow',
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Error(`HTTP status ${response.status}`);
    }
    return await readBounded(asBuffers(response.body), entry.bytes);
  } catch (cause) {
    throw new GatehouseError(
      'MODEL_FETCH_FAILED',
      'peer',
      `model ${entry.id} cannot be fetched from ${url} (${reasonOf(cause)}).`,
      `Check the way to the internet, or put ${entry.file} into a folder and name it in GATEHOUSE_MODEL_MIRROR.`,
      { cause },
    );
  }
}

async function* asBuffers(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** The reason in few words; fetch() hides that of a network failure in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof GatehouseError) return error.message;
  const { cause } = error;
  return systemCode(cause) ?? (cause instanceof Error ? cause.message : error.message);
}
