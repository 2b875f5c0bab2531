import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const python = '/usr/bin/python3';

/** Programs that nobody here wrote, made into a board by a few lines of their own language. */
const makes = {
  pymodbus: {
    program: join(import.meta.dirname, 'pymodbus-board.py'),
    needs: '/usr/lib/python3/dist-packages/pymodbus',
    packages: 'python3-pymodbus python3-serial-asyncio',
  },
  libmodbus: {
    program: join(import.meta.dirname, 'libmodbus-board.py'),
    needs: '/usr/share/doc/libmodbus5',
    packages: 'libmodbus5 python3',
  },
} as const;
export type PeerMake = keyof typeof makes;

/** Values of a board, by the Modbus function that reads them: 1, 2, 3 or 4. */
export type Memory = 'coils' | 'inputs' | 'holding' | 'input-registers';

/** Where a board answers: on the far end of a pty, or on a loopback port. */
export type Place =
  | { readonly path: string; readonly baudRate: number; readonly unit: number }
  | { readonly port: number; readonly unit: number };

/** A board by other hands in a process of its own; it shares no code with the product. */
export class PeerBoard {
  /** Of a board on TCP. */
  readonly port: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>, port: number) {
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  /**
   * @param sheet a program that makes a board of its own out of pymodbus; the plain board of that make if
   * absent
   */
  static async start(make: PeerMake, place: Place, sheet?: string): Promise<PeerBoard> {
    const { program, needs, packages } = makes[make];
    if (!existsSync(needs)) throw new Error(`${make} is missing: apt-get install ${packages}`);
    const args =
      'path' in place
        ? ['rtu', place.path, String(place.baudRate), String(place.unit)]
        : ['tcp', String(place.port), String(place.unit)];
    const child = spawn(python, ['-B', sheet ?? program, ...args], { stdio: 'pipe' });
    const errors: string[] = [];
    child.stderr.on('data', (chunk) => errors.push(String(chunk)));
    const reader: Interface = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error(`${make} did not start: ${errors.join('')}`);
    return new PeerBoard(child, lines, JSON.parse(first.value).ready);
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
    if (line.done) throw new Error('the board ended');
    return JSON.parse(line.value);
  }
}
