import { EventEmitter } from 'node:events';
import { type Clock, sleep } from '@gatehouse/kit';
import type { ByteLine } from './byte-line.ts';
import { ReplyAssembler } from './reply-assembler.ts';
import type { BusRequest } from './request.ts';
import { type LineFormat, silenceMs, wireMs } from './rtu-timing.ts';

/**
 * The serial port under modbus-serial's client, in place of its own: that one never clears its buffer, so that after
 * one late reply every read gets the previous read's data. This one keeps a silence of t3.5 and flushes before each
 * request, hands on exactly one whole reply a request, and drops every byte that arrives with no request in flight.
 */
export class RtuPort extends EventEmitter {
  readonly #line: ByteLine;
  readonly #format: LineFormat;
  readonly #clock: Clock;
  readonly #silenceMs: number;
  #lastByteMs = Number.NEGATIVE_INFINITY;
  #next: BusRequest | undefined;
  #pending: ReplyAssembler | undefined;
  #cancelEnd: (() => void) | undefined;
  #open = false;
  /** Bytes that belonged to no request; a sign of late replies or noise. */
  strayBytes = 0;

  constructor(line: ByteLine, format: LineFormat, clock: Clock) {
    super();
    this.#line = line;
    this.#format = format;
    this.#clock = clock;
    this.#silenceMs = silenceMs(format);
    line.onData((chunk) => this.#receive(chunk));
    line.onClose(() => this.#closed());
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** modbus-serial's port interface. */
  open(done: (error?: unknown) => void): void {
    this.#line.open().then(() => {
      this.#open = true;
      this.#lastByteMs = this.#clock.monotonicMs();
      done();
    }, done);
  }

  /** modbus-serial's port interface. */
  close(done?: () => void): void {
    this.forget();
    this.#open = false;
    this.#line.close().then(
      () => done?.(),
      () => done?.(),
    );
  }

  /** Says what the next `write` asks, so that its reply's length is known. */
  expect(request: BusRequest): void {
    this.#next = request;
  }

  /** modbus-serial's port interface: sends one request frame once the line has been silent for t3.5. */
  write(frame: Buffer): void {
    const request = this.#next;
    if (!request) throw new Error('write without expect');
    this.#next = undefined;
    void this.#send(request, frame).catch((error) => this.emit('error', error));
  }

  /** Ends the request in flight: whatever still comes is stray. */
  forget(): void {
    this.#next = undefined;
    this.#pending = undefined;
    this.#cancelEnd?.();
    this.#cancelEnd = undefined;
  }

  async #send(request: BusRequest, frame: Buffer): Promise<void> {
    this.forget();
    const waitMs = this.#lastByteMs + this.#silenceMs - this.#clock.monotonicMs();
    if (waitMs > 0) await sleep(this.#clock, waitMs);
    await this.#line.flush();
    if (!this.#open) return;
    const nowMs = this.#clock.monotonicMs();
    this.#pending = new ReplyAssembler(request, nowMs + wireMs(this.#format, frame.length));
    this.#line.write(frame);
  }

  #receive(chunk: Buffer): void {
    const nowMs = this.#clock.monotonicMs();
    this.#lastByteMs = nowMs;
    const pending = this.#pending;
    if (!pending) {
      this.strayBytes += chunk.length;
      return;
    }
    pending.push(chunk, nowMs);
    this.#cancelEnd?.();
    this.#cancelEnd = pending.complete
      ? this.#clock.after(this.#silenceMs, () => this.#end(pending))
      : undefined;
  }

  #end(pending: ReplyAssembler): void {
    if (this.#pending !== pending) return;
    this.forget();
    this.emit('data', pending.reply);
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    this.forget();
    this.emit('close');
  }
}
