/** A serial line with simulated boards in a process of its own, and the bus to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface LineOptions {
  readonly baudRate: number;
  readonly units: number;
  readonly turnaroundMs: number;
}

/** A write as it was put on the wire. */
export interface WriteHeard {
  readonly unit: number;
  readonly address: number;
  readonly value: number;
  readonly atEpochMs: number;
}

export interface LineRecord {
  /** Since they were asked for last. */
  readonly writes: readonly WriteHeard[];
  /** Time of the first report that the dry contact is closed since it was last moved by hand. */
  readonly handSaidAtEpochMs?: number;
}

export class SimulatedLine {
  readonly path: string;
  readonly folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, path: string, child: ChildProcess) {
    this.folder = folder;
    this.path = path;
    this.#child = child;
  }

  static async start({ baudRate, units, turnaroundMs }: LineOptions): Promise<SimulatedLine> {
    const folder = await mkdtemp(join(tmpdir(), 'gh-line-'));
    const path = join(folder, 'bus');
    const program = join(import.meta.dirname, '../../../drivers/simulators/serial-boards.ts');
    const options = ['--pty-link', path, '--units', units, '--baud', baudRate, '--turnaround', turnaroundMs];
    const child = fork(program, options.map(String));
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('the simulated line ended'))),
    ]);
    return new SimulatedLine(folder, path, child);
  }

  setDead(unit: number, is: boolean): void {
    this.#child.send({ dead: { unit, is } });
  }

  /** Opens or closes a door's contact; resolves to the epoch milliseconds at which it happened. */
  async setContact(unit: number, closed: boolean): Promise<number> {
    const answer = once(this.#child, 'message');
    this.#child.send({ contact: { unit, closed } });
    const [{ contactAtEpochMs }] = await answer;
    return contactAtEpochMs;
  }

  /** Whole requests that the boards have received so far. */
  async requests(): Promise<number> {
    const answer = once(this.#child, 'message');
    this.#child.send({ count: true });
    const [{ requests }] = await answer;
    return requests;
  }

  /** Opens or closes the dry contact of a board; resolves to the epoch milliseconds at which it happened. */
  async setHand(unit: number, closed: boolean): Promise<number> {
    const answer = once(this.#child, 'message');
    this.#child.send({ hand: { unit, closed } });
    const [{ handAtEpochMs }] = await answer;
    return handAtEpochMs;
  }

  /** The bytes on the wire since the last call. */
  async record(): Promise<LineRecord> {
    const answer = once(this.#child, 'message');
    this.#child.send({ writes: true });
    const [record] = await answer;
    return record;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
    await rm(this.folder, { recursive: true, force: true });
  }
}
