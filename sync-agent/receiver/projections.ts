import { eventTypes, type WireCommand, type WireIncident } from '@gatehouse/contracts';
import type { ReceivedEvent } from './intake.ts';

/**
 * A current-state table: what names its rows, what they hold, and which instant orders them across store
 * epochs.
 */
export interface StateTable {
  readonly key: readonly string[];
  readonly values: readonly string[];
  readonly instant: string;
}

/** Current state on the platform, a row a thing; kept by every store from the same events. */
export const stateTables = {
  incidents: {
    key: ['box', 'id'],
    values: [
      ...['kind', 'phase', 'priority', 'camera', 'zone', 'device'],
      ...['opened_at', 'updated_at', 'cleared_at', 'evidence'],
    ],
    instant: 'updated_at',
  },
  commands: {
    key: ['box', 'command_id'],
    values: [
      ...['device', 'action', 'state', 'reason', 'channel', 'user'],
      ...['accepted_at', 'finished_at', 'took_ms'],
    ],
    instant: 'accepted_at',
  },
  device_comms: { key: ['box', 'device'], values: ['comms', 'reason', 'at'], instant: 'at' },
} as const satisfies Record<string, StateTable>;
export type StateTableName = keyof typeof stateTables;

export interface StateRow {
  readonly box: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly [column: string]: string | number | null;
}

/** The state that an event leaves behind, or nothing if it is not of a kind that does. */
export function stateOf(event: ReceivedEvent): { table: StateTableName; row: StateRow } | undefined {
  const { facts, box, epoch, sequence } = event;
  const from = { box, epoch, sequence };
  switch (facts?.type) {
    case eventTypes.incident:
      return { table: 'incidents', row: { ...from, ...incidentRow(facts.data) } };
    case eventTypes.command:
      return { table: 'commands', row: { ...from, ...commandRow(facts.data) } };
    case eventTypes.comms: {
      const { device, comms, reason = null } = facts.data;
      return { table: 'device_comms', row: { ...from, device, comms, reason, at: event.time } };
    }
    default:
      return undefined;
  }
}

function incidentRow(incident: WireIncident) {
  return {
    id: incident.id,
    kind: incident.kind,
    phase: incident.phase,
    priority: incident.priority,
    camera: incident.camera ?? null,
    zone: incident.zone ?? null,
    device: incident.device ?? null,
    opened_at: incident.openedAt,
    updated_at: incident.updatedAt,
    cleared_at: incident.clearedAt ?? null,
    evidence: incident.evidence ? JSON.stringify(incident.evidence) : null,
  };
}

function commandRow(command: WireCommand) {
  return {
    command_id: command.commandId,
    device: command.device,
    action: command.action,
    state: command.state,
    reason: command.reason ?? null,
    channel: command.origin.channel,
    /** The sender, as far as the box tells: a login, a card reader, or the key of the platform's own. */
    user: command.origin.user ?? command.origin.reader ?? command.origin.key ?? '',
    accepted_at: command.acceptedAt,
    finished_at: command.finishedAt ?? null,
    took_ms: command.tookMs ?? null,
  };
}
