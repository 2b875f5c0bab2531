import type { Bus } from '@gatehouse/contracts';
import { type Clock, GatehouseError, sleep } from '@gatehouse/kit';
import { type ByteLine, lineTo } from './byte-line.ts';
import { type Link, type LinkOptions, placeOf, within } from './link.ts';
import { ReplyAssembler } from './reply-assembler.ts';
import { describeException, exceptionReason, replyMismatch } from './reply-match.ts';
import { BusException, type BusRequest, busError, describeRequest, type Exchange } from './request.ts';
import { encodeRequest, frameFault, valuesOf } from './rtu-frame.ts';
import { silenceMs, wireMs } from './rtu-timing.ts';

export type SerialBus = Exclude<Bus, { kind: 'modbus-tcp' }>;

/** The reply in the making, and whoever waits for it. */
interface InFlight {
  readonly assembler: ReplyAssembler;
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Modbus RTU over a line of bytes: a serial device, or a serial server's TCP socket. Keeps a silence of t3.5 before each
 * request and behind each reply, and takes for a reply only what arrives between its own request's last bit and that
 * silence. RTU replies carry no number, so a unit that did not answer is left alone until what it may still say is over;
 * the other units are not, because a reply names its unit. After a wrong reply all of them are.
 */
export class RtuLink implements Link {
  readonly mustReopen = false;
  /** Bytes that belonged to no request: a sign of late replies or noise. */
  strayBytes = 0;
  readonly #bus: SerialBus;
  readonly #clock: Clock;
  readonly #line: ByteLine;
  readonly #quarantineMs: number;
  readonly #silenceMs: number;
  readonly #restUntilMs = new Map<number, number>();
  #allRestUntilMs = 0;
  #onClose: () => void = () => undefined;
  #open = false;
  /** Something may be left in the system's buffer. */
  #dirty = true;
  #lastByteMs = Number.NEGATIVE_INFINITY;
  #inFlight: InFlight | undefined;
  #cancelEnd: () => void = () => undefined;

  constructor(bus: SerialBus, options: LinkOptions) {
    this.#bus = bus;
    this.#clock = options.clock;
    this.#quarantineMs = options.quarantineMs;
    this.#silenceMs = silenceMs(bus);
    this.#line = options.line ?? lineTo(bus);
    this.#line.onData((chunk) => this.#receive(chunk));
    this.#line.onClose(() => this.#closed());
  }

