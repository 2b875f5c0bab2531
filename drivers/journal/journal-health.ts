import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type HealthFault, healthFault } from '@gatehouse/contracts';
import type { OpenedJournal } from './database.ts';
import type { JournalLoss } from './journal-file.ts';

export interface JournalCondition {
  readonly file: string;
  readonly opened: OpenedJournal | undefined;
  readonly loss: JournalLoss | undefined;
  /** Facts beside drivers.db, and bytes left for more. */
  readonly overflowed: number;
  readonly overflowFreeBytes: number;
  /** Facts that neither file takes. */
  readonly stuck: number;
  /** Rows that could not be read since the start. */
  readonly unreadable: number;
}

/** All that is not well with the journal, each with its remedy. */
export function journalHealth(condition: JournalCondition): HealthFault[] {
  const { file, opened, loss, overflowed, overflowFreeBytes, stuck, unreadable } = condition;
  const isFull = opened?.durable === false || overflowed > 0 || stuck > 0;
  const aside = loss?.aside && existsSync(join(dirname(file), loss.aside)) ? loss.aside : undefined;
  const room = Math.floor(overflowFreeBytes / bytesOfCommand);
  const full = () =>
    overflowFreeBytes > 0
      ? healthFault('people', 'JOURNAL_FULL', { file, room })
      : healthFault('people', 'JOURNAL_FULL/stops', { file });
  return [
    ...(isFull ? [full()] : []),
    ...(loss && aside !== undefined
      ? [healthFault('records', 'JOURNAL_RECOVERED', { file, missing: loss.missing, aside })]
      : []),
    ...(unreadable > 0 ? [healthFault('records', 'JOURNAL_UNREADABLE', { count: unreadable, file })] : []),
  ];
}

/** A command with all that is kept of it, bytes. */
const bytesOfCommand = 3_000;
