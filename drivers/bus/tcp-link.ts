import { connect, type Socket } from 'node:net';
import type { Bus } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import { afterNoReply, cannotOpen, type Link, type LinkOptions, placeOf, within } from './link.ts';
import { encodeMbap, type MbapFrame, MbapReader } from './mbap-frame.ts';
import { describeException, exceptionReason, replyMismatch } from './reply-match.ts';
import {
  type BusErrorCode,
  BusException,
  type BusRequest,
  busError,
  describeRequest,
  type Exchange,
} from './request.ts';
import { encodeRequest, valuesOf, withCrc } from './rtu-frame.ts';

export type TcpBus = Extract<Bus, { kind: 'modbus-tcp' }>;

/** The transaction that is under way, and its caller. */
interface InFlight {
  readonly transaction: number;
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Modbus TCP: one transaction at a time, each numbered. A reply counts if it carries its transaction's
 * number, protocol id 0 and what the request asked for. After silence or a wrong reply the connection is
 * opened anew, because a gateway may still be busy with the request.
 */
export class TcpLink implements Link {
  readonly #bus: TcpBus;
  readonly #options: LinkOptions;
  readonly #reader = new MbapReader();
  #socket: Socket | undefined;
  #transaction = 0;
  #inFlight: InFlight | undefined;
  /** The number of a reply that belonged to no transaction, while one was awaited. */
  #foreign: number | undefined;
  #mustReopen = false;
  #onClose: () => void = () => undefined;

  constructor(bus: TcpBus, options: LinkOptions) {
    this.#bus = bus;
    this.#options = options;
  }

  get mustReopen(): boolean {
    return this.#mustReopen;
  }

  async open(): Promise<void> {
    const { host, port, timeoutMs } = this.#bus;
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('close', () => this.#closed());
    const opened = new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      // Stays: an error after the connection is told by `close` as well.
      socket.on('error', reject);
    });
    const late = () => new Error('no answer to connect');
    try {
      await within(this.#options.clock, Math.max(timeoutMs, 1000), opened, late);
    } catch (cause) {
      this.close();
      throw cannotOpen(this.#bus, cause);
    }
  }

  close(): void {
    this.#onClose = () => undefined;
    this.#closed();
    this.#socket?.destroy();
  }

  onClose(fn: () => void): void {
    this.#onClose = fn;
  }

  /** Transactions are numbered: nothing has to be waited for. */
  restMs(): number {
    return 0;
  }

  async exchange(request: BusRequest): Promise<Exchange> {
    const sent = encodeRequest(request);
    try {
      const received = await this.#ask(request, sent);
      const mismatch = replyMismatch(request, sent, received);
      if (mismatch) throw this.#error('BUS_WRONG_REPLY', request, mismatch);
      const reason = exceptionReason(received);
      if (reason === undefined) return { sent, received, ...valuesOf(request, received) };
      const what = `${describeException(reason)} (${describeRequest(request)})`;
      throw new BusException(this.#bus.id, reason, what);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code !== 'BUS_EXCEPTION') this.#mustReopen = true;
      throw error;
    }
  }

  /** Sends a request and resolves to the reply in serial framing, as every transport gives it. */
  #ask(request: BusRequest, sent: Buffer): Promise<Buffer> {
    const { timeoutMs } = this.#bus;
    const socket = this.#socket;
    if (!socket?.writable)
      return Promise.reject(this.#error('BUS_DOWN', request, 'the connection is closed'));
    this.#transaction = (this.#transaction + 1) & 0xffff;
    this.#foreign = undefined;
    return new Promise((resolve, reject) => {
      const cancel = afterNoReply(this.#options.clock, timeoutMs, () => {
        this.#inFlight = undefined;
        reject(this.#noReply(request));
      });
      const settle =
        <T>(act: (value: T) => void) =>
        (value: T) => {
          cancel();
          this.#inFlight = undefined;
          act(value);
        };
      this.#inFlight = {
        transaction: this.#transaction,
        resolve: settle(resolve),
        reject: settle((error: Error) =>
          reject(
            error instanceof GatehouseError ? error : this.#error('BUS_WRONG_REPLY', request, error.message),
          ),
        ),
      };
      socket.write(encodeMbap(this.#transaction, sent));
    });
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#take(frame);
    } catch (error) {
      // Nothing that follows in this stream can be read.
      this.#mustReopen = true;
      this.#inFlight?.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /**
   * A frame of another transaction is a second copy, or an answer that is too late: its number tells it
   * apart.
   */
  #take({ transaction, protocol, body }: MbapFrame): void {
    const inFlight = this.#inFlight;
    if (!inFlight) return;
    if (protocol !== 0)
      inFlight.reject(new Error(`the reply carries protocol id ${protocol}, and Modbus TCP is 0`));
    else if (transaction === inFlight.transaction) inFlight.resolve(withCrc(body));
    else this.#foreign = transaction;
  }

  #closed(): void {
    this.#inFlight?.reject(busError('BUS_DOWN', this.#bus.id, `${placeOf(this.#bus)} closed the connection`));
    this.#onClose();
  }

  #noReply(request: BusRequest): GatehouseError {
    const { id, timeoutMs } = this.#bus;
    if (this.#foreign === undefined)
      return busError('BUS_TIMEOUT', id, `no reply within ${timeoutMs} ms to ${describeRequest(request)}`);
    const numbers = `transaction ${this.#foreign} instead of ${this.#transaction}`;
    return this.#error('BUS_WRONG_REPLY', request, `a reply came with ${numbers}`);
  }

  #error(code: BusErrorCode, request: BusRequest, what: string): GatehouseError {
    return busError(code, this.#bus.id, `${what} (${describeRequest(request)})`);
  }
}
