import type {
  driversForCli,
  driversForRuntime,
  flowsForRuntime,
  runtimeForCli,
  runtimeForFlows,
  runtimeForSync,
  visionForRuntime,
} from '@gatehouse/contracts';
import type { ApiClient } from './client.ts';

export type DriversClient = ApiClient<typeof driversForRuntime.routes>;
export type DriversCliClient = ApiClient<typeof driversForCli.routes>;
export type VisionClient = ApiClient<typeof visionForRuntime.routes>;
export type FlowsClient = ApiClient<typeof flowsForRuntime.routes>;
export type RuntimeSyncClient = ApiClient<typeof runtimeForSync.routes>;
export type RuntimeFlowsClient = ApiClient<typeof runtimeForFlows.routes>;
export type RuntimeCliClient = ApiClient<typeof runtimeForCli.routes>;
