import { z } from 'zod';
import { ConfigurePart } from '../permissions.ts';
import { Id } from '../primitives.ts';
import { DesiredReason } from './codes.ts';

/** Phases of a version of the desired state that are worth telling; the other phases last milliseconds. */
export const DesiredPhase = z.enum(['staged', 'watching', 'settled', 'rolled-back', 'refused', 'superseded']);
export type DesiredPhase = z.infer<typeof DesiredPhase>;

/** Why the box is not quiet enough for a change. */
export const DesiredWait = z.enum([
  'DEVICE_MOVING',
  'DRIVERS_UNKNOWN',
  'FIRE_ALARM',
  'INCIDENT_UNHANDLED',
  'FLOWS_DOWN',
  'STARTING',
]);
export type DesiredWait = z.infer<typeof DesiredWait>;

/**
 * `gatehouse.desired-state.v1`: the outcome of a configuration or of flows that the platform signed. Without
 * a version it is a message that could not be taken for one of this box's.
 */
export const WireDesiredState = z.strictObject({
  phase: DesiredPhase,
  version: z.int().min(1).optional(),
  parts: z.array(ConfigurePart).max(2).optional(),
  /** Why not (sync-agent/desired/README.md explains them). */
  reason: DesiredReason.optional(),
  /** Of `staged`: the conditions that it waits for. */
  waitsFor: z.array(DesiredWait).max(6).optional(),
  /** Of a roll-back: which camera or service was worse off than before. */
  subject: Id.optional(),
  /** The key that signed it, or which of the site file's keys the message names. */
  key: Id.optional(),
  /** Refusals since the one before that were counted only. */
  leftOut: z.int().min(1).optional(),
});
export type WireDesiredState = z.infer<typeof WireDesiredState>;
