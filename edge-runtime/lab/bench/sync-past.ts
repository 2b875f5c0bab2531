import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';

/** Half alarms, half doors, of the last thirty days, as the runtime would have written them. */
export function seedBacklog(file: string, box: string, events: number): void {
  const db = new Database(file);
  const epoch = String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").pluck().get());
  const insert = db.prepare('INSERT INTO outbox (class, sequence, created_ms, body) VALUES (?, ?, ?, ?)');
  const nowMs = Date.now();
  const each = events / 2;
  for (const eventclass of ['alarm', 'door'] as const) {
    let bytes = 0;
    db.transaction(() => {
      for (let sequence = 1; sequence <= each; sequence++) {
        const atMs = nowMs - 30 * 86_400_000 + Math.floor((sequence / each) * 29 * 86_400_000);
        const body = JSON.stringify(
          pastEvent({ box, epoch, eventclass, sequence, at: new Date(atMs).toISOString() }),
        );
        bytes += Buffer.byteLength(body);
        insert.run(eventclass, sequence, atMs, body);
      }
      db.prepare('UPDATE outbox_heads SET last = ?, bytes = ? WHERE class = ?').run(each, bytes, eventclass);
    })();
  }
  db.close();
}

interface Past {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: 'alarm' | 'door';
  readonly sequence: number;
  readonly at: string;
}

function pastEvent({ box, epoch, eventclass, sequence, at }: Past) {
  const gates = [{ name: 'dwell', value: 30, threshold: 30, unit: 's', passed: true }];
  const seen = { x1: 0.41, y1: 0.52, x2: 0.63, y2: 0.78 };
  const incident = {
    id: randomUUID(),
    kind: 'illegal-parking',
    phase: 'opened',
    priority: 2,
    camera: 'gate-cam',
    zone: 'lane',
    openedAt: at,
    updatedAt: at,
    evidence: { class: 'car', box: seen, sinceMs: 1, atMs: 2, gates },
  };
  return {
    specversion: '1.0',
    id: `${box}/${epoch}/${eventclass}/${sequence}`,
    source: `urn:gatehouse:box:${box}`,
    type: eventclass === 'alarm' ? 'gatehouse.incident.v1' : 'gatehouse.device-comms.v1',
    time: at,
    datacontenttype: 'application/json',
    boxid: box,
    epoch,
    eventclass,
    sequence,
    data: eventclass === 'alarm' ? incident : { device: 'door', comms: sequence % 2 ? 'lost' : 'ok' },
  };
}
