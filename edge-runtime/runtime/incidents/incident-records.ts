import type { LabelRequest } from '@gatehouse/console';
import type { DeviceEvent, Incident, IncidentChange, Verdict } from '@gatehouse/contracts';
import type { EventStore, IncidentWrite, OutboxEntry } from '@gatehouse/store';
import type { Hub } from '../hub.ts';

/** The consequences of a device event. */
export interface DeviceEventMeaning {
  readonly outbox: OutboxEntry | undefined;
  readonly incidents: readonly IncidentWrite[];
}

/**
 * The one way to change an incident. A change is committed in one transaction with all that belongs to it,
 * and published after that. If the store throws, nothing is changed or published.
 */
export class IncidentRecords {
  readonly #store: EventStore;
  readonly #changes: Hub<IncidentChange>;
  constructor(store: EventStore, changes: Hub<IncidentChange>) {
    this.#store = store;
    this.#changes = changes;
  }

  /**
   * Opens, updates and clears incidents.
   * @param engine state of the rules, which will not find the same again
   */
  commit(
    writes: readonly IncidentWrite[],
    engine?: { readonly camera: string; readonly state: unknown },
  ): void {
    this.#publish(this.#store.commit(writes, engine));
  }

  /** Takes over events of devices with their consequences. An event that is known already changes nothing. */
  ingest(events: readonly DeviceEvent[], meaning: (event: DeviceEvent) => DeviceEventMeaning): void {
    this.#publish(this.#store.ingestDeviceEvents(events, meaning));
  }

  /**
   * Marks an incident as seen by a person; keeps the first acknowledgement. `undefined`: no such incident.
   */
  acknowledge(id: string, by: string, at: string): Incident | undefined {
    const incident = this.#store.incident(id);
    if (incident?.handling.state !== 'new') return incident;
    return this.#keep({ ...incident, handling: { state: 'acknowledged', by, at } }, 'acknowledged', at);
  }

  /**
   * Labels an incident with what it turned out to be. The label of a new one also acknowledges it. A later
   * label counts instead of an earlier one, and both are kept. `undefined`: no such incident.
   */
  label(id: string, { request, label, by, at }: LabelRequest): Incident | undefined {
    const incident = this.#store.incident(id);
    if (!incident || this.#store.hasLabelRequest(request)) return incident;
    const verdict: Verdict = { ...label, by, at };
    if (isRepeat(incident.handling.verdict, verdict)) return incident;
    const { by: takenBy = by, at: takenAt = at } = incident.handling;
    const handling = { state: label.label, by: takenBy, at: takenAt, verdict };
    return this.#keep({ ...incident, handling }, 'labelled', at, { request, verdict });
  }

  /** Notes the evidence of an incident on the box; if `edit` gives `undefined`, it stays as it is. */
  addEvidence(id: string, at: string, edit: (incident: Incident) => Incident | undefined): void {
    const before = this.#store.incident(id);
    const incident = before && edit(before);
    if (incident) this.#keep(incident, 'updated', at);
  }

  /** Additions of people and of the box itself stay on the box: the outbox gets nothing. */
  #keep(
    incident: Incident,
    change: IncidentWrite['change'],
    at: string,
    label?: IncidentWrite['label'],
  ): Incident | undefined {
    const dedupeKey = this.#store.dedupeKeyOf(incident.id);
    if (dedupeKey === undefined) return undefined;
    this.commit([{ dedupeKey, change, at, incident, ...(label ? { label } : {}) }]);
    return incident;
  }

  #publish(changes: readonly IncidentChange[]): void {
    for (const change of changes) this.#changes.publish(change);
  }
}

function isRepeat(before: Verdict | undefined, now: Verdict): boolean {
  if (!before) return false;
  const { label, reason, note, by } = before;
  return label === now.label && reason === now.reason && note === now.note && by === now.by;
}
