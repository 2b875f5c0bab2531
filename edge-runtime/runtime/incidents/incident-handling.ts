import type { LabelRequest } from '@gatehouse/console';
import type { Incident, IncidentChange, Verdict } from '@gatehouse/contracts';
import type { EventStore, IncidentWrite } from '@gatehouse/store';
import type { Hub } from '../hub.ts';

/** What people do with incidents. Their physical condition is the rules' affair and is left alone. */
export class IncidentHandling {
  readonly #store: EventStore;
  readonly #changes: Hub<IncidentChange>;
  constructor(store: EventStore, changes: Hub<IncidentChange>) {
    this.#store = store;
    this.#changes = changes;
  }

  /** Marks an incident as seen by a person; keeps the first acknowledgement. `undefined`: no such incident. */
  acknowledge(id: string, by: string, at: string): Incident | undefined {
    const incident = this.#store.incident(id);
    if (incident?.handling.state !== 'new') return incident;
    return this.#write({ ...incident, handling: { state: 'acknowledged', by, at } }, 'acknowledged', at);
  }

  /**
   * Says what an incident turned out to be; who labels a new one has thereby acknowledged it. A later label counts instead of
   * an earlier one, and both are kept. `undefined`: no such incident.
   */
  label(id: string, { request, label, by, at }: LabelRequest): Incident | undefined {
    const incident = this.#store.incident(id);
    if (!incident || this.#store.hasLabelRequest(request)) return incident;
    const verdict: Verdict = { ...label, by, at };
    if (isRepeat(incident.handling.verdict, verdict)) return incident;
    const { by: takenBy = by, at: takenAt = at } = incident.handling;
    const handling = { state: label.label, by: takenBy, at: takenAt, verdict };
    return this.#write({ ...incident, handling }, 'labelled', at, { request, verdict });
  }

  #write(
    incident: Incident,
    change: IncidentWrite['change'],
    at: string,
    label?: IncidentWrite['label'],
  ): Incident | undefined {
    const occupancy = this.#store.occupancyOf(incident.id);
    if (occupancy === undefined) return undefined;
    const write = { occupancy, change, at, incident, ...(label ? { label } : {}) };
    for (const committed of this.#store.commit([write])) this.#changes.publish(committed);
    return incident;
  }
}

function isRepeat(before: Verdict | undefined, now: Verdict): boolean {
  if (!before) return false;
  const { label, reason, note, by } = before;
  return label === now.label && reason === now.reason && note === now.note && by === now.by;
}
