export {
  type ErrorCode,
  type ErrorKey,
  errorOf,
  partsOf,
  statusByFault,
  statusOf,
} from './error-of.ts';
export { faultWords, plainWords } from './fault-words.ts';
export * from './gatehouse-error.ts';
export * from './in-words.ts';
export { codeOf, filled, type Phrases, type Row, type Slots, type Words } from './row.ts';
export type { DatabaseName } from './rows/databases.ts';
