import {
  type CommandOutcome,
  CommandReason,
  CommsReason,
  type Condition,
  ConditionName,
  codeIn,
  type DeviceEvent,
  type Evidence,
  eventTypes,
  Id,
  type Incident,
  LoginName,
  type WireAuditHead,
  type WireCommand,
  type WireCommandRefused,
  type WireComms,
  WireCondition,
  type WireEvidence,
  type WireIncident,
  type WireReading,
} from '@gatehouse/contracts';
import type { OutboxEntry } from '@gatehouse/store';
import type { CommandIds } from './command-ids.ts';

/**
 * An incident as the platform gets it: facts only, picked field by field. Handling and stills stay on the
 * box.
 */
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
    ...(evidence ? { evidence: wireEvidence(evidence) } : {}),
  };
  return { eventclass: 'alarm', type: eventTypes.incident, time: updatedAt, subject: id, data };
}

function wireEvidence({ class: seenAs, box, sinceMs, atMs, gates }: Evidence): WireEvidence {
  return {
    ...(seenAs ? { class: seenAs } : {}),
    ...(box ? { box } : {}),
    sinceMs,
    atMs,
    gates: gates.flatMap(wireCondition),
  };
}

/**
 * A condition in the platform's words. Conditions of a sensor are named after its values, which a profile
 * names; the platform gets that name apart. A condition without a word there is left out: an alarm never
 * waits for it. A test of the whole tree finds such a name.
 */
export function wireCondition(gate: Condition): WireCondition[] {
  const { name, ...measured } = gate;
  const [, value] = /^(.+)-measured$/.exec(name) ?? [];
  const named = ConditionName.safeParse(name).success
    ? { name }
    : value === undefined
      ? { name: 'reading', of: name }
      : { name: 'measured', of: value };
  const told = WireCondition.safeParse({ ...named, ...measured });
  return told.success ? [told.data] : [];
}

/**
 * The record of a command for the platform. It names the asker where the box knows it: a login, a card
 * reader, a key. The id is the platform's own, or the box makes it of the one that a flow or a browser chose.
 */
export function wireCommand(outcome: CommandOutcome, ids: Pick<CommandIds, 'idOf'>): WireCommand {
  const { origin, reason, commandId, ...facts } = outcome;
  const { channel, user, key } = origin;
  // For the platform's own commands this is the name that the platform has signed and the drivers have
  // verified.
  const isKnown = channel === 'console' || channel === 'upstream';
  const login = isKnown ? LoginName.safeParse(user) : undefined;
  const reader = channel === 'reader' ? Id.safeParse(user) : undefined;
  return {
    ...facts,
    commandId: channel === 'upstream' ? commandId : ids.idOf(commandId),
    origin: {
      channel,
      ...(login?.success ? { user: login.data } : {}),
      ...(reader?.success ? { reader: reader.data } : {}),
      ...(key === undefined ? {} : { key }),
    },
    ...(reason === undefined ? {} : { reason: codeIn(CommandReason, reason) }),
  };
}

/**
 * The record of a command, a reading of a sensor, or a device's loss and return, for the platform; an alarm
 * goes there as its incident.
 */
export function deviceEntry(event: DeviceEvent, ids: Pick<CommandIds, 'idOf'>): OutboxEntry | undefined {
  // Cards name people: they stay on the box.
  if (event.type === 'alarm' || event.type === 'card') return undefined;
  if (event.type === 'command') {
    const { device } = event.outcome;
    const data = wireCommand(event.outcome, ids);
    return { eventclass: 'door', type: eventTypes.command, time: event.at, subject: device, data };
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
    ...(event.reason ? { reason: codeIn(CommsReason, event.reason) } : {}),
  };
  return { eventclass: 'door', type: eventTypes.comms, time: event.at, subject: event.device, data };
}
