import { SerialEnd } from './serial-port.ts';

/** The frame that a 125 kHz reader board sends for a card of five bytes: STX, digits, XOR, ETX. */
export function cardFrame(card: Uint8Array): Buffer {
  const hex = (bytes: Iterable<number>) =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
  const sum = [...card].reduce((all, byte) => all ^ byte, 0);
  return Buffer.concat([Buffer.from([2]), Buffer.from(`${hex(card)}${hex([sum])}`), Buffer.from([3])]);
}

/** A reader board at the far end of a serial cable. */
export class SimulatedCardReader {
  readonly #end: SerialEnd;

  constructor(path: string) {
    this.#end = new SerialEnd(path, 9600, () => undefined);
  }

  start(): Promise<void> {
    return this.#end.open();
  }

  stop(): Promise<void> {
    return this.#end.close();
  }

  /** Somebody holds a card before it. */
  present(card: Uint8Array): void {
    this.#end.write(cardFrame(card));
  }

  /** Bytes that are no card. */
  babble(bytes: Buffer): void {
    this.#end.write(bytes);
  }
}
