import { exception, illegalAddress, illegalFunction, illegalValue, registersReply } from './exceptions.ts';

/** A sensor: 16-bit registers behind one read function (3 holding, 4 input), nothing to write. */
export class Sensor {
  /** By register address; negative values go out as two's complement. */
  readonly registers: Map<number, number>;
  readonly #function: 3 | 4;

  constructor(readFunction: 3 | 4, registers: Readonly<Record<number, number>>) {
    this.#function = readFunction;
    this.registers = new Map(Object.entries(registers).map(([address, value]) => [Number(address), value]));
  }

  handle(pdu: Buffer): Buffer {
    const code = pdu[0] ?? 0;
    if (code !== this.#function) return exception(code, illegalFunction);
    if (pdu.length !== 5) return exception(code, illegalValue);
    const first = pdu.readUInt16BE(1);
    const count = pdu.readUInt16BE(3);
    if (count < 1 || count > 125) return exception(code, illegalValue);
    const values = Array.from({ length: count }, (_, i) => this.registers.get(first + i));
    const known = values.filter((value) => value !== undefined);
    return known.length === count ? registersReply(code, known) : exception(code, illegalAddress);
  }

  powerOff(): void {
    // Nothing moves when a sensor loses its power.
  }
}
