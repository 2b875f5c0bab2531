import type { Device, DeviceAction } from '@gatehouse/contracts';
import { type Clock, GatehouseError } from '@gatehouse/kit';
import type { SendOptions } from '../bus/field-bus.ts';
import type { Exchange } from '../bus/request.ts';
import { releaseRelay } from '../profiles/requests.ts';
import type { Board } from './board.ts';
import { RelayHolds } from './hold.ts';
import type { RelayRelease } from './relay-release.ts';
import { inTheWay } from './reversing.ts';

/** How relays are let go on behalf of an action. */
export interface LettingGo {
  readonly sending: SendOptions;
  /** The box does it by itself, whatever becomes of the other relays. */
  readonly byItself: boolean;
  /** Told of each write that was answered. */
  readonly record: (exchange: Exchange) => void;
}

/** The relays of one device: who holds them, what they were last read as, and how they are let go. */
export class DeviceRelays extends RelayHolds {
  readonly #spec: Device;
  readonly #board: Board;
  readonly #release: RelayRelease;
  readonly #clock: Clock;

  constructor(spec: Device, parts: { board: Board; release: RelayRelease; clock: Clock }) {
    super(spec.pulseMs);
    this.#spec = spec;
    this.#board = parts.board;
    this.#release = parts.release;
    this.#clock = parts.clock;
  }

  /** Opens a relay, and goes on until it is read as off. */
  drop(channel: number): void {
    this.opened(channel);
    this.#release.after(this.#board, channel, 0);
  }

  /** The same behind a stop. */
  dropBehindStop(channel: number): void {
    this.opened(channel);
    this.#release.behindStop(this.#board, channel);
  }

  /** Opens a relay by one write. */
  async letGo(channel: number, { sending, record }: Pick<LettingGo, 'sending' | 'record'>): Promise<void> {
    const { profile, unit } = this.#board;
    record(await this.#board.write(releaseRelay(profile, unit, channel), sending));
  }

  /**
   * Lets the relays of other orders go and reads them as off. Throws `RELAY_NOT_RELEASED`; but what the box does by itself goes on, and
   * its next attempt waits for no relay again.
   */
  async clearFor(action: DeviceAction, how: LettingGo): Promise<void> {
    const maybe = this.inTheWay(action);
    const nowMs = this.#clock.monotonicMs();
    const ours = maybe.filter((channel) => this.isOurs(channel, nowMs));
    try {
      if (how.byItself || maybe.length === ours.length) await this.#clear(ours, how);
      else await this.#clear(await this.#stillOn(maybe, how), how);
    } catch (error) {
      if (!how.byItself) throw error;
      for (const channel of ours) this.drop(channel);
      how.sending.signal?.throwIfAborted();
    }
  }

  /** Relays that may be on and must be read as off before the action's closes. */
  inTheWay(action: DeviceAction): readonly number[] {
    const nowMs = this.#clock.monotonicMs();
    return inTheWay(this.#spec, action, (channel) => this.mayBeOn(channel, nowMs));
  }

  async #clear(channels: readonly number[], how: LettingGo): Promise<void> {
    if (channels.length === 0) return;
    for (const channel of channels) await this.letGo(channel, how);
    const [stuck] = await this.#stillOn(channels, how);
    if (stuck !== undefined) throw notReleased(this.#spec.id, stuck);
  }

  /** Reads relays; those that are off are nobody's any more. */
  async #stillOn(channels: readonly number[], { sending }: LettingGo): Promise<number[]> {
    const { onTake: _check, ...reading } = sending;
    const { bits } = await this.#board.readRelays(reading);
    for (const channel of channels) {
      if (bits[channel]) continue;
      this.opened(channel);
      this.#release.forget(this.#board, channel);
    }
    return channels.filter((channel) => bits[channel]);
  }
}

function notReleased(device: string, channel: number): GatehouseError {
  return new GatehouseError(
    'RELAY_NOT_RELEASED',
    'peer',
    `device ${device}: relay ${channel} is still on.`,
    'Look at the board: its contact may have welded.',
  );
}
