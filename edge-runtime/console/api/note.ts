import type { Clock, Log } from '@gatehouse/kit';
import { GatehouseError, isoWithOffset } from '@gatehouse/kit';
import type { Caller } from './call.ts';
import { sessionOf } from './call.ts';
import type { AuditStore } from './parts.ts';

/** Writes an action into the audit, with its user and address. */
export function noteOn(store: AuditStore, clock: Clock) {
  return (call: Caller, what: string, on: string, detail: Readonly<Record<string, string | number>> = {}) =>
    store.accounts.recordAudit({
      at: isoWithOffset(clock.epochMs()),
      who: sessionOf(call).user,
      what,
      on,
      from: call.address,
      detail,
    });
}

/**
 * The same where the audit must keep nobody from acting: a full disk takes no door away. The drivers keep an
 * audit of every command by themselves. The log names a record that this audit lacks.
 */
export function tryNoteOn(store: AuditStore, clock: Clock, log: Log) {
  const note = noteOn(store, clock);
  return async (...[call, what, on, detail]: Parameters<typeof note>): Promise<void> => {
    try {
      await note(call, what, on, detail);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      log.error('audit-not-written', { what, on, who: sessionOf(call).user, error });
    }
  };
}
