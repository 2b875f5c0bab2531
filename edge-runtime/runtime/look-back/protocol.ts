import type { Camera, CameraView } from '@gatehouse/contracts';
import type { RunResult } from './dry-run.ts';

/** What the worker is started with; it answers, and ends. Files are read where they lie, oldest first. */
export type LookBackTask =
  | {
      readonly type: 'moment';
      readonly camera: Camera;
      readonly files: readonly string[];
      readonly atMs: number;
    }
  | { readonly type: 'run'; readonly camera: Camera; readonly files: readonly string[] };

export type LookBackAnswer =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'moment'; readonly view: CameraView }
  | { readonly type: 'run'; readonly result: RunResult };
