import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const python = '/usr/bin/python3';
const needed = ['python3-pymodbus', 'python3-serial-asyncio'] as const;
const program = join(import.meta.dirname, 'pymodbus-board.py');

/** What a board holds, by the Modbus function that reads it: 1, 2, 3 or 4. */
export type Memory = 'coils' | 'inputs' | 'holding' | 'input-registers';

/** Where a board answers: on the far end of a pty, or on a loopback port. */
export type Place =
  | { readonly path: string; readonly baudRate: number; readonly unit: number }
  | { readonly port: number; readonly unit: number };

/** A board made of pymodbus, in a process of its own: a peer that nobody here wrote, and that shares no code with the product. */
export class PymodbusBoard {
  /** Of a board on TCP. */
  readonly port: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>, port: number) {
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  /** @param sheet a program that makes a board of its own out of `pymodbus-board.py`; the plain board if absent */
  static async start(place: Place, sheet: string = program): Promise<PymodbusBoard> {
    if (!existsSync('/usr/lib/python3/dist-packages/pymodbus'))
      throw new Error(`pymodbus is missing: apt-get install ${needed.join(' ')}`);
    const args =
      'path' in place
        ? ['rtu', place.path, String(place.baudRate), String(place.unit)]
        : ['tcp', String(place.port), String(place.unit)];
    const child = spawn(python, ['-B', sheet, ...args], { stdio: 'pipe' });
    const errors: string[] = [];
    child.stderr.on('data', (chunk) => errors.push(String(chunk)));
    const reader: Interface = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error(`pymodbus did not start: ${errors.join('')}`);
    return new PymodbusBoard(child, lines, JSON.parse(first.value).ready);
  }

  async set(memory: Memory, address: number, values: readonly (number | boolean)[]): Promise<void> {
    await this.#ask({ set: memory, address, values: values.map(Number) });
  }

  async get(memory: Memory, address: number, count: number): Promise<number[]> {
    return (await this.#ask({ get: memory, address, count })).values;
  }

  /** Every write of a master so far: function, address, values. */
  async writes(): Promise<[code: number, address: number, values: number[]][]> {
    return (await this.#ask({ writes: true })).writes;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    this.#child.kill('SIGTERM');
    await gone;
  }

  async #ask(order: object) {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error('pymodbus ended');
    return JSON.parse(line.value);
  }
}
