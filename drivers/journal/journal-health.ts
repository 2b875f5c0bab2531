import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServiceHealth } from '@gatehouse/contracts';
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

/** How the journal stands, the worst first, in one line with its remedy. */
export function journalHealth(condition: JournalCondition): ServiceHealth {
  const { file, opened, loss, overflowed, overflowFreeBytes, stuck, unreadable } = condition;
  const isFull = opened?.durable === false || overflowed > 0 || stuck > 0;
  if (isFull && overflowFreeBytes > 0)
    return degraded(
      `JOURNAL_FULL: the disk takes nothing for ${file}. Free space on it now. People at the box can still stop and open (room for some ${Math.floor(overflowFreeBytes / bytesOfCommand)} commands); commands from elsewhere are refused.`,
    );
  if (isFull)
    return degraded(
      `JOURNAL_FULL: the disk takes nothing for ${file}. Free space on it now. Only stops are carried out, and what a fire opens.`,
    );
  const isThere = loss?.aside && existsSync(join(dirname(file), loss.aside));
  if (loss && isThere)
    return degraded(
      `JOURNAL_RECOVERED: ${file} was damaged and made anew of what could be read. Not known any more, wholly or in part: ${loss.missing}. The damaged file is ${loss.aside}: check the disk, then move that file away.`,
    );
  if (unreadable > 0)
    return degraded(
      `JOURNAL_UNREADABLE: ${unreadable} times a record of ${file} could not be read and was left out; see "journal-row-unreadable" in the log. Check the disk.`,
    );
  return { status: 'ok' };
}

/** A command with all that is kept of it, bytes. */
const bytesOfCommand = 3_000;

function degraded(detail: string): ServiceHealth {
  return { status: 'degraded', detail: detail.slice(0, 300) };
}
