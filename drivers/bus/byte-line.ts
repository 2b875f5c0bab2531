import { SerialPort } from 'serialport';
import type { LineFormat } from './rtu-timing.ts';

/** A serial line as bytes. `close` of the line itself (adapter unplugged) is told through `onClose`. */
export interface ByteLine {
  open(): Promise<void>;
  close(): Promise<void>;
  write(bytes: Buffer): void;
  /** Forgets what has arrived but was not read yet. */
  flush(): Promise<void>;
  onData(fn: (chunk: Buffer) => void): void;
  onClose(fn: () => void): void;
}

/** The real line. `lock` keeps a second master off the same adapter (TIOCEXCL). */
export class SerialByteLine implements ByteLine {
  readonly #port: SerialPort;
  constructor(path: string, format: LineFormat) {
    const { baudRate, parity, stopBits } = format;
    this.#port = new SerialPort({
      path,
      baudRate,
      dataBits: 8,
      parity,
      stopBits,
      autoOpen: false,
      lock: true,
    });
  }
  open(): Promise<void> {
    return settle((done) => this.#port.open(done));
  }
  close(): Promise<void> {
    return this.#port.isOpen ? settle((done) => this.#port.close(done)) : Promise.resolve();
  }
  write(bytes: Buffer): void {
    this.#port.write(bytes);
  }
  flush(): Promise<void> {
    return settle((done) => this.#port.flush(done));
  }
  onData(fn: (chunk: Buffer) => void): void {
    this.#port.on('data', fn);
  }
  onClose(fn: () => void): void {
    this.#port.on('close', fn);
    this.#port.on('error', fn);
  }
}

function settle(act: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
}
