import { SerialPort } from 'serialport';

/** The far end of a serial cable, as bytes. */
export class SerialEnd {
  readonly #path: string;
  readonly #baudRate: number;
  readonly #onData: (chunk: Buffer) => void;
  #port: SerialPort | undefined;

  constructor(path: string, baudRate: number, onData: (chunk: Buffer) => void) {
    this.#path = path;
    this.#baudRate = baudRate;
    this.#onData = onData;
  }

  open(): Promise<void> {
    const port = new SerialPort({ path: this.#path, baudRate: this.#baudRate, autoOpen: false });
    this.#port = port;
    port.on('data', this.#onData);
    return new Promise((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  }

  /** Does nothing while closed: a cable that is not plugged in carries nothing. */
  write(bytes: Buffer): void {
    this.#port?.write(bytes);
  }

  close(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    if (!port?.isOpen) return Promise.resolve();
    return new Promise((resolve) => port.close(() => resolve()));
  }
}
