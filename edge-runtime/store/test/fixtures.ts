import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Incident } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { ManualClock } from '@gatehouse/kit';
import { EventStore, type IncidentWrite } from '@gatehouse/store';

export const at = '2026-11-23T03:00:00.000+08:00';

export function openStore(t: TestContext, file = join(scratchFolder(t), 'events.db')) {
  const clock = new ManualClock();
  const store = new EventStore({ file, box: 'box-1', clock });
  store.start();
  t.after(() => store.stop());
  return { store, file, clock };
}

export function incident(overrides: Partial<Incident> = {}): Incident {
  return {
    id: randomUUID(),
    kind: 'illegal-parking',
    phase: 'opened',
    priority: 2,
    camera: 'east',
    zone: 'lane',
    openedAt: at,
    updatedAt: at,
    handling: { state: 'new' },
    stills: [],
    ...overrides,
  };
}

export function opening(subject: Incident = incident()): IncidentWrite {
  return {
    dedupeKey: `occupancy-of-${subject.id}`,
    change: 'opened',
    at,
    incident: subject,
    outbox: { eventclass: 'alarm', type: 'gatehouse.incident.v1', time: at, data: { id: subject.id } },
  };
}
