export { ConsoleServer, type ConsoleServerOptions } from './api/console-server.ts';
export type * from './api/parts.ts';
export type * from './api/ports.ts';
