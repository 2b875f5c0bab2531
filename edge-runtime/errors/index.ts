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
export { codeOf, type Phrases, type Row, type Words } from './row.ts';
export type { DatabaseName } from './rows/databases.ts';
