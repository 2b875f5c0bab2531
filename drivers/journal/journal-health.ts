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
  const isThere = loss?.aside && existsSync(join(dirname(file), loss.aside));
  const full = `JOURNAL_FULL: the disk takes nothing for ${file}. Free space on it now.`;
  const room = Math.floor(overflowFreeBytes / bytesOfCommand);
  const still =
    overflowFreeBytes > 0
      ? `People at the box can still stop and open (room for some ${room} commands); commands from elsewhere are refused.`
      : 'Only stops are carried out, and what a fire opens.';
  return [
    ...(isFull ? [healthFault('people', 'JOURNAL_FULL', `${full} ${still}`)] : []),
    ...(loss && isThere
      ? [
          healthFault(
            'records',
            'JOURNAL_RECOVERED',
            `JOURNAL_RECOVERED: ${file} was damaged and made anew of what could be read. Not known any more, wholly or in part: ${loss.missing}. The damaged file is ${loss.aside}: check the disk, then move that file away.`,
          ),
        ]
      : []),
    ...(unreadable > 0
      ? [
          healthFault(
            'records',
            'JOURNAL_UNREADABLE',
            `JOURNAL_UNREADABLE: ${unreadable} times a record of ${file} could not be read and was left out; see "journal-row-unreadable" in the log. Check the disk.`,
          ),
        ]
      : []),
  ];
}

/** A command with all that is kept of it, bytes. */
const bytesOfCommand = 3_000;
