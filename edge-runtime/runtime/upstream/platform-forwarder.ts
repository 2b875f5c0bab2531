import {
  type CommandOutcome,
  type CommandReason,
  eventTypes,
  jsonOf,
  maxCommandBytes,
  openEnvelope,
  type PlatformAnswer,
  type PlatformCommand,
  type PlatformKey,
  type PlatformMessage,
  payloadTypes,
  readPlatformCommand,
  type WireCommandRefused,
} from '@gatehouse/contracts';
import { type Clock, errorOf, GatehouseError, isoWithOffset, type Log, WindowLimit } from '@gatehouse/kit';
import type { DriversClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import { neverReached } from '../devices/device-states.ts';
import { wireCommand } from './outbox-entries.ts';

/** Longer than 5 s: after that the drivers answer that a command still runs. */
const answerMs = 8_000;
/** A flood costs the drivers at most 20 signatures a second, some 3 ms (drop policy: drop-newest). */
const messagesPerSecond = 20;
/**
 * Reports of this process about messages that the drivers never saw. Bounded, because each is a row on the
 * disk.
 */
const toldPerMinute = 60;

export interface PlatformForwarderOptions {
  readonly box: string;
  readonly keys: readonly PlatformKey[];
  readonly drivers: DriversClient;
  readonly store: Pick<EventStore, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Commands of the platform keep their id. */
const platformsOwn = { idOf: (commandId: string) => commandId };

type End = Pick<CommandOutcome, 'state' | 'relay'> & { readonly reason: CommandReason };
type Order = { readonly command: PlatformCommand; readonly key: string };

/**
 * Hands the platform's messages on to the drivers, which verify them, and never keeps one for later. While
 * the drivers are away it says so upstream at once. A message with that answer is not handed on when they are
 * back, within its life or after.
 */
export class PlatformForwarder {
  readonly #options: PlatformForwarderOptions;
  readonly #limit: WindowLimit;
  readonly #told: WindowLimit;
  readonly #startedMs: number;
  /** Commands that were answered here, until they have expired (at most 30 s, so at most 600). */
  readonly #answered = new Map<string, number>();

  constructor(options: PlatformForwarderOptions) {
    this.#options = options;
    this.#limit = new WindowLimit(messagesPerSecond * 10, 10_000, options.clock);
    this.#told = new WindowLimit(toldPerMinute, 60_000, options.clock);
    this.#startedMs = options.clock.epochMs();
  }

  /** Throws `MESSAGES_LIMITED`, or an answer of the drivers that is no refusal (a full journal). */
  async take(message: PlatformMessage): Promise<PlatformAnswer> {
    if (!this.#limit.take()) throw errorOf('MESSAGES_LIMITED', { most: messagesPerSecond });
    const order = this.#order(message);
    const stale = order && this.#stale(order);
    if (order && stale) return this.#rejected(order, stale);
    try {
      return await this.#options.drivers.call('platformMessage', { body: message, timeoutMs: answerMs });
    } catch (error) {
      return this.#unanswered(error, order);
    }
  }

  /** A verified command within its life. The drivers refuse anything else. */
  #order(message: PlatformMessage): Order | undefined {
    const { keys, box, clock } = this.#options;
    if ('turnedAway' in message || message.retained) return undefined;
    const bytes = Buffer.from(message.bytes, 'base64');
    const envelope = openEnvelope(bytes, { type: payloadTypes.command, keys, maxBytes: maxCommandBytes });
    if (!envelope.ok) return undefined;
    const reading = readPlatformCommand(jsonOf(envelope.payload), box, clock.epochMs());
    if (!reading.ok || Date.parse(reading.command.expirytime) <= clock.epochMs()) return undefined;
    return { command: reading.command, key: envelope.key };
  }

  #stale({ command }: Order): 'COMMAND_REPEATED' | 'RUNTIME_RESTARTED' | undefined {
    const nowMs = this.#options.clock.epochMs();
    for (const [id, untilMs] of this.#answered) if (untilMs <= nowMs) this.#answered.delete(id);
    if (this.#answered.has(command.id)) return 'COMMAND_REPEATED';
    // A process before this one may have answered it.
    return Date.parse(command.time) < this.#startedMs ? 'RUNTIME_RESTARTED' : undefined;
  }

  #unanswered(error: unknown, order: Order | undefined): PlatformAnswer {
    if (!(error instanceof GatehouseError) || error.code !== 'PEER_DOWN') throw error;
    this.#options.log.warn('platform-message-unanswered', { error });
    if (neverReached(error))
      return order
        ? this.#rejected(order, 'DRIVERS_DOWN')
        : this.#refused({ reason: 'DRIVERS_DOWN', verified: false });
    if (!order) return {};
    this.#tell(order, { state: 'unknown', reason: 'COMMAND_UNANSWERED', relay: 'unknown' });
    return {};
  }

  #rejected(order: Order, reason: 'COMMAND_REPEATED' | 'RUNTIME_RESTARTED' | 'DRIVERS_DOWN'): PlatformAnswer {
    const { id, data, expirytime } = order.command;
    // Reported once: a repeat of a command that was rejected here changes nothing for the platform.
    if (this.#answered.has(id)) {
      const about = { commandId: id, key: order.key, device: data.device, action: data.action };
      return this.#refused({ reason, verified: true, ...about });
    }
    this.#answered.set(id, Date.parse(expirytime));
    return { outcome: this.#tell(order, { state: 'rejected', reason, relay: 'not-actuated' }) };
  }

  #refused(data: WireCommandRefused): PlatformAnswer {
    const time = isoWithOffset(this.#options.clock.epochMs());
    if (this.#told.take())
      this.#options.store.record(
        { eventclass: 'door', type: eventTypes.commandRefused, time, data },
        { at: time, who: `upstream ${data.key ?? ''}`.trim(), what: `platform-refused ${data.reason}` },
      );
    return { refusal: data };
  }

  #tell({ command, key }: Order, end: End): CommandOutcome {
    const time = isoWithOffset(this.#options.clock.epochMs());
    const { device, action, user, reason } = command.data;
    const outcome: CommandOutcome = {
      commandId: command.id,
      device,
      action,
      origin: { channel: 'upstream', user, key, ...(reason === undefined ? {} : { reason }) },
      ...end,
      feedback: 'unknown',
      acceptedAt: time,
      finishedAt: time,
    };
    if (this.#told.take())
      this.#options.store.record(
        {
          eventclass: 'door',
          type: eventTypes.command,
          time,
          subject: device,
          data: wireCommand(outcome, platformsOwn),
        },
        {
          at: time,
          who: `upstream ${key} ${user}`,
          what: `platform-command ${action} ${device} ${end.reason}`,
        },
      );
    return outcome;
  }
}
