/** Longer lines are cut: a process that writes no line ends must not fill memory. */
const maxLineChars = 16 * 1024;

/** Cuts text that comes in chunks into lines. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = '';
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line.slice(0, maxLineChars));
    if (this.#rest.length > maxLineChars) this.end();
  }
  /** Hands over the text after the last line end. */
  end(): void {
    if (this.#rest) this.#onLine(this.#rest.slice(0, maxLineChars));
    this.#rest = '';
  }
}