  async open(): Promise<void> {
    const { id, timeoutMs } = this.#bus;
    const late = () => new Error('no answer to connect');
    try {
      await within(this.#clock, Math.max(timeoutMs, 1000), this.#line.open(), late);
    } catch (cause) {
      this.close();
      const message = cause instanceof Error ? cause.message : String(cause);
      throw busError('BUS_DOWN', id, `cannot open ${placeOf(this.#bus)} (${message})`, cause);
    }
    this.#open = true;
    this.#lastByteMs = this.#clock.monotonicMs();
    // Whoever held this line before may have asked something: every unit rests once.
    this.#allRestUntilMs = this.#lastByteMs + timeoutMs + this.#quarantineMs;
  }

  close(): void {
    this.#onClose = () => undefined;
    this.#closed();
    // Closing a device that is already gone fails; there is nothing left to do about it.
    this.#line.close().catch(() => undefined);
  }

  onClose(fn: () => void): void {
    this.#onClose = fn;
  }

  restMs(unit: number): number {
    const untilMs = Math.max(this.#allRestUntilMs, this.#restUntilMs.get(unit) ?? 0);
    return Math.max(0, untilMs - this.#clock.monotonicMs());
  }

  async exchange(request: BusRequest, patienceMs = this.#bus.timeoutMs): Promise<Exchange> {
    const sent = encodeRequest(request);
    await this.#settle(request);
    const sentMs = this.#clock.monotonicMs();
    try {
      const received = await this.#ask(request, sent, sentMs, Math.min(patienceMs, this.#bus.timeoutMs));
      const mismatch = frameFault(received) ?? replyMismatch(request, sent, received);
      if (mismatch) throw this.#wrong(request, mismatch);
      const reason = exceptionReason(received);
      if (reason === undefined) return { sent, received, ...valuesOf(request, received) };
      const what = `${describeException(reason)} (${describeRequest(request)})`;
      throw new BusException(this.#bus.id, reason, what);
    } catch (error) {
      if (error instanceof GatehouseError) this.#rest(error.code, request.unit, sentMs);
      throw error;
    }
  }

  /** After silence only the unit rests; once something wrong was said nobody knows who may still speak. */
  #rest(code: string, unit: number, sentMs: number): void {
    if (code === 'BUS_EXCEPTION') return;
    const untilMs = sentMs + this.#bus.timeoutMs + this.#quarantineMs;
    this.#dirty = true;
    if (code === 'BUS_TIMEOUT') this.#restUntilMs.set(unit, untilMs);
    else this.#allRestUntilMs = untilMs;
  }

  /** Returns once the line has been silent for t3.5 and nothing old is left in its buffer. */
  async #settle(request: BusRequest): Promise<void> {
    const giveUpMs = this.#clock.monotonicMs() + this.#bus.timeoutMs;
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      const waitMs = this.#lastByteMs + this.#silenceMs - nowMs;
      if (waitMs <= 0) break;
      if (nowMs > giveUpMs) throw this.#wrong(request, 'the line never falls silent');
      await sleep(this.#clock, Math.ceil(waitMs));
    }
    if (this.#dirty) await this.#line.flush();
    this.#dirty = false;
    if (!this.#open) throw busError('BUS_DOWN', this.#bus.id, `lost before ${describeRequest(request)}`);
  }

  #ask(request: BusRequest, frame: Buffer, nowMs: number, timeoutMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const assembler = new ReplyAssembler(request, nowMs + wireMs(this.#bus, frame.length));
      const cancel = this.#clock.after(timeoutMs, () =>
        this.#end()?.reject(this.#noReply(request, assembler, timeoutMs)),
      );
      const inFlight = {
        assembler,
        resolve: (reply: Buffer) => {
          cancel();
          resolve(reply);
        },
        reject: (error: Error) => {
          cancel();
          reject(error);
        },
      };
      this.#inFlight = inFlight;
      this.#line.write(frame);
    });
  }

  /** Takes the request out of flight: what still comes is stray. */
  #end(): InFlight | undefined {
    const ended = this.#inFlight;
    this.#inFlight = undefined;
    this.#cancelEnd();
    return ended;
  }

  #receive(chunk: Buffer): void {
    const nowMs = this.#clock.monotonicMs();
    this.#lastByteMs = nowMs;
    const assembler = this.#inFlight?.assembler;
    if (!assembler) {
      this.strayBytes += chunk.length;
      this.#dirty = true;
      return;
    }
    assembler.push(chunk, nowMs);
    this.#cancelEnd();
    if (assembler.complete) this.#endWhenSilent(assembler);
  }

  /** The reply is whole when nothing follows it for t3.5. */
  #endWhenSilent(assembler: ReplyAssembler): void {
    const waitMs = this.#lastByteMs + this.#silenceMs - this.#clock.monotonicMs();
    if (waitMs <= 0) this.#end()?.resolve(assembler.reply);
    else this.#cancelEnd = this.#clock.after(Math.ceil(waitMs), () => this.#endWhenSilent(assembler));
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#end()?.reject(busError('BUS_DOWN', this.#bus.id, `${placeOf(this.#bus)} was closed or unplugged`));
    this.#onClose();
  }

  #noReply(request: BusRequest, assembler: ReplyAssembler, timeoutMs: number): Error {
    const { id } = this.#bus;
    if (assembler.count > 0)
      return this.#wrong(
        request,
        `${assembler.count} bytes came that are no reply${assembler.spoiled ? `: ${assembler.spoiled}` : ''}`,
      );
    return busError(
      'BUS_TIMEOUT',
      id,
      `no reply within ${Math.round(timeoutMs)} ms to ${describeRequest(request)}`,
    );
  }

  #wrong(request: BusRequest, what: string): Error {
    const { id, baudRate, parity } = this.#bus;
    const line = `at ${baudRate} baud, parity ${parity}`;
    return busError('BUS_WRONG_REPLY', id, `${what} (${describeRequest(request)}, ${line})`);
  }
}
