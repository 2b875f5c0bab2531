import { nowMs } from './now.ts';

/** What moves or reports below a board: told of relay edges, asked for contacts. */
export interface Plant {
  relay(channel: number, on: boolean, atMs: number): void;
  /** Contacts at a time, by input channel; true is closed. */
  contacts(atMs: number): Readonly<Record<number, boolean>>;
}

/** One accepted coil write, as an outside observer counts it. */
export interface CoilWrite {
  readonly channel: number;
  readonly value: number;
  readonly pulse: boolean;
  readonly atMs: number;
}

interface Relay {
  on: boolean;
  /** Device-side pulse: when the board releases it by itself. */
  offAtMs: number | undefined;
}

const channels = 8;
const pulseBase = 0x0200;
const pulseStepMs = 100;
const illegalFunction = 1;
const illegalAddress = 2;
const illegalValue = 3;

/**
 * A board of 8 relays and 8 inputs: FC01 reads relays, FC02 reads inputs, FC05 switches one, and FC05 at
 * 0x0200 + channel closes it for value x 100 ms (the board counts the time, whatever becomes of the master).
 * Time is read when somebody asks; nothing runs in between.
 */
export class RelayBoard {
  readonly writes: CoilWrite[] = [];
  /** Relays whose contact does not move although the coil register says so. */
  readonly stuck = new Set<number>();
  /** Boards without their own pulse refuse 0x0200 + channel. */
  readonly hasPulse: boolean;
  requests = 0;
  readonly #plants: readonly Plant[];
  readonly #relays: Relay[] = Array.from({ length: channels }, () => ({ on: false, offAtMs: undefined }));
  readonly #now: () => number;

  constructor(plants: readonly Plant[], options: { hasPulse?: boolean; now?: () => number } = {}) {
    this.#plants = plants;
    this.hasPulse = options.hasPulse ?? true;
    this.#now = options.now ?? nowMs;
  }

  /** Answers one PDU; unknown functions and addresses get exceptions 1, 2 and 3 of the specification. */
  handle(pdu: Buffer): Buffer {
    this.requests++;
    const atMs = this.#now();
    this.#releaseDue(atMs);
    const code = pdu[0] ?? 0;
    if (code !== 1 && code !== 2 && code !== 5) return exception(code, illegalFunction);
    if (pdu.length !== 5) return exception(code, illegalValue);
    const address = pdu.readUInt16BE(1);
    const value = pdu.readUInt16BE(3);
    if (code === 5) return this.#write(pdu, address, value, atMs);
    return this.#read(code, address, value, atMs);
  }

  /** Power fails: every relay drops. */
  powerOff(): void {
    const atMs = this.#now();
    for (const channel of this.#relays.keys()) this.#set(channel, false, atMs);
  }

  relayOn(channel: number): boolean {
    this.#releaseDue(this.#now());
    return this.#relays[channel]?.on ?? false;
  }

  #read(code: number, address: number, count: number, atMs: number): Buffer {
    if (count < 1 || count > 2000) return exception(code, illegalValue);
    if (address + count > channels) return exception(code, illegalAddress);
    const bits = code === 1 ? this.#relays.map((relay) => relay.on) : this.#inputs(atMs);
    let byte = 0;
    for (let i = 0; i < count; i++) if (bits[address + i]) byte |= 1 << i;
    return Buffer.from([code, 1, byte]);
  }

  #write(pdu: Buffer, address: number, value: number, atMs: number): Buffer {
    const pulse = this.hasPulse && address >= pulseBase && address < pulseBase + channels;
    const channel = pulse ? address - pulseBase : address;
    if (channel >= channels) return exception(5, illegalAddress);
    if (pulse ? value < 1 || value > 0x7fff : value !== 0xff00 && value !== 0)
      return exception(5, illegalValue);
    this.writes.push({ channel, value, pulse, atMs });
    const relay = this.#relays[channel];
    this.#set(channel, pulse || value === 0xff00, atMs);
    if (relay) relay.offAtMs = pulse ? atMs + value * pulseStepMs : undefined;
    return Buffer.from(pdu);
  }

  #set(channel: number, on: boolean, atMs: number): void {
    const relay = this.#relays[channel];
    if (!relay) return;
    relay.offAtMs = undefined;
    if (relay.on === on) return;
    relay.on = on;
    if (!this.stuck.has(channel)) for (const plant of this.#plants) plant.relay(channel, on, atMs);
  }

  #releaseDue(atMs: number): void {
    for (const [channel, relay] of this.#relays.entries())
      if (relay.offAtMs !== undefined && relay.offAtMs <= atMs) this.#set(channel, false, relay.offAtMs);
  }

  #inputs(atMs: number): boolean[] {
    const closed = Object.assign({}, ...this.#plants.map((plant) => plant.contacts(atMs)));
    return Array.from({ length: channels }, (_, i) => closed[i] === true);
  }
}

function exception(code: number, reason: number): Buffer {
  return Buffer.from([code | 0x80, reason]);
}
