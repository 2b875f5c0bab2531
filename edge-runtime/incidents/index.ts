export type { Candidate } from '@gatehouse/rules';
export * from './engine.ts';
export * from './incident.ts';
export * from './replay.ts';
