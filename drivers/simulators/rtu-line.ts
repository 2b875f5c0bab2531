import type { LineTiming } from './pace.ts';
import { RtuSegment } from './rtu-segment.ts';
import { SerialEnd } from './serial-port.ts';

/** Slaves on the far end of a serial cable (a pty). */
export class RtuLine {
  readonly segment: RtuSegment;
  readonly #end: SerialEnd;

  constructor(path: string, timing: LineTiming) {
    this.segment = new RtuSegment(timing, (bytes) => this.#end.write(bytes));
    this.#end = new SerialEnd(path, timing.baudRate, (chunk) => this.segment.receive(chunk));
  }

  start(): Promise<void> {
    return this.#end.open();
  }

  stop(): Promise<void> {
    return this.#end.close();
  }
}
