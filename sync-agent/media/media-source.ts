import { type MediaJob, type MediaResult, mediaLimits, runtimeForSync } from '@gatehouse/contracts';
import { apiClient, type RuntimeSyncClient } from '@gatehouse/local-api';

/** Redacted pictures as sync-agent sees them: the runtime owns them; this side opens no file. */
export interface MediaSource {
  /** The oldest that waits. */
  next(signal: AbortSignal): Promise<MediaJob | undefined>;
  /**
   * Its bytes; the runtime has recorded the transfer before it gives them. Throws `MEDIA_UNKNOWN` if it no
   * longer waits.
   */
  content(job: MediaJob, signal: AbortSignal): Promise<Buffer>;
  /** How it ended; may be said again. */
  ended(job: MediaJob, outcome: MediaResult['outcome'], signal: AbortSignal): Promise<void>;
}

/** The runtime's socket for sync. */
export class RuntimeMedia implements MediaSource {
  readonly #client: RuntimeSyncClient;
  constructor(socket: string) {
    this.#client = apiClient(runtimeForSync, { socket });
  }

  next(signal: AbortSignal): Promise<MediaJob | undefined> {
    return this.#client.call('nextMedia', { signal });
  }

  async content({ id }: MediaJob, signal: AbortSignal): Promise<Buffer> {
    const { bytes } = await this.#client.bytes('mediaContent', { params: { id }, signal });
    return bytes.subarray(0, mediaLimits.bytes + 1);
  }

  async ended({ id }: MediaJob, outcome: MediaResult['outcome'], signal: AbortSignal): Promise<void> {
    await this.#client.call('mediaResult', { params: { id }, body: { outcome }, signal });
  }
}
