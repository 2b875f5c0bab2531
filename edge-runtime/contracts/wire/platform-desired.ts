import { z } from 'zod';
import { ConfigurePart } from '../permissions.ts';
import { Id, Instant, plainText } from '../primitives.ts';
import { Zone } from '../site/site.ts';
import type { DesiredReason } from './codes.ts';
import { DesiredPhase, DesiredWait, WireDesiredState } from './desired.ts';

/**
 * A signed message of the desired state, envelope and all. Forty cameras with ten zones each are some 200
 * KiB.
 */
export const maxDesiredBytes = 1024 * 1024;
/** sync-agent hands the message on as base64 in JSON. */
export const maxDesiredBodyBytes = Math.ceil(maxDesiredBytes / 3) * 4 + 1024;
/**
 * A version given later than this from now says that a clock is wild. Unlike a command it does not act by its
 * instant, so this bound does not prove it fresh: its version does.
 */
export const maxDesiredAheadMs = 10 * 60_000;

/**
 * A node of Node-RED as its editor exports it. Credentials are made at the box and stay there: brokers keep a
 * signed message, so all their readers would have them.
 */
export const FlowNode = z
  .looseObject({ id: z.string().min(1).max(64), type: z.string().min(1).max(100) })
  .refine((node) => !('credentials' in node), {
    message: 'credentials stay on the box',
    path: ['credentials'],
  });
export type FlowNode = z.infer<typeof FlowNode>;

const builtIn = ['tab', 'subflow', 'group'];

/**
 * The types of nodes that these flows need and a box does not offer. Node-RED would run none of the flows
 * then.
 */
export function missingTypes(flows: readonly FlowNode[], offered: readonly string[]): string[] {
  const known = new Set([
    ...builtIn,
    ...offered,
    ...flows.filter(({ type }) => type === 'subflow').map(({ id }) => `subflow:${id}`),
  ]);
  return [...new Set(flows.map(({ type }) => type))].filter((type) => !known.has(type));
}

/** Flows that replace others: only those whose digest is `before`, so that nobody's change is overwritten. */
export const FlowsDeployment = z.strictObject({
  version: z.int().min(1),
  before: z.string().max(100),
  flows: z.array(FlowNode).max(5_000),
});
export type FlowsDeployment = z.infer<typeof FlowsDeployment>;

/** The present flows and their state. */
export const FlowsStanding = z.strictObject({
  /** Stands for the flows that are deployed. */
  digest: z.string().max(100),
  /** Another one after each start of the process. */
  instance: z.string().max(100),
  /** Node types that flows may use. */
  types: z.array(z.string()),
  /** Errors of nodes while the flows were last started. */
  startErrors: z.int().min(0),
  /** Why no flows run. */
  problem: z.string().optional(),
});
export type FlowsStanding = z.infer<typeof FlowsStanding>;

export const DesiredParts = z
  .strictObject({
    zones: z
      .record(Id, z.array(Zone).max(32))
      .refine((zones) => Object.keys(zones).length > 0 && Object.keys(zones).length <= 64)
      .optional()
      .describe('All zones of each camera that is named; other cameras stay as they are'),
    flows: z.array(FlowNode).max(5_000).optional().describe('All flows, as Node-RED exports them'),
  })
  .refine(({ zones, flows }) => zones !== undefined || flows !== undefined, 'must hold zones or flows');
export type DesiredParts = z.infer<typeof DesiredParts>;

/**
 * The payload that the platform signs: a CloudEvents 1.0 event. Versions of a box only rise. One at or below
 * the newest that the box has seen is nothing new, so that neither a broker nor a repeat can bring an old one
 * back.
 */
export const PlatformDesired = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().regex(/^[!-~]{1,200}$/),
  type: z.literal('gatehouse.desired.v1'),
  time: Instant,
  datacontenttype: z.literal('application/json').optional(),
  boxid: Id,
  data: z.strictObject({
    version: z.int().min(1),
    /** The platform's operator. */
    user: plainText(1, 60),
    parts: DesiredParts,
  }),
});
export type PlatformDesired = z.infer<typeof PlatformDesired>;

/**
 * The message that sync-agent hands on: the bytes as they came, or the note that they were too many to be
 * read.
 */
export const DesiredMessage = z.union([
  z.strictObject({ bytes: z.base64().max(Math.ceil(maxDesiredBytes / 3) * 4) }),
  z.strictObject({ turnedAway: z.literal('MESSAGE_TOO_LONG') }),
]);
export type DesiredMessage = z.infer<typeof DesiredMessage>;

/** The result of the message when it was handed over; events tell the rest. */
export const DesiredAnswer = z.strictObject({
  taken: z.boolean(),
  refusal: WireDesiredState.shape.reason,
  /** It cannot be judged now (the box's clock is not set yet): hand it over again in a minute. */
  again: z.literal(true).optional(),
});
export type DesiredAnswer = z.infer<typeof DesiredAnswer>;

/** The newest version as the console shows it. */
export const DesiredView = z.strictObject({
  phase: z.enum([...DesiredPhase.options, 'applying', 'rolling-back']),
  version: z.int().min(1),
  parts: z.array(ConfigurePart),
  reason: WireDesiredState.shape.reason,
  waitsFor: z.array(DesiredWait).optional(),
});
export type DesiredView = z.infer<typeof DesiredView>;

export type DesiredReading =
  | { readonly ok: true; readonly desired: PlatformDesired }
  | { readonly ok: false; readonly why: DesiredReason; readonly version?: number };

/**
 * Reads a verified payload and checks it against box and clock. Never throws. The answer has a version only
 * if the payload is for this box.
 */
export function readPlatformDesired(payload: unknown, box: string, nowMs: number): DesiredReading {
  const parsed = PlatformDesired.safeParse(payload);
  if (!parsed.success) return { ok: false, why: 'MESSAGE_MALFORMED' };
  const desired = parsed.data;
  if (desired.boxid !== box) return { ok: false, why: 'OTHER_BOX' };
  if (Date.parse(desired.time) > nowMs + maxDesiredAheadMs) return { ok: false, why: 'CLOCKS_DISAGREE' };
  return { ok: true, desired };
}

/** The parts of a desired state that it has. */
export function partsOf({ zones, flows }: DesiredParts): ConfigurePart[] {
  return [...(zones ? (['zones'] as const) : []), ...(flows ? (['flows'] as const) : [])];
}
