import type { Bus } from '@gatehouse/contracts';
import { type Clock, GatehouseError, sleep } from '@gatehouse/kit';
import { type ByteLine, lineTo } from './byte-line.ts';
import {
  afterNoReply,
  cannotOpen,
  type LineHabits,
  type Link,
  type LinkOptions,
  placeOf,
  within,
} from './link.ts';
import { ReplyAssembler } from './reply-assembler.ts';
import { describeException, exceptionReason, replyMismatch } from './reply-match.ts';
import type { LocalEcho, ReplyReading } from './reply-reading.ts';
import {
  BusException,
  type BusRequest,
  busError,
  describeRequest,
  type Exchange,
  isRead,
} from './request.ts';
import { encodeRequest, frameFault, valuesOf } from './rtu-frame.ts';
import { silenceMs, wireMs } from './rtu-timing.ts';

export type SerialBus = Exclude<Bus, { kind: 'modbus-tcp' }>;

/** Longest time to open a line, milliseconds: for a device, who holds it is looked for in all of /proc. */
const openWithinMs = { device: 5_000, server: 1_000 } as const;

type Whole = Extract<ReplyReading, { is: 'whole' }>;

/** The reply in the making, and whoever waits for it. */
interface InFlight {
  readonly assembler: ReplyAssembler;
  readonly resolve: (whole: Whole) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Modbus RTU over a line of bytes: a serial device, or a serial server's TCP socket. Keeps a silence of t3.5
 * before each request (or the longer pause that the site file asks for) and of t3.5 behind each reply, and
 * takes for a reply only what arrives between its own request's last bit and that silence. RTU replies carry
 * no number, so a unit that did not answer is left alone until what it may still say is over; the other units
 * are not, because a reply names its unit. After a wrong reply all of them are.
 *
 * Whether the line echoes is learnt from the first read that is answered after it was opened, unless the site
 * file says it. Until then a write whose own copy alone comes back is not taken as answered: the copy may be
 * the echo.
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
  readonly #gapMs: number;
  readonly #restUntilMs = new Map<number, number>();
  #allRestUntilMs = 0;
  #onClose: () => void = () => undefined;
  #open = false;
  /** Something may be left in the system's buffer. */
  #dirty = true;
  #lastByteMs = Number.NEGATIVE_INFINITY;
  /** When the last bit of the last request has left the wire. */
  #sentUntilMs = Number.NEGATIVE_INFINITY;
  #echo: LocalEcho;
  #replies = 0;
  #noisyReplies = 0;
  #inFlight: InFlight | undefined;
  #cancelEnd: () => void = () => undefined;

  constructor(bus: SerialBus, options: LinkOptions) {
    this.#bus = bus;
    this.#clock = options.clock;
    this.#quarantineMs = options.quarantineMs;
    this.#silenceMs = silenceMs(bus);
    this.#gapMs = Math.max(this.#silenceMs, bus.pauseMs);
    this.#echo = bus.localEcho === 'on' ? 'heard' : 'unknown';
    this.#line = options.line ?? lineTo(bus);
    this.#line.onData((chunk) => this.#receive(chunk));
    this.#line.onClose(() => this.#closed());
  }

