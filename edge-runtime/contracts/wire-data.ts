import { z } from 'zod';
import { CommandOrigin, CommandState, DeviceAction } from './device.ts';
import { IncidentKind, IncidentPhase } from './incident.ts';
import { Box, Id, Instant, ObjectClass } from './primitives.ts';

/**
 * The `data` of each wire event, field by field. This is the egress allow-list: sync-agent lets nothing out that
 * these schemas do not name, so a new field upstream is a change here first. Facts only: numbers, names out of
 * closed lists, ids, instants and short plain text. No field can hold an image or a template.
 */

/** 48 characters of base64 or hex in a row are 24 bytes and more of something that is no word, name or code. */
const encodedRun = /[A-Za-z0-9+/_=-]{48,}/;
const uuidRun = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** `/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0` is long, but made of short words. */
const devicePath = /\/dev(?:\/[A-Za-z0-9]{1,16}(?:[-_.:][A-Za-z0-9]{1,16})*)+/g;

/** Short text for people: no control characters, nothing that looks like encoded bytes. */
export function wireText(maxLength: number) {
  return z
    .string()
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}\p{Co}]*$/u, 'must not hold control characters')
    .refine(
      (text) => !encodedRun.test(text.replaceAll(uuidRun, 'id').replaceAll(devicePath, 'path')),
      'must not hold what looks like encoded bytes',
    );
}

/** A stable code such as `DEVICE_LOST` or `dwell`. */
const Code = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,47}$/);
/** Words and codes such as `car bus truck` or `VISION_DOWN`: up to ten of up to 20 characters, no room for encoded bytes. */
const Words = z.string().regex(/^[A-Za-z0-9_.-]{1,20}( [A-Za-z0-9_.-]{1,20}){0,9}$/);
const Measured = z.union([z.number(), z.boolean(), Words]);

/** One condition of a rule with its numbers. */
export const WireGate = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  value: Measured,
  threshold: Measured.optional(),
  unit: wireText(12).optional(),
  passed: z.boolean(),
});
export type WireGate = z.infer<typeof WireGate>;

export const WireEvidence = z.strictObject({
  class: ObjectClass.optional(),
  /** Fractions of the picture, 0 to 1. */
  box: Box.optional(),
  /** Milliseconds on the box's frame timeline. */
  sinceMs: z.number().min(0),
  atMs: z.number().min(0),
  gates: z.array(WireGate).max(20),
});
export type WireEvidence = z.infer<typeof WireEvidence>;

/** `gatehouse.incident.v1`: an incident after one change. */
export const WireIncident = z.strictObject({
  id: z.uuid(),
  kind: IncidentKind,
  phase: IncidentPhase,
  priority: z.int().min(1).max(3),
  camera: Id.optional(),
  zone: Id.optional(),
  device: Id.optional(),
  openedAt: Instant,
  updatedAt: Instant,
  clearedAt: Instant.optional(),
  evidence: WireEvidence.optional(),
});
export type WireIncident = z.infer<typeof WireIncident>;

/** `gatehouse.device-command.v1`: a command that ended, who gave it and what became of it. */
export const WireCommand = z.strictObject({
  commandId: z.uuid(),
  device: Id,
  action: DeviceAction,
  origin: z.strictObject({
    channel: CommandOrigin.shape.channel,
    user: wireText(60),
    reason: wireText(200).optional(),
  }),
  state: CommandState,
  reason: Code.optional(),
  relay: z.enum(['actuated', 'not-actuated', 'unknown']),
  feedback: z.enum(['reached', 'not-reached', 'none-fitted', 'unknown']),
  acceptedAt: Instant,
  finishedAt: Instant.optional(),
  tookMs: z.number().min(0).optional(),
});
export type WireCommand = z.infer<typeof WireCommand>;

/** `gatehouse.device-comms.v1`: a device stopped or resumed answering. */
export const WireComms = z.strictObject({
  device: Id,
  comms: z.enum(['ok', 'lost']),
  reason: wireText(200).optional(),
});
export type WireComms = z.infer<typeof WireComms>;

/** Why an event's content stayed on the box. */
export const WithheldReason = z.enum(['schema', 'encoded-content', 'too-large', 'unknown-type', 'envelope']);
export type WithheldReason = z.infer<typeof WithheldReason>;

/**
 * `gatehouse.withheld.v1`: takes the place (id and sequence) of an event that the allow-list refused, so that the
 * platform sees that something is missing and the events behind it still flow.
 */
export const WireWithheld = z.strictObject({
  reason: WithheldReason,
  /** The refused event's type where it is one of the published ones. */
  type: z
    .string()
    .regex(/^gatehouse\.[a-z-]{1,40}\.v\d{1,2}$/)
    .optional(),
});
export type WireWithheld = z.infer<typeof WireWithheld>;
