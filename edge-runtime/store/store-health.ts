import { type HealthFault, healthFault } from '@gatehouse/contracts';
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
  return [
    ...(livesOnReserve ? [healthFault('records', 'STORE_ON_RESERVE', { file })] : []),
    ...(recoveredFrom === undefined
      ? []
      : [healthFault('records', 'STORE_RECOVERED', { file, aside: recoveredFrom })]),
    ...(walStuckBytes > 0
      ? [healthFault('records', 'STORE_WAL_LARGE', { file, size: mebibytes(walStuckBytes) })]
      : []),
  ];
}

/**
 * The fault that the platform has another history of this store; `note`: the name of the file that says so.
 */
export function historyHealth(note: string | undefined): HealthFault[] {
  return note === undefined ? [] : [healthFault('records', 'STORE_WENT_BACK', { note })];
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
  return [
    ...over.map(({ waiting, eventclass, bytes }) =>
      healthFault('platform', 'STORE_BACKLOG', { count: waiting, eventclass, size: mebibytes(bytes) }),
    ),
    ...(refusals > 0 ? [healthFault('platform', 'EVENTS_WITHHELD', { count: refusals })] : []),
  ];
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1024 * 1024));
}
