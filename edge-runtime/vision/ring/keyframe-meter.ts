/**
 * Keyframe distances that are remembered: enough to see a camera that stretches them while its picture is
 * still.
 */
const rememberedGops = 4;
/** Fewer say nothing about the next one. */
const leastGops = 2;

/** How far apart a stream's keyframes are. */
export class KeyframeMeter {
  #gopsMs: number[] = [];
  #lastMs: number | undefined;
  #count = 0;

  /** Keyframes since the start, over all connections. */
  get count(): number {
    return this.#count;
  }

  /** `atMs`: a keyframe's capture time. */
  see(atMs: number): void {
    if (this.#lastMs !== undefined)
      this.#gopsMs = [...this.#gopsMs, atMs - this.#lastMs].slice(-rememberedGops);
    this.#lastMs = atMs;
    this.#count++;
  }

  /**
   * The longest distance of late, the one that is still open included; undefined while too few are known.
   * Milliseconds.
   */
  longestMs(nowMs: number): number | undefined {
    if (this.#lastMs === undefined || this.#gopsMs.length < leastGops) return undefined;
    return Math.max(nowMs - this.#lastMs, ...this.#gopsMs);
  }

  /** The next keyframe belongs to another connection. */
  reset(): void {
    this.#gopsMs = [];
    this.#lastMs = undefined;
  }
}
