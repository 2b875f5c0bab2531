import type { Incident } from '@gatehouse/contracts';
import type { IncidentWrite } from '@gatehouse/store';
import { incidentEntry } from '../upstream/outbox-entries.ts';

/** The facts of an incident when it opens. */
export type Opening = Pick<Incident, 'id' | 'kind' | 'priority' | 'camera' | 'device' | 'evidence'>;

/**
 * A new incident, which nobody has handled. Findings of rules open theirs by `applyFinding`, which a replay
 * uses, too.
 */
export function opened({ id, kind, priority, camera, device, evidence }: Opening, at: string): Incident {
  return {
    id,
    kind,
    phase: 'opened',
    priority,
    ...(camera === undefined ? {} : { camera }),
    ...(device === undefined ? {} : { device }),
    openedAt: at,
    updatedAt: at,
    ...(evidence === undefined ? {} : { evidence }),
    handling: { state: 'new' },
    stills: [],
  };
}

/** The incident when its physical condition has ended. Its handling by people is left alone. */
export function cleared(incident: Incident, at: string): Incident {
  return { ...incident, phase: 'cleared', updatedAt: at, clearedAt: at };
}

/** A change of the physical condition, which the platform gets. */
export function told(
  incident: Incident,
  { dedupeKey, change, at }: Pick<IncidentWrite, 'dedupeKey' | 'change' | 'at'>,
): IncidentWrite {
  return { dedupeKey, change, at, incident, outbox: incidentEntry(incident) };
}
