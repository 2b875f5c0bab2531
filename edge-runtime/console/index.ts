export type { Console } from './api/console.ts';
export { createConsole } from './api/console.ts';
export type { ConsoleOptions } from './api/options.ts';
export type * from './api/ports.ts';
