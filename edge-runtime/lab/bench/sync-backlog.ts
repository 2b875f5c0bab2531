import type { Incident } from '@gatehouse/contracts';
import { isoWithOffset, systemClock } from '@gatehouse/kit';
import { EventStore, type IncidentWrite } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { incidentEntry } from '../../runtime/upstream/outbox-entries.ts';

const perCommit = 500;

/**
 * Makes an events.db whose outbox holds `count` opened incidents, written by the store itself. Returns the
 * bodies of the rows, for a floor that sends the same bytes.
 */
export function fillOutbox(file: string, count: number): string[] {
  const store = new EventStore({ file, box: 'bench', clock: systemClock });
  store.start();
  for (let n = 0; n < count; n += perCommit)
    store.commit(Array.from({ length: Math.min(perCommit, count - n) }, (_, i) => opened(n + i)));
  store.stop();
  const db = new Database(file, { readonly: true });
  const bodies = db.prepare('SELECT body FROM outbox ORDER BY sequence').pluck().all() as string[];
  db.close();
  return bodies;
}

function opened(n: number): IncidentWrite {
  const atMs = systemClock.epochMs();
  const at = isoWithOffset(atMs);
  const incident: Incident = {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    kind: 'illegal-parking',
    phase: 'opened',
    priority: 2,
    camera: 'bench-cam',
    zone: 'lane',
    openedAt: at,
    updatedAt: at,
    evidence: {
      class: 'car',
      box: { x1: 0.41, y1: 0.52, x2: 0.63, y2: 0.78 },
      sinceMs: atMs - 30_000,
      atMs,
      gates: [{ name: 'dwell', value: 30.2, threshold: 30, unit: 's', passed: true }],
    },
    handling: { state: 'new' },
    stills: [],
  };
  return { dedupeKey: `bench-${n}`, change: 'opened', at, incident, outbox: incidentEntry(incident) };
}
