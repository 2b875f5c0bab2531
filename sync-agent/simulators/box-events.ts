/** The events of simulated boxes, written from sync-agent/README.md. Imports nothing of the product. */

export interface BoxEvent {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: 'alarm' | 'door';
  readonly sequence: number;
  /** The highest sequence that was acknowledged when this was sent. */
  readonly settled: number;
}

/**
 * One CloudEvent in structured JSON, about 800 bytes: an alarm is an incident of now, the rest a command of
 * yesterday.
 */
export function boxEvent({ box, epoch, eventclass, sequence, settled }: BoxEvent): string {
  const live = eventclass === 'alarm';
  const time = new Date(Date.now() - (live ? 0 : 86_400_000)).toISOString().replace('Z', '+00:00');
  const uuid = `${box.slice(-5).padStart(8, '0')}-0000-4000-8000-${String(sequence).padStart(12, '0')}`;
  return JSON.stringify({
    specversion: '1.0',
    id: `${box}/${epoch}/${eventclass}/${sequence}`,
    source: `urn:gatehouse:box:${box}`,
    type: live ? 'gatehouse.incident.v1' : 'gatehouse.device-command.v1',
    time,
    subject: live ? uuid : 'entry-barrier',
    datacontenttype: 'application/json',
    boxid: box,
    epoch,
    eventclass,
    sequence,
    ...(live ? {} : { historical: true }),
    settled,
    data: live ? incident(uuid, time) : command(uuid, time),
  });
}

function incident(id: string, time: string) {
  return {
    id,
    kind: 'illegal-parking',
    phase: 'opened',
    priority: 2,
    camera: 'gate-cam',
    zone: 'fire-lane',
    openedAt: time,
    updatedAt: time,
    evidence: {
      class: 'car',
      box: { x1: 0.41, y1: 0.52, x2: 0.63, y2: 0.78 },
      sinceMs: Date.now() - 30_000,
      atMs: Date.now(),
      gates: [{ name: 'dwell', value: 30, threshold: 30, unit: 's', passed: true }],
    },
  };
}

function command(commandId: string, time: string) {
  return {
    commandId,
    device: 'entry-barrier',
    action: 'open',
    origin: { channel: 'console', user: 'wang' },
    state: 'confirmed',
    relay: 'actuated',
    feedback: 'reached',
    acceptedAt: time,
    finishedAt: time,
    tookMs: 1380.2,
  };
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let n = Math.imul(state ^ (state >>> 15), state | 1);
    n ^= n + Math.imul(n ^ (n >>> 7), n | 61);
    return ((n ^ (n >>> 14)) >>> 0) / 4_294_967_296;
  };
}
