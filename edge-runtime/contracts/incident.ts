import { z } from 'zod';
import { Handling } from './handling.ts';
import { Box, Id, Instant, ObjectClass } from './primitives.ts';
import { ruleKinds } from './site/rules/index.ts';
import { WallOffsetMs } from './track.ts';

export const IncidentKind = z.enum([
  ...ruleKinds,
  'camera-health',
  'door-forced',
  'door-held-open',
  'interlock-violated',
  'device-tamper',
  'device-disagreement',
  'device-lost',
  'emergency',
  'input-alarm',
]);
export type IncidentKind = z.infer<typeof IncidentKind>;

export const IncidentPhase = z.enum(['opened', 'updated', 'cleared']);
export type IncidentPhase = z.infer<typeof IncidentPhase>;

/** One condition of a rule: the measured value, its threshold, and whether it was met. */
export const Condition = z.strictObject({
  name: z.string().min(1).max(60),
  value: z.union([z.number(), z.string(), z.boolean()]),
  threshold: z.union([z.number(), z.string(), z.boolean()]).optional(),
  unit: z.string().max(12).optional(),
  passed: z.boolean(),
});
export type Condition = z.infer<typeof Condition>;

/** The facts that a rule found: never an image, never a face. */
export const Evidence = z.strictObject({
  class: ObjectClass.optional(),
  box: Box.optional(),
  /** First frame in which the condition held, and the frame that decided, on the frame timeline (ms). */
  sinceMs: z.number().min(0),
  atMs: z.number().min(0),
  /** As of `atMs`; absent while the clock has not been set since the timeline began. */
  wallOffsetMs: WallOffsetMs.optional(),
  gates: z.array(Condition).max(20),
});
export type Evidence = z.infer<typeof Evidence>;

/**
 * A rule's finding: pure output of state + tracks + time. `occupancy` names the one occupancy it is about;
 * the same occupancy is opened once and cleared once.
 */
export const Finding = z.strictObject({
  kind: IncidentKind,
  phase: IncidentPhase,
  camera: Id,
  zone: Id,
  occupancy: z.string().min(1).max(80),
  priority: z.int().min(1).max(3),
  evidence: Evidence,
});
export type Finding = z.infer<typeof Finding>;

/**
 * A stage of an occupancy that is not an incident yet but that somebody may act on at once, such as a
 * loudspeaker in a fire passage. It is sent once an occupancy, live only: a late prompt is worth nothing, so
 * none is kept or sent again.
 */
export const Prompt = z.strictObject({
  kind: IncidentKind,
  stage: z.enum(['voice']),
  camera: Id,
  zone: Id,
  /** That of the incident, should it become one. */
  occupancy: Finding.shape.occupancy,
  evidence: Evidence,
});
export type Prompt = z.infer<typeof Prompt>;

/** An incident as the store holds it and the console shows it. */
export const Incident = z.strictObject({
  id: z.uuid(),
  kind: IncidentKind,
  /** The physical condition: open until `cleared`. */
  phase: IncidentPhase,
  /** 1 at once, 2 soon, 3 when there is time. */
  priority: z.int().min(1).max(3),
  camera: Id.optional(),
  zone: Id.optional(),
  device: Id.optional(),
  openedAt: Instant,
  updatedAt: Instant,
  clearedAt: Instant.optional(),
  evidence: Evidence.optional(),
  handling: Handling,
  /**
   * Names of stills kept on the box for this incident; only the console serves them. `first` is of the moment
   * when it began.
   */
  stills: z.array(z.enum(['first', 'opened', 'cleared'])).max(3),
  /**
   * A clip from 5 s before it was raised to 10 s after was kept on the box. The oldest clips make room for
   * new ones.
   */
  clip: z.boolean().optional(),
});
export type Incident = z.infer<typeof Incident>;

/** One step in an incident's life, in the order the store committed them; `sequence` resumes a stream. */
export const IncidentChange = z.strictObject({
  sequence: z.int().min(1),
  change: z.enum(['opened', 'updated', 'cleared', 'acknowledged', 'labelled']),
  at: Instant,
  incident: Incident,
});
export type IncidentChange = z.infer<typeof IncidentChange>;
