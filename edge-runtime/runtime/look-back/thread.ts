import { Worker } from 'node:worker_threads';
import { type Clock, errorOf, type GatehouseError } from '@gatehouse/kit';
import type { LookBackAnswer, LookBackTask } from './protocol.ts';

const workerFile = new URL('./worker.ts', import.meta.url);
/**
 * A day of a busy camera takes 10 to 20 s of one core (`npm run bench -- tracks`). A task that takes far more
 * is ended.
 */
const longestMs = 900_000;
/**
 * Rules make new state with every frame: with more room for it, short-lived state is seldom copied before it
 * is gone.
 */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 64 };

type Final = Exclude<LookBackAnswer, { type: 'progress' }>;

/** The answer to a task of this type. */
export type AnswerTo<T extends LookBackTask['type']> = Extract<Final, { type: T }>;

export interface ThreadOptions {
  readonly clock: Clock;
  /** Ends the thread; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Share of the work done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Runs one task in a thread of its own. Throws `LOOK_BACK_FAILED` or `LOOK_BACK_TOO_LONG`; the thread is gone
 * afterwards.
 */
export async function inThread<T extends LookBackTask['type']>(
  task: LookBackTask & { type: T },
  { clock, signal, onProgress = () => undefined }: ThreadOptions,
): Promise<AnswerTo<T>> {
  const worker = new Worker(workerFile, { workerData: task, resourceLimits });
  const { promise, resolve, reject } = Promise.withResolvers<AnswerTo<T>>();
  const onAbort = () => reject(signal.reason);
  const stopTimer = clock.after(longestMs, () => reject(tooLong()));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  worker.on('message', (message: LookBackAnswer) => {
    if (message.type === 'progress') onProgress(message.share);
    else resolve(message as AnswerTo<T>);
  });
  worker.on('error', (cause) => reject(failed(cause)));
  worker.on('exit', () => reject(failed(undefined)));
  try {
    return await promise;
  } finally {
    stopTimer();
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}

function failed(cause: unknown): GatehouseError {
  return errorOf('LOOK_BACK_FAILED', {}, { cause });
}

function tooLong(): GatehouseError {
  return errorOf('LOOK_BACK_TOO_LONG', { seconds: longestMs / 1000 });
}
