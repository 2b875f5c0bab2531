export { ApiClient, type ApiTransport, apiClient, type ClientOptions, type StreamOptions } from './client.ts';
export type * from './clients.ts';
export {
  type AppOptions,
  type Call,
  type Handlers,
  LocalApi,
  type LocalApiOptions,
  localApp,
} from './server.ts';
