import { eventTypes, WireCommand, WireComms, WireIncident } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';
import type { ReceivedEvent } from './intake.ts';

/**
 * True in SQL if the arriving row is newer than the stored one: within one store epoch the sequence says so, across
 * epochs (the box's store was restored) the instant does. Rows come out of order and must not turn state back.
 */
const newer = (table: string, instant: string) =>
  `(CASE WHEN excluded.epoch = ${table}.epoch THEN excluded.sequence > ${table}.sequence
         ELSE julianday(excluded.${instant}) >= julianday(${table}.${instant}) END)`;

/** Upsert that always counts the change, and takes its values only if it is newer. */
function upsert(table: string, key: readonly string[], values: readonly string[], instant: string): string {
  const all = [...key, ...values, 'epoch', 'sequence'];
  const set = [...values, 'epoch', 'sequence']
    .map(
      (column) =>
        `${column} = CASE WHEN ${newer(table, instant)} THEN excluded.${column} ELSE ${table}.${column} END`,
    )
    .join(', ');
  return `INSERT INTO ${table} (${all.join(', ')}, applied) VALUES (${all.map((c) => `@${c}`).join(', ')}, 1)
          ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set}, applied = ${table}.applied + 1`;
}

/** Keeps the current-state tables. Called once for each event, inside the transaction that stores it. */
export class Projections {
  readonly #incident: Database.Statement;
  readonly #command: Database.Statement;
  readonly #comms: Database.Statement;

  constructor(db: Database.Database) {
    const incident = ['kind', 'phase', 'priority', 'camera', 'zone', 'device'];
    const times = ['opened_at', 'updated_at', 'cleared_at', 'evidence'];
    this.#incident = db.prepare(upsert('incidents', ['box', 'id'], [...incident, ...times], 'updated_at'));
    const command = ['device', 'action', 'state', 'reason', 'channel', 'user'];
    const took = ['accepted_at', 'finished_at', 'took_ms'];
    this.#command = db.prepare(
      upsert('commands', ['box', 'command_id'], [...command, ...took], 'accepted_at'),
    );
    this.#comms = db.prepare(upsert('device_comms', ['box', 'device'], ['comms', 'reason', 'at'], 'at'));
  }

  apply(event: ReceivedEvent): void {
    if (event.understanding !== 'known') return;
    const from = { box: event.box, epoch: event.epoch, sequence: event.sequence };
    if (event.type === eventTypes.incident) this.#applyIncident(WireIncident.parse(event.data), from);
    else if (event.type === eventTypes.command) this.#applyCommand(WireCommand.parse(event.data), from);
    else if (event.type === eventTypes.comms) {
      const { device, comms, reason = null } = WireComms.parse(event.data);
      this.#comms.run({ ...from, device, comms, reason, at: event.time });
    }
  }

  #applyIncident(incident: WireIncident, from: { box: string; epoch: string; sequence: number }): void {
    this.#incident.run({
      ...from,
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
    });
  }

  #applyCommand(command: WireCommand, from: { box: string; epoch: string; sequence: number }): void {
    this.#command.run({
      ...from,
      command_id: command.commandId,
      device: command.device,
      action: command.action,
      state: command.state,
      reason: command.reason ?? null,
      channel: command.origin.channel,
      user: command.origin.user,
      accepted_at: command.acceptedAt,
      finished_at: command.finishedAt ?? null,
      took_ms: command.tookMs ?? null,
    });
  }
}
