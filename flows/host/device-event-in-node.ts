import { describeError, errorOf } from '@gatehouse/kit';
import { DeviceEventFilter, passesDeviceEvent, passesReading, signalOf } from './device-event-filter.ts';
import type { IncidentFeed } from './incident-feed.ts';
import type { NodeRedNode } from './node-red.ts';

/**
 * Behaviour of `gatehouse-device-event-in`: one message for each change of an alarm of a door, gate, barrier
 * or dry contact. `payload` is the incident, `topic` its kind, `device` its name, `signal` the dry contact's
 * kind of signal, `change` the event; `sequence`, `at` and `late` are as in incident-in. Where readings are
 * asked for, each change of a sensor's values sends a message too: `payload` is the sensor with its values,
 * `topic` and `change` are `reading`. When the runtime is lost the node says so once as an error for catch
 * nodes: a flow that stands for a help button must be able to say that it no longer hears it.
 */
export function attachDeviceEventIn(feed: IncidentFeed, node: NodeRedNode, config: unknown): void {
  const filter = DeviceEventFilter.safeParse(config);
  if (!filter.success) {
    node.status({ fill: 'red', shape: 'ring', text: 'device-event-in.status.misconfigured' });
    const [first] = filter.error.issues;
    throw errorOf('NODE_MISCONFIGURED/device-event', {
      field: first?.path.join('.'),
      problem: first?.message,
    });
  }
  let heard = false;
  const unsubscribe = feed.subscribe({
    onLink: (connected) => {
      node.status(
        connected
          ? { fill: 'green', shape: 'dot', text: 'device-event-in.status.connected' }
          : { fill: 'yellow', shape: 'ring', text: 'device-event-in.status.unknown' },
      );
      if (heard && !connected) node.error(notHeard(), { topic: 'runtime-lost' });
      heard = connected;
    },
    onSensor: (state) => {
      if (!passesReading(filter.data, state)) return;
      node.send({ payload: structuredClone(state), topic: 'reading', device: state.id, change: 'reading' });
    },
    onChange: ({ change, late }) => {
      if (!passesDeviceEvent(filter.data, change, late)) return;
      feed.countDelivered(change);
      const { incident, change: what, sequence, at } = change;
      const signal = signalOf(incident);
      // Each node gets its own copy: flows may change their messages.
      node.send({
        payload: structuredClone(incident),
        topic: incident.kind,
        device: incident.device,
        ...(signal ? { signal } : {}),
        change: what,
        sequence,
        at,
        late,
      });
    },
  });
  node.on('close', () => unsubscribe());
}

function notHeard(): Error {
  const cause = errorOf('RUNTIME_LOST');
  return new Error(describeError(cause), { cause });
}
