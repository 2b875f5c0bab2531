import { type Fault, FaultySender } from './faults.ts';
import { crcOf, rtuFrame, rtuRequestBytes } from './modbus-frames.ts';
import { nowMs } from './now.ts';
import { charactersMs, type LineTiming, slaveSilenceMs, waitUntil } from './pace.ts';

/** The slave behind a unit address: takes a PDU, gives one. */
export interface SlaveDevice {
  handle(pdu: Buffer): Buffer;
  /** Power fails. */
  powerOff(): void;
}

/** A listener on the line; times are on the simulators' monotonic clock. */
export interface LineListener {
  /**
   * A whole request to a unit of this line: a pty hands its bytes over as soon as the master has written
   * them.
   */
  asked?(unit: number, pdu: Buffer, atMs: number): void;
  /** The last character of an answer has gone out. */
  answered?(unit: number, request: Buffer, reply: Buffer, atMs: number): void;
}

interface Unit {
  readonly device: SlaveDevice;
  readonly sender: FaultySender;
}

/**
 * Slaves on one serial line. Each waits as long as the request took on the wire, for the silence behind it
 * and its own turnaround, and sends its answer only when its last character would have arrived (8N1, 10 bits
 * a character).
 */
export class RtuSegment {
  readonly timing: LineTiming;
  /** Whole requests to units of this line, by unit. */
  readonly requests = new Map<number, number>();
  readonly #units = new Map<number, Unit>();
  readonly #write: (bytes: Buffer) => void;
  #listener: LineListener = {};
  #received: Buffer = Buffer.alloc(0);

  constructor(timing: LineTiming, write: (bytes: Buffer) => void) {
    this.timing = timing;
    this.#write = write;
  }

  listen(listener: LineListener): void {
    this.#listener = listener;
  }

  add(unit: number, device: SlaveDevice): void {
    const sender = new FaultySender((bytes) => this.#transmit(bytes));
    this.#units.set(unit, { device, sender });
  }

  /** How a unit misbehaves from now on. */
  setFault(unit: number, fault: Fault): void {
    const found = this.#units.get(unit);
    if (!found) throw new Error(`no unit ${unit} on this line`);
    found.sender.fault = fault;
  }

  powerOff(unit: number): void {
    this.#units.get(unit)?.device.powerOff();
    this.setFault(unit, { kind: 'dead' });
  }

  /** Finds requests by length and CRC, moving one byte on when neither fits: noise never stops a slave. */
  receive(chunk: Buffer): void {
    const heardMs = nowMs();
    this.#received = Buffer.concat([this.#received, chunk]).subarray(-256);
    while (this.#received.length >= rtuRequestBytes) {
      const frame = this.#received.subarray(0, rtuRequestBytes);
      const valid = crcOf(frame.subarray(0, -2)) === frame.readUInt16LE(rtuRequestBytes - 2);
      this.#received = this.#received.subarray(valid ? rtuRequestBytes : 1);
      if (valid) this.#take(frame[0] ?? 0, Buffer.from(frame.subarray(1, -2)), heardMs);
    }
  }

  #take(address: number, pdu: Buffer, heardMs: number): void {
    const unit = this.#units.get(address);
    if (!unit) return;
    this.requests.set(address, (this.requests.get(address) ?? 0) + 1);
    this.#listener.asked?.(address, pdu, heardMs);
    if (unit.sender.fault.kind !== 'dead') void this.#execute(address, unit, pdu, heardMs);
  }

  async #execute(address: number, { device, sender }: Unit, pdu: Buffer, heardMs: number): Promise<void> {
    const { timing } = this;
    const requestMs = charactersMs(timing, rtuRequestBytes) + slaveSilenceMs(timing);
    await waitUntil(heardMs + requestMs + timing.turnaroundMs, timing.exact ?? false);
    const reply = device.handle(pdu);
    await sender.answer(rtuFrame(address, reply));
    this.#listener.answered?.(address, pdu, reply, nowMs());
  }

  async #transmit(bytes: Buffer): Promise<void> {
    await waitUntil(nowMs() + charactersMs(this.timing, bytes.length), this.timing.exact ?? false);
    this.#write(bytes);
  }
}
