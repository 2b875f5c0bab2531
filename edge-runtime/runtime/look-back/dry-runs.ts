import { randomUUID } from 'node:crypto';
import type { Camera, DryRun, Incident } from '@gatehouse/contracts';
import type { EngineOptions } from '@gatehouse/incidents';
import { type Clock, describeError, errorOf, GatehouseError, type Log, type Part } from '@gatehouse/kit';
import type { TrackStore } from '@gatehouse/store';
import { compared } from './compare.ts';
import { inThread } from './thread.ts';

export interface DryRunsOptions {
  readonly tracks: TrackStore;
  readonly calendar: EngineOptions;
  /** The real incidents of a camera's rules that opened in a span of time, oldest first; epoch ms. */
  readonly really: (camera: string, fromMs: number, toMs: number) => readonly Incident[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Dry runs that can still be asked for; the oldest goes first. */
const maxKept = 8;

interface Kept {
  run: DryRun;
  readonly abort: AbortController;
}

/**
 * Runs of edited zones over the stored tracks, one at a time, each in a thread; results are kept in memory
 * only.
 */
export class DryRuns implements Part {
  readonly #options: DryRunsOptions;
  readonly #kept = new Map<string, Kept>();
  constructor(options: DryRunsOptions) {
    this.#options = options;
  }
  start(): void {
    this.#kept.clear();
  }
  stop(): void {
    for (const { abort } of this.#kept.values()) abort.abort(cancelled);
  }

  /**
   * Starts a run and answers at once. Throws `DRY_RUN_BUSY` while one runs, `DRY_RUN_NO_TRACKS` when nothing
   * is stored yet.
   * @param camera with the edited zones
   */
  begin(camera: Camera): DryRun {
    const { tracks } = this.#options;
    if ([...this.#kept.values()].some(({ run }) => run.state === 'running')) throw busy();
    const segments = tracks.segments(camera.id);
    if (segments.length === 0) throw noTracks(camera.id);
    const kept: Kept = {
      run: { id: randomUUID(), camera: camera.id, state: 'running', progress: 0 },
      abort: new AbortController(),
    };
    this.#keep(kept);
    const files = segments.map(({ file }) => file);
    void this.#run(kept, camera, files);
    return kept.run;
  }

  get(id: string): DryRun | undefined {
    return this.#kept.get(id)?.run;
  }

  /** Ends a run. A run that has ended stays as it is. */
  cancel(id: string): DryRun | undefined {
    const kept = this.#kept.get(id);
    if (kept?.run.state === 'running') {
      kept.run = { ...kept.run, state: 'cancelled' };
      kept.abort.abort(cancelled);
    }
    return kept?.run;
  }

  async #run(kept: Kept, camera: Camera, files: readonly string[]): Promise<void> {
    const { calendar, clock, log, really } = this.#options;
    try {
      const { result } = await inThread(
        { type: 'run', camera, calendar, files },
        {
          clock,
          signal: kept.abort.signal,
          onProgress: (progress) => {
            kept.run = { ...kept.run, progress };
          },
        },
      );
      const opened = result.spans.flatMap(({ fromMs, toMs }) => really(camera.id, fromMs, toMs));
      // The clock was set back: an incident may have been opened within two spans.
      const incidents = [...new Map(opened.map((one) => [one.id, one])).values()];
      kept.run = { ...kept.run, state: 'done', progress: 1, result: compared(result, incidents) };
    } catch (error) {
      if (error === cancelled) return;
      log.error('dry-run-failed', { camera: camera.id, error });
      const code = error instanceof GatehouseError ? error.code : 'INTERNAL';
      kept.run = { ...kept.run, state: 'failed', failure: { code, message: describeError(error) } };
    }
  }

  #keep(kept: Kept): void {
    this.#kept.set(kept.run.id, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > maxKept && oldest !== undefined) this.#kept.delete(oldest);
  }
}

const cancelled = new Error('the dry run was cancelled');

function busy(): GatehouseError {
  return errorOf('DRY_RUN_BUSY');
}

function noTracks(camera: string): GatehouseError {
  return errorOf('DRY_RUN_NO_TRACKS', { camera });
}
