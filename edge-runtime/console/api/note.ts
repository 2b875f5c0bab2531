import type { Clock } from '@gatehouse/kit';
import { isoWithOffset } from '@gatehouse/kit';
import type { Call } from './call.ts';
import { sessionOf } from './call.ts';
import type { AuditPort } from './ports.ts';

/** Writes into the audit who did what, and from where. */
export function noteOn(audit: AuditPort, clock: Clock) {
  return (call: Call, what: string, on: string, detail: Readonly<Record<string, string | number>> = {}) =>
    audit.record({
      at: isoWithOffset(clock.epochMs()),
      who: sessionOf(call).user,
      what,
      on,
      from: call.address,
      detail,
    });
}
