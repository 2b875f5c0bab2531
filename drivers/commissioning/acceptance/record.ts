import type { LocalName } from '@gatehouse/contracts';

/**
 * Clauses of GB 50396-2007 that a time is held against: an operator's command reaches the actuator, and an alarm the centre,
 * within 2 s; an event is in the host within 5 s.
 */
export type Clause = 'actuator' | 'centre' | 'host';
export const limitMs: Readonly<Record<Clause, number>> = { actuator: 2_000, centre: 2_000, host: 5_000 };

export interface Measure {
  readonly clause: Clause;
  /** Milliseconds, monotonic, to the next look (`lookEveryMs`). */
  readonly ms: number;
}

export type TestResult = 'passed' | 'failed' | 'not-tested';

/** What a line says was done; texts are in `locales`. */
export type Check =
  | 'open'
  | 'close'
  | 'stop'
  | 'limits'
  | 'loop'
  | 'loopFault'
  | 'exit'
  | 'tamper'
  | 'loop-guard'
  | 'hold'
  | 'interlock'
  | 'input'
  | 'sensor'
  | 'fire-latch'
  | 'fire-open'
  | 'fire-no-close'
  | 'fire-no-reset'
  | 'fire-reset';

/** One line of the sheet. */
export interface Line {
  readonly subject: string;
  readonly name: LocalName;
  readonly check: Check;
  readonly verdict: TestResult;
  readonly measures: readonly Measure[];
  /** What a sensor said, in both languages. */
  readonly read?: LocalName;
  /** Code of why it failed or was not tested. */
  readonly reason?: string;
  /** What the installer saw. */
  readonly seen: 'yes' | 'no' | 'not-asked';
  readonly at: string;
}

export type Mode = 'attended' | 'rehearsal' | 'unattended';

/** All of a sheet. */
export interface AcceptanceRecord {
  readonly site: { readonly id: string; readonly name: LocalName };
  readonly box: string;
  readonly software: string;
  readonly by: string;
  readonly mode: Mode;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly lines: readonly Line[];
}

/** Failed when one line is; passed only when all are. */
export function overall(lines: readonly Line[]): TestResult {
  if (lines.some(({ verdict }) => verdict === 'failed')) return 'failed';
  return lines.length > 0 && lines.every(({ verdict }) => verdict === 'passed') ? 'passed' : 'not-tested';
}

/** Whether every time of a line is within its clause. */
export function inTime(measures: readonly Measure[]): boolean {
  return measures.every(({ clause, ms }) => ms <= limitMs[clause]);
}
