import { MediaJob, type MediaResult, mediaLimits } from '@gatehouse/contracts';
import { LocalClient } from '@gatehouse/kit';

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
  readonly #client: LocalClient;
  constructor(socket: string) {
    this.#client = new LocalClient('runtime', socket);
  }

  async next(signal: AbortSignal): Promise<MediaJob | undefined> {
    const answer = await this.#client.call('GET', '/media/next', { signal });
    return answer === undefined ? undefined : MediaJob.parse(answer);
  }

  async content({ id }: MediaJob, signal: AbortSignal): Promise<Buffer> {
    const { bytes } = await this.#client.callRaw('GET', `/media/${id}/content`, { signal });
    return bytes.subarray(0, mediaLimits.bytes + 1);
  }

  async ended({ id }: MediaJob, outcome: MediaResult['outcome'], signal: AbortSignal): Promise<void> {
    await this.#client.call('POST', `/media/${id}/result`, { body: { outcome }, signal });
  }
}
