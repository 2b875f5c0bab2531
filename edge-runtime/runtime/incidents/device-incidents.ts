import { randomUUID } from 'node:crypto';
import type { DeviceEvent, Incident } from '@gatehouse/contracts';
import type { EventStore, IncidentWrite } from '@gatehouse/store';
import { cleared, opened, told } from './incident-life.ts';

type Comms = Extract<DeviceEvent, { type: 'comms' }>;
type Alarm = Extract<DeviceEvent, { type: 'alarm' }>;

/**
 * The meaning of a device's event for incidents: its loss is one until it answers again, an alarm is one
 * until it clears.
 */
export function deviceIncidents(store: EventStore, event: DeviceEvent): IncidentWrite[] {
  if (event.type === 'comms') return lossIncident(store, event);
  if (event.type === 'alarm') return alarmIncident(store, event);
  return [];
}

function lossIncident(store: EventStore, event: Comms): IncidentWrite[] {
  const open = store.openIncidentOf('device-lost', event.device);
  if ((event.comms === 'lost') === (open !== undefined)) return [];
  const incident = open ? cleared(open, event.at) : newIncident(event, { kind: 'device-lost', priority: 2 });
  const dedupeKey = (open && store.dedupeKeyOf(open.id)) ?? `device-lost/${event.id}`;
  return [writeOf(incident, dedupeKey, open ? 'cleared' : 'opened')];
}

/**
 * The alarm's own id is the dedupe key, so that each is opened once and cleared once, however often its
 * events are sent.
 */
function alarmIncident(store: EventStore, event: Alarm): IncidentWrite[] {
  const dedupeKey = `alarm/${event.alarm}`;
  const known = store.incidentByDedupeKey(dedupeKey);
  if (event.phase === 'cleared')
    return known && known.phase !== 'cleared'
      ? [writeOf(cleared(known, event.at), dedupeKey, 'cleared')]
      : [];
  const atMs = Date.parse(event.at);
  const evidence = { sinceMs: known?.evidence?.sinceMs ?? atMs, atMs, gates: event.gates };
  if (known)
    return known.phase === 'cleared'
      ? []
      : [writeOf({ ...raised(known, event), updatedAt: event.at, evidence }, dedupeKey, 'updated')];
  return [
    ...superseded(store, event),
    writeOf({ ...newIncident(event, event), evidence }, dedupeKey, 'opened'),
  ];
}

/** An alarm of the same kind that is still open has ended unheard: the drivers' outbox is bounded. */
function superseded(store: EventStore, { kind, device, at }: Alarm): IncidentWrite[] {
  const older = store.openIncidentOf(kind, device);
  const dedupeKey = older && store.dedupeKeyOf(older.id);
  return older && dedupeKey !== undefined ? [writeOf(cleared(older, at), dedupeKey, 'cleared')] : [];
}

/** A priority only rises. */
function raised(known: Incident, { priority }: Alarm): Incident {
  return { ...known, phase: 'updated', priority: Math.min(known.priority, priority) };
}

function newIncident(
  { device, at }: Comms | Alarm,
  { kind, priority }: Pick<Incident, 'kind' | 'priority'>,
): Incident {
  return opened({ id: randomUUID(), kind, priority, device }, at);
}

function writeOf(incident: Incident, dedupeKey: string, change: IncidentWrite['change']): IncidentWrite {
  return told(incident, { dedupeKey, change, at: incident.updatedAt });
}
