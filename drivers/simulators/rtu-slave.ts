import { setTimeout as delay } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import { type Fault, FaultySender } from './faults.ts';
import { crcOf, rtuFrame, rtuRequestBytes } from './modbus-frames.ts';
import type { RelayBoard } from './relay-board.ts';

export interface RtuTiming {
  readonly baudRate: number;
  /** From the end of the request to the start of the answer, milliseconds. */
  readonly turnaroundMs: number;
}

/**
 * A relay board on a serial line. A pty has no baud rate, so the board waits as long as the request took on a real
 * wire (10 bits a character, 8N1), turns around, and sends its answer only when its last character would have arrived.
 */
export class RtuSlave {
  readonly board: RelayBoard;
  readonly unit: number;
  readonly timing: RtuTiming;
  readonly #sender = new FaultySender((bytes) => this.#transmit(bytes));
  readonly #path: string;
  #port: SerialPort | undefined;
  #received: Buffer = Buffer.alloc(0);

  constructor(
    board: RelayBoard,
    path: string,
    timing: RtuTiming = { baudRate: 9600, turnaroundMs: 5 },
    unit = 1,
  ) {
    this.board = board;
    this.unit = unit;
    this.timing = timing;
    this.#path = path;
  }

  set fault(fault: Fault) {
    this.#sender.fault = fault;
  }

  start(): Promise<void> {
    const port = new SerialPort({ path: this.#path, baudRate: this.timing.baudRate, autoOpen: false });
    this.#port = port;
    port.on('data', (chunk: Buffer) => this.#receive(chunk));
    return new Promise((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  }

  stop(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    if (!port?.isOpen) return Promise.resolve();
    return new Promise((resolve) => port.close(() => resolve()));
  }

  powerOff(): void {
    this.board.powerOff();
    this.fault = { kind: 'dead' };
  }

  /** Finds requests by length and CRC, moving one byte on when neither fits: noise never stops the board. */
  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]).subarray(-256);
    while (this.#received.length >= rtuRequestBytes) {
      const frame = this.#received.subarray(0, rtuRequestBytes);
      const valid = crcOf(frame.subarray(0, -2)) === frame.readUInt16LE(rtuRequestBytes - 2);
      this.#received = this.#received.subarray(valid ? rtuRequestBytes : 1);
      if (valid && frame[0] === this.unit && this.#sender.fault.kind !== 'dead')
        void this.#execute(Buffer.from(frame.subarray(1, -2)));
    }
  }

  async #execute(pdu: Buffer): Promise<void> {
    await delay(this.#wireMs(rtuRequestBytes) + this.timing.turnaroundMs);
    await this.#sender.answer(rtuFrame(this.unit, this.board.handle(pdu)));
  }

  async #transmit(bytes: Buffer): Promise<void> {
    await delay(this.#wireMs(bytes.length));
    this.#port?.write(bytes);
  }

  #wireMs(characters: number): number {
    return Math.ceil((characters * 10 * 1000) / this.timing.baudRate);
  }
}
