import type { Bus } from '@gatehouse/contracts';
import { type Clock, GatehouseError, sleep } from '@gatehouse/kit';
import modbusSerial from 'modbus-serial';
import { type ByteLine, SerialByteLine } from './byte-line.ts';
import { replyMismatch } from './reply-match.ts';
import { type BusRequest, busError, describeRequest, type Exchange, functionCodes } from './request.ts';
import { RtuPort } from './rtu-port.ts';

/** One way to a bus: opened, used for one exchange at a time, thrown away when it fails. */
export interface Link {
  open(): Promise<void>;
  close(): void;
  /** One request and its reply. Throws `BUS_*`; after `BUS_TIMEOUT` or `BUS_WRONG_REPLY` the bus must be settled. */
  exchange(request: BusRequest): Promise<Exchange>;
  /** Makes sure that no reply to an earlier request can be taken for the next one's; false if only reopening does. */
  settle(): Promise<boolean>;
  onClose(fn: () => void): void;
}

export interface LinkOptions {
  readonly clock: Clock;
  /**
   * Serial only: how long after a timeout the bus stays unused while late bytes are dropped. RTU replies carry no
   * number: a same-shaped reply later than this cannot be told apart, so it must exceed the slowest board's turnaround.
   */
  readonly quarantineMs: number;
  readonly openLine?: (path: string) => ByteLine;
}

type Client = InstanceType<typeof modbusSerial.default>;

/** modbus-serial with debug on hands the raw bytes through. */
interface RawResult {
  readonly data?: readonly boolean[];
  readonly request?: Uint8Array;
  readonly responses?: readonly Uint8Array[];
}

/** modbus-serial encodes, decodes and speaks TCP; this adds what it lacks: a bound on every wait, and the echo compared. */
export class ModbusLink implements Link {
  readonly #bus: Bus;
  readonly #options: LinkOptions;
  readonly #client: Client;
  readonly #rtu: RtuPort | undefined;
  #onClose: () => void = () => undefined;

  constructor(bus: Bus, options: LinkOptions) {
    this.#bus = bus;
    this.#options = options;
    if (bus.kind === 'modbus-rtu') {
      const line = options.openLine?.(bus.path) ?? new SerialByteLine(bus.path, bus);
      this.#rtu = new RtuPort(line, bus, options.clock);
    }
    this.#client = new modbusSerial.default(this.#rtu);
    // A documented setter that its type declarations lack: results then carry the raw bytes.
    Object.assign(this.#client, { isDebugEnabled: true });
    // Our own bound ends an exchange; this one only frees modbus-serial's record of it.
    this.#client.setTimeout(bus.timeoutMs * 2);
    this.#client.on('close', () => this.#onClose());
    this.#client.on('error', () => this.#onClose());
  }

  async open(): Promise<void> {
    const bus = this.#bus;
    const opened =
      bus.kind === 'modbus-tcp'
        ? this.#client.connectTCP(bus.host, { port: bus.port })
        : new Promise<void>((resolve, reject) =>
            this.#client.open((error: unknown) => (error ? reject(error) : resolve())),
          );
    try {
      await this.#within(Math.max(bus.timeoutMs, 1000), opened, () => new Error('no answer to connect'));
    } catch (cause) {
      this.close();
      const { message } = nameAndMessage(cause);
      throw busError('BUS_DOWN', bus.id, `cannot open ${placeOf(bus)} (${message})`, cause);
    }
  }

  close(): void {
    this.#onClose = () => undefined;
    if (this.#rtu) this.#rtu.close();
    else this.#client.destroy(() => undefined);
  }

  onClose(fn: () => void): void {
    this.#onClose = fn;
  }

  async exchange(request: BusRequest): Promise<Exchange> {
    const { id, timeoutMs } = this.#bus;
    const asked = describeRequest(request);
    const late = () => busError('BUS_TIMEOUT', id, `no reply within ${timeoutMs} ms to ${asked}`);
    const raw = await this.#within(timeoutMs, this.#ask(request), late).catch((cause) => {
      this.#rtu?.forget();
      throw this.#explain(asked, cause);
    });
    const sent = Buffer.from(raw.request ?? []);
    const received = Buffer.from(raw.responses?.[0] ?? []);
    const mismatch = replyMismatch(request, sent, received);
    if (mismatch) throw busError('BUS_WRONG_REPLY', id, `${mismatch} (${asked})`);
    return {
      sent,
      received,
      bits: request.kind === 'write-coil' ? [] : (raw.data ?? []).slice(0, request.count),
    };
  }

  async settle(): Promise<boolean> {
    if (!this.#rtu) return false;
    this.#rtu.forget();
    await sleep(this.#options.clock, this.#options.quarantineMs);
    return this.#rtu.isOpen;
  }

  #ask(request: BusRequest): Promise<RawResult> {
    this.#rtu?.expect(request);
    const { unit, address } = request;
    return new Promise((resolve, reject) => {
      const done = (error: unknown, result: unknown) => (error ? reject(error) : resolve(asRaw(result)));
      if (request.kind === 'write-coil') {
        // writeFC5 knows 0xFF00 and 0 only; a board's own pulse puts its length into the value field.
        const data = [address >> 8, address & 0xff, request.value >> 8, request.value & 0xff];
        this.#client.writeCustomFC(unit, functionCodes[request.kind], data, done);
      } else if (request.kind === 'read-coils') this.#client.writeFC1(unit, address, request.count, done);
      else this.#client.writeFC2(unit, address, request.count, done);
    });
  }

  /** modbus-serial's own errors (`PortNotOpenError`, `TransactionTimedOutError`) do not inherit from Error. */
  #explain(asked: string, cause: unknown): GatehouseError {
    if (cause instanceof GatehouseError) return cause;
    const { id } = this.#bus;
    const { name, message } = nameAndMessage(cause);
    const isException = typeof cause === 'object' && cause !== null && 'modbusCode' in cause;
    if (isException) return busError('BUS_EXCEPTION', id, `${message} (${asked})`, cause);
    if (name === 'PortNotOpenError') return busError('BUS_DOWN', id, 'not open', cause);
    return busError('BUS_WRONG_REPLY', id, `${message} (${asked})`, cause);
  }

  #within<T>(limitMs: number, work: Promise<T>, late: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(limitMs, () => reject(late()));
      work.then(resolve, reject).finally(cancel);
    });
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

/** Where a bus is, as messages name it: `host:port` or the serial device's path. */
export function placeOf(bus: Bus): string {
  return bus.kind === 'modbus-tcp' ? `${bus.host}:${bus.port}` : bus.path;
}
