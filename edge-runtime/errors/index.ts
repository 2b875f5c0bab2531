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
export {
  type FaultKey,
  type FaultKeyWith,
  type HealthKey,
  type HealthLine,
  type HealthValues,
  healthLine,
  healthLineOf,
  healthLines,
} from './health-line.ts';
export * from './in-words.ts';
export {
  type CodeOf,
  codeOf,
  filled,
  type Line,
  type Phrases,
  type Row,
  type Slots,
  slotsOf,
  type Words,
} from './row.ts';
export type { DatabaseName } from './rows/databases.ts';