  async open(): Promise<void> {
    const { kind, timeoutMs } = this.#bus;
    const limitMs = Math.max(timeoutMs, openWithinMs[kind === 'modbus-rtu' ? 'device' : 'server']);
    const late = () => new Error(`it was not open within ${limitMs} ms`);
    try {
      await within(this.#clock, limitMs, this.#line.open(), late);
    } catch (cause) {
      this.close();
      throw cannotOpen(this.#bus, cause);
    }
    this.#open = true;
    this.#lastByteMs = this.#clock.monotonicMs();
    // The last program on this line may have asked something, so every unit is paused once.
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

  get habits(): LineHabits {
    return { localEcho: this.#echo, replies: this.#replies, noisyReplies: this.#noisyReplies };
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
      const whole = await this.#ask(request, sent, Math.min(patienceMs, this.#bus.timeoutMs));
      const received = Buffer.from(whole.reply);
      const mismatch = frameFault(received) ?? replyMismatch(request, sent, received);
      if (mismatch) throw this.#wrong(request, mismatch);
      this.#learn(request, whole.echoed ? 'heard' : 'none');
      this.#replies++;
      if (whole.noise) this.#noisyReplies++;
      const reason = exceptionReason(received);
      if (reason === undefined) return { sent, received, ...valuesOf(request, received) };
      const what = `${describeException(reason)} (${describeRequest(request)})`;
      throw new BusException(this.#bus.id, reason, what);
    } catch (error) {
      if (error instanceof GatehouseError) this.#rest(error.code, request.unit, sentMs);
      throw error;
    }
  }

  /** Only a read tells whether the line echoes: the reply to most writes is equal to what was sent. */
  #learn(request: BusRequest, echo: LocalEcho): void {
    if (this.#bus.localEcho === 'auto' && isRead(request)) this.#echo = echo;
  }

  /** After silence only the unit rests; once something wrong was said nobody knows who may still speak. */
  #rest(code: string, unit: number, sentMs: number): void {
    if (code === 'BUS_EXCEPTION') return;
    const untilMs = sentMs + this.#bus.timeoutMs + this.#quarantineMs;
    this.#dirty = true;
    if (code === 'BUS_TIMEOUT') this.#restUntilMs.set(unit, untilMs);
    else this.#allRestUntilMs = untilMs;
  }

  /**
   * An adapter may be changed behind a serial server, whose connection stays: what was learnt is then learnt
   * anew.
   */
  #learnFromFailure(request: BusRequest, { reading, cameBack }: ReplyAssembler): void {
    if (reading.is === 'silence' && reading.echoed) this.#learn(request, 'heard');
    else if (reading.is === 'spoiled' && cameBack === (this.#echo === 'none'))
      this.#learn(request, 'unknown');
  }

  /** Returns once the line has been silent for long enough and nothing old is left in its buffer. */
  async #settle(request: BusRequest): Promise<void> {
    const giveUpMs = this.#clock.monotonicMs() + this.#bus.timeoutMs;
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      const waitMs = Math.max(this.#lastByteMs, this.#sentUntilMs) + this.#gapMs - nowMs;
      if (waitMs <= 0) break;
      if (nowMs > giveUpMs) throw this.#wrong(request, 'the line never falls silent');
      await sleep(this.#clock, Math.ceil(waitMs));
    }
    if (this.#dirty) await this.#line.flush();
    this.#dirty = false;
    if (!this.#open) throw busError('BUS_DOWN', this.#bus.id, `lost before ${describeRequest(request)}`);
  }

  #ask(request: BusRequest, sent: Buffer, timeoutMs: number): Promise<Whole> {
    this.#sentUntilMs = this.#clock.monotonicMs() + wireMs(this.#bus, sent.length);
    const asked = { request, sent, sentUntilMs: this.#sentUntilMs, echo: this.#echo };
    const assembler = new ReplyAssembler(asked);
    return new Promise((resolve, reject) => {
      const cancel = afterNoReply(this.#clock, timeoutMs, () =>
        this.#end()?.reject(this.#noReply(request, assembler, timeoutMs)),
      );
      const settle =
        <T>(act: (value: T) => void) =>
        (value: T) => {
          cancel();
          act(value);
        };
      this.#inFlight = { assembler, resolve: settle(resolve), reject: settle(reject) };
      this.#line.write(sent);
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
    if (assembler.reading.is === 'whole') this.#endWhenSilent(assembler.reading);
  }

  /** The reply is whole when nothing follows it for t3.5. */
  #endWhenSilent(whole: Whole): void {
    const waitMs = this.#lastByteMs + this.#silenceMs - this.#clock.monotonicMs();
    if (waitMs <= 0) this.#end()?.resolve(whole);
    else this.#cancelEnd = this.#clock.after(Math.ceil(waitMs), () => this.#endWhenSilent(whole));
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#end()?.reject(busError('BUS_DOWN', this.#bus.id, `${placeOf(this.#bus)} was closed or unplugged`));
    this.#onClose();
  }

  /** The time is over: what has come until then is no reply, or not yet one. */
  #noReply(request: BusRequest, assembler: ReplyAssembler, timeoutMs: number): Error {
    const { reading, count } = assembler;
    const before = this.#echo;
    this.#learnFromFailure(request, assembler);
    if (reading.is !== 'silence') {
      const why = reading.is === 'spoiled' ? `: ${reading.why}` : '';
      return this.#wrong(request, `${count} bytes came that are no reply${why}`);
    }
    if (reading.echoed && before === 'unknown' && !isRead(request)) return this.#wrong(request, onlyOnce);
    const besides = reading.echoed
      ? ", only the line's own echo came"
      : count > 0
        ? `, only line noise came (${count} bytes of 00 or FF)`
        : '';
    const asked = describeRequest(request);
    const what = `no reply within ${Math.round(timeoutMs)} ms to ${asked}${besides}`;
    return busError('BUS_TIMEOUT', this.#bus.id, what);
  }

  #wrong(request: BusRequest, what: string): Error {
    const { id, baudRate, parity, localEcho } = this.#bus;
    const echo = localEcho === 'on' ? ', localEcho: on' : this.#echo === 'heard' ? ', local echo' : '';
    const line = `at ${baudRate} baud, parity ${parity}${echo}`;
    return busError('BUS_WRONG_REPLY', id, `${what} (${describeRequest(request)}, ${line})`);
  }
}

/** Of a write, while it is not known whether the line echoes. */
const onlyOnce =
  "what was sent came back once: the board's answer or the line's own echo, the next read tells which";
