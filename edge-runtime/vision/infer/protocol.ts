import type { Detection, InputShape } from '../detect/detector.ts';

/**
 * How the worker gets its detector: a module to import and what to call it with. `createDetector(...args)` of
 * that module must resolve to a `Detector`. Arguments cross threads: plain data only.
 */
export interface DetectorRecipe {
  /** `file:` URL of the module. */
  readonly module: string;
  readonly args: readonly unknown[];
}

/** A failure on its way between threads (an `Error`'s own fields do not survive the crossing). */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** To the worker: one frame, in memory that both threads see. */
export interface DetectJob {
  readonly job: number;
  /** Which memory holds it. */
  readonly slot: number;
  /**
   * That memory, with the slot's first job only: each arrival of shared memory counts as so much new memory
   * with V8, which collected garbage for it for 0.3 ms of every 9 ms inference.
   */
  readonly planes?: SharedArrayBuffer;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

/** To the worker: finish what you do, free the model, and end. */
export const endOrder = 'end';
export type WorkerOrder = DetectJob | typeof endOrder;

/** From the worker. */
export type WorkerReply =
  | { readonly type: 'ready'; readonly input: InputShape; readonly providerFault?: Failure }
  | { readonly type: 'cannot-load'; readonly failure: Failure }
  | { readonly type: 'detections'; readonly job: number; readonly detections: readonly Detection[] }
  | { readonly type: 'failed'; readonly job: number; readonly failure: Failure };
