import type { Bus } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import modbusSerial from 'modbus-serial';
import { type Link, type LinkOptions, placeOf, within } from './link.ts';
import { describeException, replyMismatch } from './reply-match.ts';
import {
  BusException,
  type BusRequest,
  busError,
  describeRequest,
  type Exchange,
  functionCodes,
} from './request.ts';
import { valuesOf } from './rtu-frame.ts';

export type TcpBus = Extract<Bus, { kind: 'modbus-tcp' }>;

type Client = InstanceType<typeof modbusSerial.default>;

/** modbus-serial with debug on hands the raw bytes through. */
interface RawResult {
  readonly request?: Uint8Array;
  readonly responses?: readonly Uint8Array[];
}

/**
 * Modbus TCP. modbus-serial frames, numbers and matches transactions; this adds what it lacks: a bound on every wait,
 * and the echo compared. After a lost or wrong reply the connection is opened anew.
 */
export class TcpLink implements Link {
  readonly #bus: TcpBus;
  readonly #options: LinkOptions;
  readonly #client: Client = new modbusSerial.default();
  #mustReopen = false;
  #onClose: () => void = () => undefined;

  constructor(bus: TcpBus, options: LinkOptions) {
    this.#bus = bus;
    this.#options = options;
    // A documented setter that its type declarations lack: results then carry the raw bytes.
    Object.assign(this.#client, { isDebugEnabled: true });
    // Our own bound ends an exchange; this one only frees modbus-serial's record of it.
    this.#client.setTimeout(bus.timeoutMs * 2);
    this.#client.on('close', () => this.#onClose());
    this.#client.on('error', () => this.#onClose());
  }

  get mustReopen(): boolean {
    return this.#mustReopen;
  }

  async open(): Promise<void> {
    const { id, host, port, timeoutMs } = this.#bus;
    const opened = this.#client.connectTCP(host, { port });
    const late = () => new Error('no answer to connect');
    try {
      await within(this.#options.clock, Math.max(timeoutMs, 1000), opened, late);
    } catch (cause) {
      this.close();
      const { message } = nameAndMessage(cause);
      throw busError('BUS_DOWN', id, `cannot open ${placeOf(this.#bus)} (${message})`, cause);
    }
  }

  close(): void {
    this.#onClose = () => undefined;
    this.#client.destroy(() => undefined);
  }

  onClose(fn: () => void): void {
    this.#onClose = fn;
  }

  /** Transactions are numbered: nothing has to be waited for. */
  restMs(): number {
    return 0;
  }

  async exchange(request: BusRequest): Promise<Exchange> {
    const { id, timeoutMs } = this.#bus;
    const asked = describeRequest(request);
    const late = () => busError('BUS_TIMEOUT', id, `no reply within ${timeoutMs} ms to ${asked}`);
    try {
      const raw = await within(this.#options.clock, timeoutMs, this.#ask(request), late);
      const sent = Buffer.from(raw.request ?? []);
      const received = Buffer.from(raw.responses?.[0] ?? []);
      const mismatch = replyMismatch(request, sent, received);
      if (mismatch) throw busError('BUS_WRONG_REPLY', id, `${mismatch} (${asked})`);
      return { sent, received, ...valuesOf(request, received) };
    } catch (cause) {
      const error = this.#explain(asked, cause);
      if (error.code !== 'BUS_EXCEPTION') this.#mustReopen = true;
      throw error;
    }
  }

  #ask(request: BusRequest): Promise<RawResult> {
    const { unit, address } = request;
    const field = 'value' in request ? request.value : request.count;
    const data = [address >> 8, address & 0xff, field >> 8, field & 0xff];
    return new Promise((resolve, reject) => {
      const done = (error: unknown, result: unknown) => (error ? reject(error) : resolve(asRaw(result)));
      // Its named functions know 0xFF00 and 0 of a coil only; a board's own pulse puts its length into the value field.
      this.#client.writeCustomFC(unit, functionCodes[request.kind], data, done);
    });
  }

  /** modbus-serial's own errors (`PortNotOpenError`, `TransactionTimedOutError`) do not inherit from Error. */
  #explain(asked: string, cause: unknown): GatehouseError {
    if (cause instanceof GatehouseError) return cause;
    const { id } = this.#bus;
    const { name, message } = nameAndMessage(cause);
    const isException = typeof cause === 'object' && cause !== null && 'modbusCode' in cause;
    if (isException) {
      const reason = Number(cause.modbusCode);
      return new BusException(id, reason, `${describeException(reason)} (${asked})`, cause);
    }
    if (name === 'PortNotOpenError') return busError('BUS_DOWN', id, 'not open', cause);
    return busError('BUS_WRONG_REPLY', id, `${message} (${asked})`, cause);
  }
}

function nameAndMessage(cause: unknown): { name: string; message: string } {
  if (typeof cause !== 'object' || cause === null) return { name: '', message: String(cause) };
  const name = 'name' in cause ? String(cause.name) : '';
  return { name, message: 'message' in cause ? String(cause.message) : name };
}

function asRaw(result: unknown): RawResult {
  return typeof result === 'object' && result !== null ? result : {};
}
