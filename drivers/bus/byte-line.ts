import { type Stats, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { every, systemClock, systemCode } from '@gatehouse/kit';
import { SerialPort } from 'serialport';
import type { LineFormat } from './rtu-timing.ts';
import { troubleBefore, troubleOf } from './serial/port-trouble.ts';

/**
 * A line as bytes. `close` of the line itself (adapter unplugged, connection lost) is told through `onClose`.
 */
export interface ByteLine {
  open(): Promise<void>;
  close(): Promise<void>;
  write(bytes: Buffer): void;
  /** Forgets what has arrived but was not read yet. */
  flush(): Promise<void>;
  onData(fn: (chunk: Buffer) => void): void;
  onClose(fn: () => void): void;
}

/** Where a line is: a serial device, or the TCP port of a serial server. */
export type LinePlace = LineFormat &
  ({ readonly path: string } | { readonly host: string; readonly port: number });

/** The line to a place, not yet opened. */
export function lineTo(place: LinePlace): ByteLine {
  return 'path' in place ? new SerialByteLine(place.path, place) : new SocketByteLine(place.host, place.port);
}

/** How often to look whether the device is still the one that was opened, milliseconds. */
const lookEveryMs = 500;

/**
 * A serial device. A second master is kept off it: `lock` takes a flock, and who uses the device without one
 * is looked for before. An adapter that is pulled hangs the line up, and a read that is under way then reads
 * nothing without an error: serialport 13 reads again, for ever and without a pause, and never says that it
 * is closed. So its name is looked at besides, which udev takes away, and which a new adapter gives another
 * node.
 */
class SerialByteLine implements ByteLine {
  readonly #port: SerialPort;
  readonly #path: string;
  #stopLooking: () => void = () => undefined;
  /** Closed by whoever opened it, perhaps while that was still under way. */
  #closed = false;
  constructor(path: string, format: LineFormat) {
    this.#path = path;
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
  /** Throws `PortTrouble`. */
  async open(): Promise<void> {
    const trouble = await troubleBefore(this.#path);
    if (trouble) throw trouble;
    const opened = nodeAt(this.#path);
    try {
      await settle((done) => this.#port.open(done));
    } catch (cause) {
      throw await troubleOf(this.#path, cause);
    }
    if (this.#closed) return this.close();
    this.#stopLooking = every(systemClock, lookEveryMs, () => {
      const node = nodeAt(this.#path);
      if (node?.ino === opened?.ino && node?.rdev === opened?.rdev) return;
      this.close().catch((error: Error) => this.#port.emit('error', error));
    });
    this.#port.once('close', this.#stopLooking);
  }
  close(): Promise<void> {
    this.#closed = true;
    this.#stopLooking();
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

/**
 * The device node behind a name, through symbolic links such as those of /dev/serial/by-id; nothing where
 * none is seen.
 */
function nodeAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    // No such file, or a folder on the way that may not be entered: both are no node.
    if (systemCode(error)) return undefined;
    throw error;
  }
}

/** A serial server in transparent mode: its TCP stream is the serial line. */
class SocketByteLine implements ByteLine {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #onData: (chunk: Buffer) => void = () => undefined;
  #onClose: () => void = () => undefined;
  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }
  open(): Promise<void> {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true, keepAlive: true });
    this.#socket = socket;
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('close', () => this.#onClose());
    return new Promise((resolve, reject) => socket.once('connect', resolve).on('error', reject));
  }
  close(): Promise<void> {
    this.#socket?.destroy();
    return Promise.resolve();
  }
  write(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }
  /** Arrived bytes are handed on as soon as the event loop turns; only these are to be forgotten. */
  flush(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
  onData(fn: (chunk: Buffer) => void): void {
    this.#onData = fn;
  }
  onClose(fn: () => void): void {
    this.#onClose = fn;
  }
}

function settle(act: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
}
