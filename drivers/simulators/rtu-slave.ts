import type { Fault } from './faults.ts';
import type { LineTiming } from './pace.ts';
import type { RelayBoard } from './relay-board.ts';
import { RtuLine } from './rtu-line.ts';
import type { SlaveDevice } from './rtu-segment.ts';

/** One relay board on a serial line, with what else is added to it. */
export class RtuSlave {
  readonly board: RelayBoard;
  readonly unit: number;
  readonly #line: RtuLine;

  constructor(
    board: RelayBoard,
    path: string,
    timing: LineTiming = { baudRate: 9600, turnaroundMs: 5 },
    unit = 1,
  ) {
    this.board = board;
    this.unit = unit;
    this.#line = new RtuLine(path, timing);
    this.#line.segment.add(unit, board);
  }

  /** Another unit on the same line. */
  add(unit: number, device: SlaveDevice): void {
    this.#line.segment.add(unit, device);
  }

  set fault(fault: Fault) {
    this.#line.segment.setFault(this.unit, fault);
  }

  start(): Promise<void> {
    return this.#line.start();
  }

  stop(): Promise<void> {
    return this.#line.stop();
  }

  powerOff(): void {
    this.#line.segment.powerOff(this.unit);
  }
}
