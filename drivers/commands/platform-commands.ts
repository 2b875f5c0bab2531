import { createHash } from 'node:crypto';
import {
  type CommandOutcome,
  type DeviceCommand,
  jsonOf,
  maxCommandBytes,
  openEnvelope,
  type PlatformAnswer,
  type PlatformCommand,
  type PlatformKey,
  type PlatformMessage,
  payloadTypes,
  type RefusalReason,
  readPlatformCommand,
  type WireCommandRefused,
} from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, type Log } from '@gatehouse/kit';
import type { Journal } from '../journal/journal.ts';
import type { DeviceCommands } from './device-commands.ts';
import { RefusalBudget } from './refusal-budget.ts';

export interface PlatformCommandsOptions {
  readonly box: string;
  /** Empty: the site takes no commands from the platform. */
  readonly keys: readonly PlatformKey[];
  readonly clock: Clock;
  readonly log: Log;
  readonly commands: Pick<DeviceCommands, 'find' | 'submit'>;
  readonly journal: Journal;
}

type Refusal = Omit<WireCommandRefused, 'leftOut'>;

/**
 * The one place where a message becomes a command of the platform. The signature is verified here, in the process that moves
 * steel: whoever stands between it and the platform (broker, sync-agent, runtime) can lose a message, but make or change none.
 * Every refusal is audited and told upstream, within a budget that no flood can overrun.
 */
export class PlatformCommands {
  readonly #options: PlatformCommandsOptions;
  readonly #budget: RefusalBudget;

  constructor(options: PlatformCommandsOptions) {
    this.#options = options;
    this.#budget = new RefusalBudget(options.clock);
  }

  /**
   * Takes a message as it came from the broker and resolves when its command has ended. Throws only what a full or damaged journal
   * throws; nothing was moved then.
   */
  async take(message: PlatformMessage): Promise<PlatformAnswer> {
    if ('turnedAway' in message)
      return this.#refuse({ reason: message.turnedAway, verified: false }, undefined, message.count);
    const bytes = Buffer.from(message.bytes, 'base64');
    const { keys, box, clock } = this.#options;
    if (keys.length === 0) return this.#refuse({ reason: 'COMMANDS_NOT_ENABLED', verified: false }, bytes);
    const envelope = openEnvelope(bytes, { type: payloadTypes.command, keys, maxBytes: maxCommandBytes });
    // Whoever may publish can name any key: only one that the site file has is told.
    const key = keys.some(({ id }) => id === envelope.key) ? { key: envelope.key } : {};
    // A broker would hand a retained one out again at every connection.
    if (message.retained) return this.#refuse({ reason: 'RETAINED', verified: envelope.ok, ...key }, bytes);
    if (!envelope.ok) return this.#refuse({ reason: envelope.why, verified: false, ...key }, bytes);
    const reading = readPlatformCommand(jsonOf(envelope.payload), box, clock.epochMs());
    const about = { verified: true, key: envelope.key, ...(reading.command ? named(reading.command) : {}) };
    if (!reading.ok) return this.#refuse({ reason: reading.why, ...about }, bytes);
    const known = this.#options.commands.find(reading.command.id);
    if (known) return this.#repeat(known, about, bytes);
    return this.#submit(reading.command, envelope.key, about, bytes);
  }

  /** The stored outcome is the answer; the platform has it already, but that somebody sends again is worth knowing. */
  #repeat(known: CommandOutcome, about: Omit<Refusal, 'reason'>, bytes: Buffer): PlatformAnswer {
    const same =
      known.device === about.device && known.action === about.action && known.origin.channel === 'upstream';
    if (!same) return this.#refuse({ reason: 'COMMAND_ID_REUSED', ...about }, bytes);
    return { ...this.#refuse({ reason: 'COMMAND_REPEATED', ...about }, bytes), outcome: known };
  }

  async #submit(
    order: PlatformCommand,
    key: string,
    about: Omit<Refusal, 'reason'>,
    bytes: Buffer,
  ): Promise<PlatformAnswer> {
    const { device, action, holdS, user, reason } = order.data;
    const command: DeviceCommand = {
      commandId: order.id,
      device,
      action,
      ...(holdS === undefined ? {} : { holdS }),
      expiresAt: order.expirytime,
      origin: { channel: 'upstream', user, key, ...(reason === undefined ? {} : { reason }) },
    };
    try {
      return { outcome: await this.#options.commands.submit(command) };
    } catch (error) {
      const reason = toldUpstream.find((code) => error instanceof GatehouseError && error.code === code);
      if (reason === undefined) throw error;
      return this.#refuse({ reason, ...about }, bytes);
    }
  }

  #refuse(refusal: Refusal, bytes: Buffer | undefined, count = 1): PlatformAnswer {
    const { clock, log, journal } = this.#options;
    const leftOut = this.#budget.take(count);
    const told: WireCommandRefused = leftOut ? { ...refusal, leftOut } : refusal;
    if (leftOut === undefined) return { refusal };
    const { reason, key, commandId, device, ...claimed } = told;
    log.warn('platform-message-refused', { ...told });
    const at = isoWithOffset(clock.epochMs());
    const message = bytes && {
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    const facts = { reason, ...(key ? { key } : {}), ...claimed, ...message };
    const about = { ...(commandId ? { commandId } : {}), ...(device ? { device } : {}) };
    const entry = { at, what: 'platform-refused', facts, ...about } as const;
    void journal.keep({ fact: 'entry', entry, event: { type: 'refusal', at, refusal: told } });
    return { refusal: told };
  }
}

/** Refusals of a command that leave no outcome in the journal. */
const toldUpstream: readonly RefusalReason[] = [
  'DEVICE_UNKNOWN',
  'RATE_LIMITED',
  'COMMAND_ID_REUSED',
  'JOURNAL_FULL',
];

function named({ id, data }: PlatformCommand): Pick<Refusal, 'commandId' | 'device' | 'action'> {
  return { commandId: id, device: data.device, action: data.action };
}
