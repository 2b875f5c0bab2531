import { Id, type IncidentChange, IncidentKind, type Prompt } from '@gatehouse/contracts';
import { z } from 'zod';

/** Filter of an incident-in node; an empty list or field means any. The editor stores it in the flow. */
export const IncidentFilter = z.object({
  kinds: z.array(IncidentKind).default([]),
  changes: z.array(z.enum(['opened', 'updated', 'cleared', 'acknowledged', 'voice'])).default([]),
  camera: z.union([z.literal(''), Id]).default(''),
  zone: z.union([z.literal(''), Id]).default(''),
  /** Least urgent priority that passes: 1 only the most urgent, 3 all. */
  leastPriority: z.coerce.number().int().min(1).max(3).default(3),
  /** Changes that arrive late (after a restart) pass or not. */
  late: z.enum(['deliver', 'skip']).default('deliver'),
});
export type IncidentFilter = z.infer<typeof IncidentFilter>;

/** True if a node with this filter gets a change; `late`: it arrives over 60 s after it happened. */
export function passes(filter: IncidentFilter, change: IncidentChange, late: boolean): boolean {
  const { incident } = change;
  return (
    any(filter.kinds, incident.kind) &&
    any(filter.changes, change.change) &&
    (filter.camera === '' || filter.camera === incident.camera) &&
    (filter.zone === '' || filter.zone === incident.zone) &&
    incident.priority <= filter.leastPriority &&
    !(late && filter.late === 'skip')
  );
}

/** True if a node gets a prompt: only where it is asked for, since it is no incident (yet). */
export function passesPrompt(filter: IncidentFilter, { kind, stage, camera, zone }: Prompt): boolean {
  return (
    filter.changes.includes(stage) &&
    any(filter.kinds, kind) &&
    (filter.camera === '' || filter.camera === camera) &&
    (filter.zone === '' || filter.zone === zone)
  );
}

function any<T>(list: readonly T[], value: T): boolean {
  return list.length === 0 || list.includes(value);
}
