/** Bits of a character on the wire: start, 8 data, parity, stop. */
export interface LineFormat {
  readonly baudRate: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

/** Time of `characters` on the wire, milliseconds. */
export function wireMs(line: LineFormat, characters: number): number {
  const bits = 1 + 8 + (line.parity === 'none' ? 0 : 1) + line.stopBits;
  return (characters * bits * 1000) / line.baudRate;
}

/**
 * The silence that ends a frame, milliseconds: 3.5 characters, fixed at 1.75 ms above 19200 baud (serial line
 * specification V1.02, section 2.5.1.1). Exact; whoever waits for it must look at the clock again when the
 * timer has fired, because a Node timer of 1.75 ms fires after 1.12 ms.
 */
export function silenceMs(line: LineFormat): number {
  return line.baudRate > 19_200 ? 1.75 : wireMs(line, 3.5);
}
