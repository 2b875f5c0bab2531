import { bitsReply, exception, illegalAddress, illegalFunction, illegalValue } from './exceptions.ts';
import { nowMs } from './now.ts';
import { type CoilWrite, type Plant, RelayBank } from './relay-bank.ts';

const pulseBase = 0x0200;
const pulseStepMs = 100;

/** A board that answers writes with an exception, and whether it does what was asked for in spite of that. */
export interface WriteException {
  readonly reason: number;
  readonly does: boolean;
}

export interface RelayBoardOptions {
  /** Boards without their own pulse refuse 0x0200 + channel. */
  readonly hasPulse?: boolean;
  /** 8 by default; 0 is a board of inputs only. */
  readonly relays?: number;
  /** 8 by default. */
  readonly inputs?: number;
  readonly now?: () => number;
}

/**
 * A board of relays and inputs: FC01 reads relays, FC02 reads inputs, FC05 switches one, and FC05 at 0x0200 +
 * channel closes it for value x 100 ms (the board counts the time, whatever becomes of the master).
 */
export class RelayBoard {
  readonly bank: RelayBank;
  readonly hasPulse: boolean;
  requests = 0;
  /** Its answer to writes from now on; nothing: their echo. */
  writeException: WriteException | undefined;

  constructor(plants: readonly Plant[], options: RelayBoardOptions = {}) {
    const size = { relays: options.relays ?? 8, inputs: options.inputs ?? 8 };
    this.bank = new RelayBank(plants, size, options.now ?? nowMs);
    this.hasPulse = options.hasPulse ?? true;
  }

  get writes(): readonly CoilWrite[] {
    return this.bank.writes;
  }
  get stuck(): Set<number> {
    return this.bank.stuck;
  }

  /** Answers one PDU; unknown functions and addresses get exceptions 1, 2 and 3 of the specification. */
  handle(pdu: Buffer): Buffer {
    this.requests++;
    this.bank.releaseDue();
    const code = pdu[0] ?? 0;
    if (code !== 1 && code !== 2 && code !== 5) return exception(code, illegalFunction);
    if (pdu.length !== 5) return exception(code, illegalValue);
    const address = pdu.readUInt16BE(1);
    const value = pdu.readUInt16BE(3);
    return code === 5 ? this.#write(pdu, address, value) : this.#read(code, address, value);
  }

  powerOff(): void {
    this.bank.powerOff();
  }

  relayOn(channel: number): boolean {
    return this.bank.relayOn(channel);
  }

  #read(code: number, address: number, count: number): Buffer {
    if (count < 1 || count > 2000) return exception(code, illegalValue);
    const bits = code === 1 ? this.bank.relayBits() : this.bank.inputBits();
    if (address + count > bits.length) return exception(code, illegalAddress);
    return bitsReply(code, bits.slice(address, address + count));
  }

  #write(pdu: Buffer, address: number, value: number): Buffer {
    const { relays } = this.bank;
    const pulse = this.hasPulse && address >= pulseBase && address < pulseBase + relays;
    const channel = pulse ? address - pulseBase : address;
    if (channel >= relays) return exception(5, illegalAddress);
    if (pulse ? value < 1 || value > 0x7fff : value !== 0xff00 && value !== 0)
      return exception(5, illegalValue);
    const { reason, does } = this.writeException ?? { does: true };
    if (does)
      this.bank.write(channel, pulse || value === 0xff00, value, pulse ? value * pulseStepMs : undefined);
    return reason === undefined ? Buffer.from(pdu) : exception(5, reason);
  }
}
