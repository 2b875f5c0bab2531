import { createHash } from 'node:crypto';
import type { Finding, Incident } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';

/**
 * A key that tells a stay from every other of the box. A finding's own key is unique within one camera
 * and rule only.
 */
export function dedupeKeyOf(finding: Pick<Finding, 'camera' | 'kind' | 'occupancy'>): string {
  return `${finding.camera}/${finding.kind}/${finding.occupancy}`;
}

/**
 * The incident id of an occupancy: a name-based UUID (RFC 9562 section 5.8, version 8, SHA-256). It is the
 * same on every run, so that a finding told twice can never make two incidents.
 * @param scope the scope in which the name is unique: the box id, or a fixed word in a replay
 */
export function incidentId(scope: string, finding: Pick<Finding, 'camera' | 'kind' | 'occupancy'>): string {
  const bytes = createHash('sha256')
    .update(`${scope}\n${dedupeKeyOf(finding)}`)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * The incident after a finding: made, updated or cleared. People's handling of it is left alone. An `updated`
 * for an incident that is not known makes it (it does exist). A `cleared` for one throws `INCIDENT_UNKNOWN`,
 * and anything for one that is cleared already throws `INCIDENT_CLEARED`: the caller mixed up two
 * occupancies.
 * @param at RFC 3339 instant with offset, when this became known
 */
export function applyFinding(
  open: Incident | undefined,
  finding: Finding,
  { id, at }: { readonly id: string; readonly at: string },
): Incident {
  const { kind, phase, priority, camera, zone, evidence } = finding;
  if (!open && phase === 'cleared') throw errorOf('INCIDENT_UNKNOWN', { stay: dedupeKeyOf(finding) });
  if (open?.phase === 'cleared') throw errorOf('INCIDENT_CLEARED', { phase, incident: open.id });
  const before: Incident = open ?? {
    id,
    kind,
    phase: 'opened',
    priority,
    camera,
    zone,
    openedAt: at,
    updatedAt: at,
    handling: { state: 'new' },
    stills: [],
  };
  return {
    ...before,
    phase: open ? phase : 'opened',
    updatedAt: at,
    // An escalation stays: an incident that was urgent once is not less so because it was told again.
    priority: Math.min(before.priority, priority),
    ...(phase === 'cleared' ? { clearedAt: at } : {}),
    evidence,
  };
}
