import { errorOf } from '@gatehouse/kit';
import type { IncidentFeed } from './incident-feed.ts';
import { IncidentFilter, passes, passesPrompt } from './incident-filter.ts';
import type { NodeRedNode } from './node-red.ts';

/**
 * Behaviour of `gatehouse-incident-in`: sends one message for each change that its filter lets through.
 * `payload` is the incident, `topic` its kind, `change` the event, `sequence` its place in the box's history
 * (the same number twice is the same change), `at` its time; `late` is true if it arrived late. A prompt,
 * where it is asked for, has itself as `payload` and its stage as `change`.
 */
export function attachIncidentIn(feed: IncidentFeed, node: NodeRedNode, config: unknown): void {
  const filter = IncidentFilter.safeParse(config);
  if (!filter.success) {
    node.status({ fill: 'red', shape: 'ring', text: 'incident-in.status.misconfigured' });
    const [first] = filter.error.issues;
    throw errorOf('NODE_MISCONFIGURED/incident', { field: first?.path.join('.'), problem: first?.message });
  }
  const unsubscribe = feed.subscribe({
    onLink: (connected) =>
      node.status(
        connected
          ? { fill: 'green', shape: 'dot', text: 'incident-in.status.connected' }
          : { fill: 'yellow', shape: 'ring', text: 'incident-in.status.unknown' },
      ),
    onChange: ({ change, late }) => {
      if (!passes(filter.data, change, late)) return;
      feed.countDelivered(change);
      const { incident, change: what, sequence, at } = change;
      // Each node gets its own copy: flows may change their messages.
      node.send({
        payload: structuredClone(incident),
        topic: incident.kind,
        change: what,
        sequence,
        at,
        late,
      });
    },
    onPrompt: (prompt) => {
      if (!passesPrompt(filter.data, prompt)) return;
      node.send({ payload: structuredClone(prompt), topic: prompt.kind, change: prompt.stage });
    },
  });
  node.on('close', () => unsubscribe());
}
