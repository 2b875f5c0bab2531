import { eventTypes, type WireIncident, wireId, wireSource } from '@gatehouse/contracts';
import { type ReceivedEvent, understand } from '../../receiver/intake.ts';
import { incident } from './events.ts';

/** When the events below were received. */
export const receivedAt = '2026-11-23T18:31:00.000+08:00';

/** An event as the intake hands it on: incident `sequence` of box-1's alarm stream unless told otherwise. */
export function received(
  sequence: number,
  changes: Partial<ReceivedEvent> = {},
  data: WireIncident | Record<string, unknown> = incident(sequence),
): ReceivedEvent {
  const stream = { box: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm', ...changes };
  return {
    source: wireSource(stream.box),
    id: wireId(stream.box, stream.epoch, stream.eventclass as 'alarm', sequence),
    type: eventTypes.incident,
    time: receivedAt,
    historical: false,
    settled: 0,
    begins: 1,
    digest: undefined,
    previous: undefined,
    former: undefined,
    incarnation: undefined,
    data: { ...data },
    sequence,
    ...understand(changes.type ?? eventTypes.incident, { ...data }),
    ...(changes.understanding === undefined ? {} : { facts: undefined }),
    ...stream,
  };
}
