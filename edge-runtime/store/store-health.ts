import { type Endangered, type HealthFault, healthFault } from '@gatehouse/contracts';
import type { OutboxBacklog, OutboxLimits } from './outbox.ts';
import { mayBeDropped } from './outbox-quota.ts';

export interface FileCondition {
  readonly file: string;
  readonly livesOnReserve: boolean;
  /** Bytes of a write-ahead log that does not shrink; 0: none. */
  readonly walStuckBytes: number;
  /** The place of the damaged file that this one was made from. */
  readonly recoveredFrom: string | undefined;
}

/** The faults of the store's file, each with its remedy. */
export function fileHealth({
  file,
  livesOnReserve,
  walStuckBytes,
  recoveredFrom,
}: FileCondition): HealthFault[] {
  const full = `the disk of ${file} is full. Free space now; alarms and doors are recorded while the reserve lasts.`;
  const recovered = `${file} was damaged and made anew of what could be read; the damaged file is ${recoveredFrom}. Check the disk, then move that file away.`;
  const grown = `${file}-wal has grown to ${mebibytes(walStuckBytes)} MiB and does not shrink. Check the disk and restart the runtime.`;
  return [
    ...(livesOnReserve ? [told('records', 'STORE_ON_RESERVE', full)] : []),
    ...(recoveredFrom === undefined ? [] : [told('records', 'STORE_RECOVERED', recovered)]),
    ...(walStuckBytes > 0 ? [told('records', 'STORE_WAL_LARGE', grown)] : []),
  ];
}

/**
 * The fault that the platform has another history of this store; `note`: the name of the file that says so.
 */
export function historyHealth(note: string | undefined): HealthFault[] {
  if (note === undefined) return [];
  const text = `the platform has events that this store does not know: it was put back to an earlier state, or copied. Find out by whom; then move ${note} away.`;
  return [told('records', 'STORE_WENT_BACK', text)];
}

/**
 * Events that the platform lacks: classes that are never dropped and are past their quota, and rows that the
 * allow-list withheld.
 */
export function outboxHealth(
  backlog: readonly OutboxBacklog[],
  limits: OutboxLimits,
  refusals: number,
): HealthFault[] {
  const over = backlog.filter(
    ({ eventclass, bytes }) => !mayBeDropped(eventclass) && bytes > limits[eventclass],
  );
  const waits = ({ waiting, eventclass, bytes }: OutboxBacklog) =>
    `${waiting} ${eventclass} events (${mebibytes(bytes)} MiB) wait for the platform. Restore the uplink; none is dropped.`;
  const withheld = `${refusals} events were withheld from upstream; see "egress-refused" in the log.`;
  return [
    ...over.map((one) => told('platform', 'STORE_BACKLOG', waits(one))),
    ...(refusals > 0 ? [told('platform', 'EVENTS_WITHHELD', withheld)] : []),
  ];
}

function told(endangers: Endangered, code: string, text: string): HealthFault {
  return healthFault(endangers, code, `${code}: ${text}`);
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1024 * 1024));
}
