/**
 * Floor of the burst: a program without journal, rules or rights. A server on a Unix socket answers every
 * request at once; a loop polls the units of a serial line one after another, and a stop is its next frame.
 * Imports nothing of the product.
 */
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { ReadStream } from 'node:tty';

export interface BurstFloorOptions {
  readonly path: string;
  readonly socket: string;
  readonly baudRate: number;
  readonly units: readonly number[];
  readonly stopRelay: number;
}

/** The answer that the other person's program expects. */
const answer = {
  device: 'floor',
  action: 'open',
  origin: { channel: 'console', user: 'floor' },
  state: 'confirmed',
  relay: 'actuated',
  feedback: 'none-fitted',
  acceptedAt: '2026-01-01T00:00:00Z',
};

/** Milliseconds on the monotonic clock. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export class BurstFloor {
  readonly #options: BurstFloorOptions;
  readonly #server: Server;
  readonly #input: ReadStream;
  readonly #descriptor: number;
  readonly #stops: number[] = [];
  #missing = 0;
  #whole: () => void = () => undefined;
  #done = false;
  #polling: Promise<void> | undefined;

  private constructor(options: BurstFloorOptions) {
    this.#options = options;
    this.#descriptor = openSync(options.path, 'r+');
    this.#input = new ReadStream(this.#descriptor);
    this.#input.on('data', (chunk: Buffer) => {
      this.#missing -= chunk.length;
      if (this.#missing <= 0) this.#whole();
    });
    this.#server = createServer((asked, reply) => {
      let text = '';
      asked.on('data', (chunk) => {
        text += chunk;
      });
      asked.on('end', () => {
        const body: { commandId?: string; stop?: number } = JSON.parse(text);
        if (body.stop !== undefined) this.#stops.push(body.stop);
        reply.setHeader('content-type', 'application/json');
        reply.end(JSON.stringify({ ...answer, commandId: body.commandId }));
      });
    });
  }

  static async start(options: BurstFloorOptions): Promise<BurstFloor> {
    const floor = new BurstFloor(options);
    await new Promise<void>((resolve) => floor.#server.listen(options.socket, resolve));
    floor.#polling = floor.#poll();
    return floor;
  }

  async stop(): Promise<void> {
    this.#done = true;
    await this.#polling;
    const closed = once(this.#input, 'close');
    this.#input.destroy();
    await closed;
    // Node reads a terminal by a descriptor of its own. The next service refuses a line that another process
    // holds.
    closeSync(this.#descriptor);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Asks for a stop through the socket, as the guard of the product does. */
  stopUnit(unit: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#options.socket, method: 'POST', path: '/', agent: false });
      asked.once('response', (reply) => reply.resume().once('end', resolve));
      asked.once('error', reject);
      asked.end(JSON.stringify({ stop: unit }));
    });
  }

  async #poll(): Promise<void> {
    const { units, stopRelay } = this.#options;
    for (let turn = 0; !this.#done; turn++) {
      const stop = this.#stops.shift();
      if (stop !== undefined) await this.#exchange([stop, 5, 2, stopRelay, 0, 5], 8);
      else await this.#exchange([units[turn % units.length] ?? 1, 2, 0, 0, 0, 8], 6);
    }
  }

  async #exchange(body: readonly number[], replyBytes: number): Promise<void> {
    this.#missing = replyBytes;
    const reply = new Promise<void>((resolve) => {
      this.#whole = resolve;
    });
    writeSync(this.#descriptor, frame(body));
    await reply;
    await waitUntil(nowMs() + 35_000 / this.#options.baudRate);
  }
}

/** A frame with its CRC, bit by bit. */
function frame(body: readonly number[]): Buffer {
  let crc = 0xffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return Buffer.from([...body, crc & 0xff, crc >> 8]);
}

/** A timer may fire 1 ms late: it takes the safe part, and turns of the event loop take the rest. */
async function waitUntil(untilMs: number): Promise<void> {
  const coarseMs = Math.floor(untilMs - nowMs() - 1.2);
  if (coarseMs >= 1) await new Promise((resolve) => setTimeout(resolve, coarseMs));
  while (nowMs() < untilMs) await new Promise((resolve) => setImmediate(resolve));
}
