import { z } from 'zod';
import { CommandOutcome, DeviceAction, DeviceCommand, maxCommandLifeMs } from '../device.ts';
import { Id, Instant, plainText } from '../primitives.ts';
import type { RefusalReason } from './codes.ts';
import { WireCommandRefused } from './data.ts';

/** A signed command is about 900 bytes; anything much longer is none. */
export const maxCommandBytes = 4 * 1024;
/**
 * A command's instants are of the platform's clock. One that was given later than this from now says that the
 * clocks disagree.
 */
export const maxClockAheadMs = 5_000;

/**
 * The payload that the platform signs: a CloudEvents 1.0 event. `id` is the command's id; `expirytime`
 * (CloudEvents extension) is absolute and at most 30 s after `time`.
 */
export const PlatformCommand = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().regex(/^[!-~]{1,200}$/),
  type: z.literal('gatehouse.command.v1'),
  time: Instant,
  expirytime: Instant,
  datacontenttype: z.literal('application/json').optional(),
  boxid: Id,
  data: z.strictObject({
    device: Id,
    action: DeviceAction,
    holdS: DeviceCommand.shape.holdS,
    /** The platform's operator. */
    user: plainText(1, 60),
    reason: plainText(0, 200).optional(),
  }),
});
export type PlatformCommand = z.infer<typeof PlatformCommand>;

/**
 * The message that sync-agent hands on: the bytes as they came, which it neither reads nor can write, or the
 * number of messages that it had to turn away unread. Such a number can only refuse a command, never make
 * one.
 */
export const PlatformMessage = z.union([
  z.strictObject({
    /** The message's bytes in base64. */
    bytes: z.base64().max(Math.ceil(maxCommandBytes / 3) * 4),
    retained: z.boolean(),
  }),
  z.strictObject({
    turnedAway: z.enum(['MESSAGE_TOO_LONG', 'TOO_MANY_AT_ONCE']),
    count: z.int().min(1).max(1_000_000),
  }),
]);
export type PlatformMessage = z.infer<typeof PlatformMessage>;

/**
 * The result of a message: the command's outcome, or the reason why it is no command. A repeat of a command
 * has both.
 */
export const PlatformAnswer = z.strictObject({
  refusal: WireCommandRefused.optional(),
  outcome: CommandOutcome.optional(),
});
export type PlatformAnswer = z.infer<typeof PlatformAnswer>;

export type CommandReading =
  | { readonly ok: true; readonly command: PlatformCommand }
  | { readonly ok: false; readonly why: RefusalReason; readonly command?: PlatformCommand };

/** Reads a verified payload and holds it against box and clock. Never throws. */
export function readPlatformCommand(payload: unknown, box: string, nowMs: number): CommandReading {
  const parsed = PlatformCommand.safeParse(payload);
  if (!parsed.success) return { ok: false, why: 'MESSAGE_MALFORMED' };
  const command = parsed.data;
  const issuedMs = Date.parse(command.time);
  const lifeMs = Date.parse(command.expirytime) - issuedMs;
  const why =
    (command.boxid !== box && 'OTHER_BOX') ||
    (lifeMs > maxCommandLifeMs && 'EXPIRY_TOO_FAR') ||
    (lifeMs <= 0 && 'MESSAGE_MALFORMED') ||
    (issuedMs > nowMs + maxClockAheadMs && 'CLOCKS_DISAGREE');
  return why ? { ok: false, why, command } : { ok: true, command };
}
