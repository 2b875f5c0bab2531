import type { ByteLine } from '../byte-line.ts';

/** A line whose far end is scripted. */
export class ScriptedLine implements ByteLine {
  readonly written: Buffer[] = [];
  flushes = 0;
  say: (chunk: Buffer) => void = () => undefined;
  unplug: () => void = () => undefined;
  readonly #onWrite: (line: ScriptedLine) => void;
  constructor(onWrite: (line: ScriptedLine) => void) {
    this.#onWrite = onWrite;
  }
  open(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  write(bytes: Buffer): void {
    this.written.push(bytes);
    this.#onWrite(this);
  }
  flush(): Promise<void> {
    this.flushes++;
    return Promise.resolve();
  }
  onData(fn: (chunk: Buffer) => void): void {
    this.say = fn;
  }
  onClose(fn: () => void): void {
    this.unplug = fn;
  }
}
