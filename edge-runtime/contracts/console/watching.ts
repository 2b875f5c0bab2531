import { z } from 'zod';
import { Verdict } from '../handling.ts';
import { Condition, IncidentKind } from '../incident.ts';
import { Box, Id, ObjectClass } from '../primitives.ts';
import { ZoneRule } from '../site/rules/index.ts';
import { Zone } from '../site/site.ts';
import { Track } from '../track.ts';

/** Something that a rule watches: an open incident, or not (yet) one, with every condition and its state. */
export const Watched = z.object({
  kind: IncidentKind,
  zone: Id,
  occupancy: z.string(),
  phase: z.enum(['watching', 'open']),
  class: ObjectClass.optional(),
  box: Box.optional(),
  sinceMs: z.number().min(0),
  /** In the order in which a person would ask; the first that is not passed is why there is no incident. */
  gates: z.array(Condition),
});
export type Watched = z.infer<typeof Watched>;

/** One camera's tracks at one moment, now or in the past, and the judgement of its rules on them. */
export const CameraView = z.strictObject({
  camera: Id,
  /**
   * Time of the frame this is about, ms on the frame timeline: its picture is asked for by it. Absent while
   * no frame is known.
   */
  atMs: z.number().min(0).optional(),
  /**
   * The age of that frame at the moment asked for. Past some seconds the camera delivered no picture then.
   */
  ageMs: z.number().min(0).optional(),
  tracks: z.array(Track),
  watched: z.array(Watched),
  /** Zones and thresholds as they were in force at that moment. */
  zones: z.array(Zone),
  /** From the oldest stored frame to the newest, ms of the box's wall clock: how far back one can look. */
  stored: z.strictObject({ fromMs: z.number().min(0), toMs: z.number().min(0) }).optional(),
});
export type CameraView = z.infer<typeof CameraView>;

/** An incident that edited zones would have raised. Times in ms of the box's wall clock. */
export const WouldRaise = z.strictObject({
  kind: IncidentKind,
  zone: Id,
  sinceMs: z.number().min(0),
  openedMs: z.number().min(0),
  /** Absent if it was still open at the end. */
  clearedMs: z.number().min(0).optional(),
  class: ObjectClass.optional(),
  box: Box.optional(),
  /** As they stood when it was raised. */
  gates: z.array(Condition),
  /** The incident that was really raised about the same thing, and a guard's verdict on it. */
  really: z.strictObject({ id: z.uuid(), verdict: Verdict.optional() }).optional(),
});
export type WouldRaise = z.infer<typeof WouldRaise>;

/** An incident that was raised and would not be with the edited zones. */
export const WouldMiss = z.strictObject({
  id: z.uuid(),
  kind: IncidentKind,
  zone: Id,
  openedMs: z.number().min(0),
  verdict: Verdict.optional(),
});
export type WouldMiss = z.infer<typeof WouldMiss>;

/**
 * Most rows that a dry run hands over in each list. A draft that raises more is wrong in a way that the count
 * shows.
 */
export const maxDryRunRows = 500;

export const DryRunResult = z.strictObject({
  /** Ms of the box's wall clock at the end, and the length of the run before it: a step does not count. */
  fromMs: z.number().min(0),
  toMs: z.number().min(0),
  frames: z.int().min(0),
  raised: z.int().min(0),
  missed: z.int().min(0),
  wouldRaise: z.array(WouldRaise).max(maxDryRunRows),
  wouldMiss: z.array(WouldMiss).max(maxDryRunRows),
});
export type DryRunResult = z.infer<typeof DryRunResult>;

/** A run of the rules over the stored tracks of one camera with edited zones. */
export const DryRun = z.strictObject({
  id: z.uuid(),
  camera: Id,
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** 0 to 1. */
  progress: z.number().min(0).max(1),
  /** Code and words of the failure. */
  failure: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  result: DryRunResult.optional(),
});
export type DryRun = z.infer<typeof DryRun>;

/** The start of an edit: a camera's zones, and the version of the site file that they come from. */
export const ZoneDraftBase = z.strictObject({
  version: z.string(),
  zones: z.array(Zone),
  /** Every kind of rule there is, with its defaults. */
  rules: z.array(ZoneRule),
});
export type ZoneDraftBase = z.infer<typeof ZoneDraftBase>;

/** Guards' verdicts on one rule of one zone. */
export const ZonePrecision = z.strictObject({
  camera: Id,
  zone: Id,
  kind: IncidentKind,
  confirmed: z.int().min(0),
  falseAlarms: z.int().min(0),
  unlabelled: z.int().min(0),
  /** Wilson score interval of the share of confirmed ones, 95 %; absent without a verdict. */
  interval: z.strictObject({ low: z.number().min(0).max(1), high: z.number().min(0).max(1) }).optional(),
});
export type ZonePrecision = z.infer<typeof ZonePrecision>;
