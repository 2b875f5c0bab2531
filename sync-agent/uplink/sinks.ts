import { type SinkName, sinkOf } from '@gatehouse/contracts';
import { webhookSink } from '../webhook/webhook-sink.ts';
import { mqttSink } from './mqtt-sink.ts';
import type { Sink, SinkParts } from './sink.ts';

/** Every sink there is, by the name that the contracts give it (`site/sinks.ts`). */
const sinks: { readonly [Name in SinkName]: (parts: SinkParts) => Sink } = {
  mqtt: mqttSink,
  webhook: webhookSink,
};

/** The sink of the site's uplink. */
export function sinkFor(parts: SinkParts): Sink {
  // The schema of the site file takes no other address.
  return sinks[sinkOf(parts.uplink.url) ?? 'mqtt'](parts);
}
