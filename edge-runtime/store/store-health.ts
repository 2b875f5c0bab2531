import type { EventClass, ServiceHealth } from '@gatehouse/contracts';
import type { OutboxBacklog, OutboxLimits } from './outbox.ts';
import { mayBeDropped } from './outbox-quota.ts';

export interface StoreCondition {
  readonly file: string;
  readonly livesOnReserve: boolean;
  /** Bytes of a write-ahead log that does not shrink; 0: none. */
  readonly walStuckBytes: number;
  readonly backlog: readonly OutboxBacklog[];
  readonly limits: OutboxLimits;
  /** Where a damaged file was put aside when this one was made of it. */
  readonly recoveredFrom: string | undefined;
  /** Name of the note that the platform has another history of this store. */
  readonly wentBack: string | undefined;
}

const mebibyte = 1024 * 1024;
const ok: ServiceHealth = { status: 'ok' };

/** How the store stands, the worst first, in one line with its remedy. */
export function storeHealth(condition: StoreCondition): ServiceHealth {
  const { file, livesOnReserve, walStuckBytes, backlog, limits, recoveredFrom, wentBack } = condition;
  if (livesOnReserve)
    return degraded(
      `STORE_ON_RESERVE: the disk of ${file} is full. Free space now; alarms and doors are recorded while the reserve lasts.`,
    );
  if (recoveredFrom !== undefined)
    return degraded(
      `STORE_RECOVERED: ${file} was damaged and made anew of what could be read; the damaged file is ${recoveredFrom}. Check the disk, then move that file away.`,
    );
  if (wentBack !== undefined)
    return degraded(
      `STORE_WENT_BACK: the platform has events that this store does not know: it was put back to an earlier state, or copied. Find out by whom; then move ${wentBack} away.`,
    );
  if (walStuckBytes > 0)
    return degraded(
      `STORE_WAL_LARGE: ${file}-wal has grown to ${Math.round(walStuckBytes / mebibyte)} MiB and does not shrink. Check the disk and restart the runtime.`,
    );
  const over = backlog.find(
    ({ eventclass, bytes }) => !mayBeDropped(eventclass) && bytes > limits[eventclass],
  );
  return over ? degraded(backlogText(over.eventclass, over.waiting, over.bytes)) : ok;
}

function backlogText(eventclass: EventClass, waiting: number, bytes: number): string {
  return `STORE_BACKLOG: ${waiting} ${eventclass} events (${Math.round(bytes / mebibyte)} MiB) wait for the platform. Restore the uplink; none is dropped.`;
}

function degraded(detail: string): ServiceHealth {
  return { status: 'degraded', detail: detail.slice(0, 300) };
}
