import { errorOf, GatehouseError, readBounded, systemClock, systemCode } from '@gatehouse/kit';
import type { ModelEntry } from './catalogue.ts';

/** How long a download may take, milliseconds. */
export interface Patience {
  /** Until the server answers at all: names looked up, connected, header read. */
  readonly answerMs: number;
  /** Until the last byte. */
  readonly wholeMs: number;
}

/** For a person who asked for it and waits: the largest catalogue model is 4 MB, at 50 kB/s it takes 80 s. */
export const patient: Patience = { answerMs: 60_000, wholeMs: 180_000 };
/**
 * For a start that goes on without it: an unreachable internet may cost seconds, a slow one is worth a
 * minute.
 */
export const hasty: Patience = { answerMs: 8_000, wholeMs: 60_000 };

/** Gets the bytes of an upstream model; `signal` gives up earlier than its patience ends. */
export type Download = (entry: ModelEntry, url: string, signal?: AbortSignal) => Promise<Uint8Array>;

/**
 * Downloads a model from its pinned address: bounded by the catalogue's size and by time as a whole. Whether
 * the bytes are the right ones is for the caller to check. Throws `MODEL_FETCH_FAILED`, naming address and
 * reason.
 */
export async function download(
  entry: ModelEntry,
  url: string,
  signal?: AbortSignal,
  { answerMs, wholeMs } = patient,
): Promise<Uint8Array> {
  const silent = new AbortController();
  const stopWaiting = systemClock.after(answerMs, () =>
    silent.abort(new Error(`no answer within ${answerMs / 1000} s`)),
  );
  const ends = [silent.signal, AbortSignal.timeout(wholeMs), ...(signal ? [signal] : [])];
  try {
    const response = await ask(url, AbortSignal.any(ends));
    stopWaiting();
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Error(`HTTP status ${response.status}`);
    }
    return await readBounded(asBuffers(response.body), entry.bytes);
  } catch (cause) {
    throw errorOf(
      'MODEL_FETCH_FAILED',
      { model: entry.id, url, reason: reasonOf(cause), file: entry.file },
      { cause },
    );
  } finally {
    stopWaiting();
  }
}

/** Follows redirects within the host only: a person was told whom this asks. */
async function ask(pinned: string, signal: AbortSignal): Promise<Response> {
  let url = new URL(pinned);
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await fetch(url, { signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    if (next.host !== url.host) throw new Error(`it redirects to ${next.host}, which is not asked`);
    url = next;
  }
  throw new Error('it redirects without end');
}

const maxRedirects = 5;

/** `download` for a start that does not wait long. */
export const hastyDownload: Download = (entry, url, signal) => download(entry, url, signal, hasty);

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
