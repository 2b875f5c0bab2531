import type { Camera, CameraView } from '@gatehouse/contracts';
import type { EngineOptions } from '@gatehouse/incidents';
import type { RunResult } from './dry-run.ts';

interface Rerun {
  readonly camera: Camera;
  readonly calendar: EngineOptions;
  /** Segment files, read where they lie, oldest first. */
  readonly files: readonly string[];
}

/** The worker's task. It answers, and ends. */
export type LookBackTask =
  | (Rerun & { readonly type: 'moment'; readonly atMs: number })
  | (Rerun & { readonly type: 'run' });

export type LookBackAnswer =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'moment'; readonly view: CameraView }
  | { readonly type: 'run'; readonly result: RunResult };
