import {
  type DeviceEvent,
  eventTypes,
  type Incident,
  type WireAuditHead,
  type WireCommand,
  type WireCommandRefused,
  type WireComms,
  type WireIncident,
  type WireReading,
} from '@gatehouse/contracts';
import type { OutboxEntry } from '@gatehouse/store';

/** What the platform is told of an incident: facts only, picked field by field; handling and stills stay on the box. */
export function incidentEntry(incident: Incident): OutboxEntry {
  const { id, kind, phase, priority, camera, zone, device, openedAt, updatedAt, clearedAt, evidence } =
    incident;
  const data: WireIncident = {
    id,
    kind,
    phase,
    priority,
    ...(camera ? { camera } : {}),
    ...(zone ? { zone } : {}),
    ...(device ? { device } : {}),
    openedAt,
    updatedAt,
    ...(clearedAt ? { clearedAt } : {}),
    ...(evidence ? { evidence } : {}),
  };
  return { eventclass: 'alarm', type: eventTypes.incident, time: updatedAt, subject: id, data };
}

/** The record of a command, a reading of a sensor, or a device's loss and return, for the platform; an alarm goes there as its incident. */
export function deviceEntry(event: DeviceEvent): OutboxEntry | undefined {
  // Cards name people: they stay on the box.
  if (event.type === 'alarm' || event.type === 'card') return undefined;
  if (event.type === 'command') {
    const data: WireCommand = event.outcome;
    return {
      eventclass: 'door',
      type: eventTypes.command,
      time: event.at,
      subject: event.outcome.device,
      data,
    };
  }
  if (event.type === 'reading') {
    const { device, cause, values } = event;
    const data: WireReading = { device, cause, values };
    return { eventclass: 'telemetry', type: eventTypes.reading, time: event.at, subject: device, data };
  }
  if (event.type === 'refusal') {
    const data: WireCommandRefused = event.refusal;
    return { eventclass: 'door', type: eventTypes.commandRefused, time: event.at, data };
  }
  if (event.type === 'audit-head') {
    const data: WireAuditHead = event.head;
    return { eventclass: 'door', type: eventTypes.auditHead, time: event.at, data };
  }
  const data: WireComms = {
    device: event.device,
    comms: event.comms,
    ...(event.reason ? { reason: event.reason } : {}),
  };
  return { eventclass: 'door', type: eventTypes.comms, time: event.at, subject: event.device, data };
}
