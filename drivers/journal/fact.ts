import type { AuditEntry, CommandOutcome, DeviceCommand } from '@gatehouse/contracts';
import type { NewAuditEntry } from './audit-chain.ts';
import type { NewDeviceEvent } from './event-outbox.ts';

/** Bytes of one exchange, in hexadecimal, for the audit. */
export interface WireRecord {
  readonly sent: string;
  readonly received: string;
}

/** A change of what stands over a restart. */
export type StandingChange =
  | { readonly change: 'lease-ended'; readonly device: string }
  | { readonly change: 'fire-latched'; readonly since: string; readonly setBy: readonly string[] }
  | { readonly change: 'fire-reset' };

/**
 * A command as it was given. `outcome` is where it stands then: accepted, already executing (a stop), or
 * ended at once.
 */
export interface CommandFact {
  readonly fact: 'command';
  readonly at: string;
  readonly acceptedMs: number;
  readonly expiresAt: string;
  readonly holdS?: number;
  readonly outcome: CommandOutcome;
}

/**
 * Its write is next. `leaseUntilMs`: the write begins a lease, which a restart then knows of; epoch
 * milliseconds.
 */
export interface ExecutingFact {
  readonly fact: 'executing';
  readonly at: string;
  readonly outcome: CommandOutcome;
  readonly leaseUntilMs?: number;
}

export interface EndedFact {
  readonly fact: 'ended';
  readonly at: string;
  readonly outcome: CommandOutcome;
  readonly wire: readonly WireRecord[];
}

/**
 * Something that the journal keeps: plain JSON, so that it can wait, and can be kept elsewhere while
 * drivers.db takes nothing. Each is applied whole or not at all, with its audit entry and the event that
 * tells of it.
 */
export type JournalFact =
  | CommandFact
  | ExecutingFact
  | EndedFact
  | { readonly fact: 'event'; readonly event: NewDeviceEvent }
  | { readonly fact: 'alarm'; readonly event: Extract<NewDeviceEvent, { type: 'alarm' }> }
  | {
      readonly fact: 'entry';
      readonly entry: NewAuditEntry;
      readonly standing?: StandingChange;
      readonly event?: NewDeviceEvent;
    };

/** A new command's fact. */
export function commandFact(
  { expiresAt, holdS }: Pick<DeviceCommand, 'expiresAt' | 'holdS'>,
  outcome: CommandOutcome,
  acceptedMs: number,
): CommandFact {
  const hold = holdS === undefined ? {} : { holdS };
  const at = outcome.finishedAt ?? outcome.acceptedAt;
  return { fact: 'command', at, acceptedMs, expiresAt, ...hold, outcome };
}

/** Fields of an outcome that the audit keeps besides person and action. */
export function auditFacts(outcome: CommandOutcome): AuditEntry['facts'] {
  const { action, state, reason, relay, feedback, tookMs } = outcome;
  return {
    ...{ action, state, relay, feedback },
    ...(reason ? { reason } : {}),
    ...(tookMs === undefined ? {} : { tookMs }),
  };
}

/**
 * A command that a crash left open: `executing` may or may not have moved the relay, so it becomes `unknown`
 * and is never executed again; `accepted` had not reached the bus.
 */
export function afterCrash(outcome: CommandOutcome, finishedAt: string): CommandOutcome {
  const interrupted = { ...outcome, reason: 'INTERRUPTED', feedback: 'unknown', finishedAt } as const;
  return outcome.state === 'executing'
    ? { ...interrupted, state: 'unknown', relay: 'unknown' }
    : { ...interrupted, state: 'rejected', relay: 'not-actuated' };
}

/** Commands that have no end yet. */
export function isOpen({ state }: Pick<CommandOutcome, 'state'>): boolean {
  return state === 'accepted' || state === 'executing';
}
