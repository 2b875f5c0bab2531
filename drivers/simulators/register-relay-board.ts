import { exception, illegalAddress, illegalFunction, illegalValue, registersReply } from './exceptions.ts';
import { nowMs } from './now.ts';
import { type Plant, RelayBank } from './relay-bank.ts';

const channels = 8;
/** High byte of what is written to a channel's register. */
const commands = { open: 0x01, close: 0x02, toggle: 0x03, delay: 0x06 } as const;

/**
 * The R413D08 and its relatives: eight channels in holding registers 1 to 8. FC06 with 0x0100 switches one on
 * ("open"), 0x0200 off, 0x0300 toggles, 0x06nn switches on for nn seconds; FC03 reads 1 or 0. No inputs.
 */
export class RegisterRelayBoard {
  readonly bank: RelayBank;

  constructor(plants: readonly Plant[], now: () => number = nowMs) {
    this.bank = new RelayBank(plants, { relays: channels, inputs: 0 }, now);
  }

  handle(pdu: Buffer): Buffer {
    this.bank.releaseDue();
    const code = pdu[0] ?? 0;
    if (code !== 3 && code !== 6) return exception(code, illegalFunction);
    if (pdu.length !== 5) return exception(code, illegalValue);
    const address = pdu.readUInt16BE(1);
    const value = pdu.readUInt16BE(3);
    return code === 6 ? this.#write(pdu, address - 1, value) : this.#read(address - 1, value);
  }

  powerOff(): void {
    this.bank.powerOff();
  }

  #read(first: number, count: number): Buffer {
    if (count < 1 || count > 125) return exception(3, illegalValue);
    if (first < 0 || first + count > channels) return exception(3, illegalAddress);
    const on = this.bank.relayBits().slice(first, first + count);
    return registersReply(
      3,
      on.map((bit) => (bit ? 1 : 0)),
    );
  }

  #write(pdu: Buffer, channel: number, value: number): Buffer {
    if (channel < 0 || channel >= channels) return exception(6, illegalAddress);
    const command = value >> 8;
    const isOn = this.bank.relayOn(channel);
    if (command === commands.open) this.bank.write(channel, true, value);
    else if (command === commands.close) this.bank.write(channel, false, value);
    else if (command === commands.toggle) this.bank.write(channel, !isOn, value);
    else if (command === commands.delay) this.bank.write(channel, true, value, (value & 0xff) * 1000);
    else return exception(6, illegalValue);
    return Buffer.from(pdu);
  }
}
