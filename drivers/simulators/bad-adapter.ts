import { setTimeout as delay } from 'node:timers/promises';
import { nowMs } from './now.ts';
import { charactersMs, waitUntil } from './pace.ts';
import { PtyPair } from './pty-pair.ts';
import { SerialEnd } from './serial-port.ts';

/** Faults that an RS-485 adapter or an unbiased line puts into passing bytes. */
export interface LineHabits {
  /** It hears itself: whatever the master sends comes back at once. */
  readonly echo?: boolean;
  /** Bytes that the line makes up when a board lets go of it, right behind its answer. */
  readonly behind?: Buffer;
  /** Bytes that the line makes up when a board takes it, right before its answer. */
  readonly before?: Buffer;
}

/** A board sends its answer in one piece; pieces that are closer than this belong together. Milliseconds. */
const answerGapMs = 2;

/**
 * A cable from `path` to `boardsPath` through an adapter with habits. Whoever speaks at the far end (a board,
 * or a program that nobody here wrote) knows nothing of them. Bytes take as long as on a wire of that rate,
 * which a pty does not do.
 */
export class BadAdapter {
  readonly path: string;
  readonly boardsPath: string;
  habits: LineHabits;
  readonly #baudRate: number;
  readonly #master: PtyPair;
  readonly #boards: PtyPair;
  readonly #toMaster: SerialEnd;
  readonly #toBoards: SerialEnd;
  #answering = false;
  #pieces = 0;

  constructor(path: string, baudRate: number, habits: LineHabits = {}) {
    this.habits = habits;
    this.#baudRate = baudRate;
    this.#master = new PtyPair(path);
    this.#boards = new PtyPair(`${path}.boards`);
    this.path = this.#master.path;
    this.boardsPath = this.#boards.farPath;
    this.#toMaster = new SerialEnd(this.#master.farPath, baudRate, (chunk) => void this.#fromMaster(chunk));
    this.#toBoards = new SerialEnd(this.#boards.path, baudRate, (chunk) => void this.#fromBoards(chunk));
  }

  async start(): Promise<void> {
    await Promise.all([this.#master.start(), this.#boards.start()]);
    await Promise.all([this.#toMaster.open(), this.#toBoards.open()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#toMaster.close(), this.#toBoards.close()]);
    await Promise.all([this.#master.stop(), this.#boards.stop()]);
  }

  async #fromMaster(chunk: Buffer): Promise<void> {
    if (this.habits.echo) this.#toMaster.write(chunk);
    await this.#onTheWire(chunk);
    this.#toBoards.write(chunk);
  }

  async #fromBoards(chunk: Buffer): Promise<void> {
    const { before, behind } = this.habits;
    const begins = !this.#answering;
    this.#answering = true;
    const piece = ++this.#pieces;
    await this.#onTheWire(chunk);
    if (begins && before) this.#toMaster.write(before);
    this.#toMaster.write(chunk);
    await delay(answerGapMs);
    if (piece !== this.#pieces) return;
    this.#answering = false;
    if (behind) this.#toMaster.write(behind);
  }

  #onTheWire(chunk: Buffer): Promise<void> {
    const takesMs = charactersMs({ baudRate: this.#baudRate, turnaroundMs: 0 }, chunk.length);
    return waitUntil(nowMs() + takesMs, false);
  }
}
