export type * from './answers.ts';
export * from './names.ts';
export type { Access, ConsolePage, ConsoleRoute } from './route.ts';
export * from './table.ts';
