import {
  type ConfigurePart,
  type DesiredMessage,
  type DesiredReason,
  jsonOf,
  maxDesiredBytes,
  openEnvelope,
  type PlatformDesired,
  type PlatformKey,
  partsOf,
  payloadTypes,
  readPlatformDesired,
} from '@gatehouse/contracts';

export type Reading =
  | { readonly is: 'desired'; readonly desired: PlatformDesired; readonly key: string }
  /** The message is for this box and signed, but its version may not be taken. */
  | { readonly is: 'not-permitted'; readonly desired: PlatformDesired; readonly key: string }
  /** The message is no version of this box. `again`: it may be one once the box's clock is right. */
  | {
      readonly is: 'no-version';
      readonly reason: DesiredReason;
      readonly key?: string;
      readonly again?: true;
    };

export interface IntakeOptions {
  readonly box: string;
  readonly keys: readonly PlatformKey[];
  /** The parts that the site file lets the platform set. */
  readonly allowed: readonly ConfigurePart[];
}

/**
 * Reads the message that sync-agent handed over, and trusts nothing in it before its signature holds. Never
 * throws.
 */
export function readMessage(message: DesiredMessage, options: IntakeOptions, nowMs: number): Reading {
  const { box, keys, allowed } = options;
  if ('turnedAway' in message) return { is: 'no-version', reason: message.turnedAway };
  if (keys.length === 0) return { is: 'no-version', reason: 'COMMANDS_NOT_ENABLED' };
  const bytes = Buffer.from(message.bytes, 'base64');
  const envelope = openEnvelope(bytes, { type: payloadTypes.desired, keys, maxBytes: maxDesiredBytes });
  if (!envelope.ok) return { is: 'no-version', reason: envelope.why, ...knownKey(envelope.key, keys) };
  const { key } = envelope;
  const reading = readPlatformDesired(jsonOf(envelope.payload), box, nowMs);
  if (!reading.ok) {
    const again = reading.why === 'CLOCKS_DISAGREE' ? ({ again: true } as const) : {};
    return { is: 'no-version', reason: reading.why, key, ...again };
  }
  const { desired } = reading;
  const permitted = partsOf(desired.data.parts).every((part) => allowed.includes(part));
  return { is: permitted ? 'desired' : 'not-permitted', desired, key };
}

/** A publisher can name any key, so only a key of the site file is reported. */
function knownKey(key: string | undefined, keys: readonly PlatformKey[]): { key?: string } {
  return key !== undefined && keys.some(({ id }) => id === key) ? { key } : {};
}
