import { driversForCli, driversForRuntime } from './drivers.ts';
import { flowsForRuntime } from './flows.ts';
import { runtimeForCli } from './runtime-for-cli.ts';
import { runtimeForFlows } from './runtime-for-flows.ts';
import { runtimeForSync } from './runtime-for-sync.ts';
import type { LocalTable } from './table.ts';
import { visionForRuntime } from './vision.ts';

/** Every local API of the box. */
export const localTables: readonly LocalTable[] = [
  visionForRuntime,
  driversForRuntime,
  driversForCli,
  runtimeForSync,
  runtimeForFlows,
  runtimeForCli,
  flowsForRuntime,
];
