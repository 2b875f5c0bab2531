export { ApiClient, type ApiTransport, apiClient, type StreamOptions } from './client.ts';
export {
  type AppOptions,
  type Call,
  type Handlers,
  LocalApi,
  type LocalApiOptions,
  localApp,
} from './server.ts';
