import type { WireComms, WireIncident } from '@gatehouse/contracts';

/** A sound incident; a different id for each number. */
export function incident(n: number, changes: Partial<WireIncident> = {}): WireIncident {
  return {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    kind: 'illegal-parking',
    phase: 'opened',
    priority: 2,
    camera: 'gate-cam',
    zone: 'fire-lane',
    openedAt: '2026-11-23T18:30:00.000+08:00',
    updatedAt: '2026-11-23T18:30:00.000+08:00',
    evidence: {
      class: 'car',
      box: { x1: 0.1, y1: 0.2, x2: 0.4, y2: 0.6 },
      sinceMs: 1000,
      atMs: 31_000,
      gates: [{ name: 'dwell', value: 30.2, threshold: 30, unit: 's', passed: true }],
    },
    ...changes,
  };
}

export function comms(device: string, state: WireComms['comms'] = 'lost'): WireComms {
  return { device, comms: state };
}
