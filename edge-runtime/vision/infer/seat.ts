import type { Detection, DetectorFrame } from '../detect/detector.ts';

/** A frame with its capture time, milliseconds on the frame timeline. */
export interface TimedFrame extends DetectorFrame {
  readonly atMs: number;
}

/** Gets what was found in a frame, and the frame itself, whose planes are good until it returns. */
export type OnDetections = (frame: TimedFrame, detections: readonly Detection[]) => void;

interface Slot {
  /** Its number, once in this process. */
  readonly id: number;
  readonly planes: SharedArrayBuffer;
  readonly bytes: Uint8Array;
  atMs: number;
  sourceWidth: number;
  sourceHeight: number;
}

let slots = 0;

/**
 * One camera's place at a detector: a slot that waits and a slot that is being looked at, both in shared
 * memory. Drop policy: latest frame wins; a frame that waits is overwritten by a newer one and counted.
 */
export class Seat {
  readonly camera: string;
  readonly onDetections: OnDetections;
  /** Number of its last job; set by the lane. */
  lastJob = 0;
  #waiting: Slot;
  #inFlight: Slot;
  #hasWaiting = false;
  #dropped = 0;

  constructor(camera: string, frameBytes: number, onDetections: OnDetections) {
    this.camera = camera;
    this.onDetections = onDetections;
    const slot = (): Slot => {
      const planes = new SharedArrayBuffer(frameBytes);
      return { id: ++slots, planes, bytes: new Uint8Array(planes), atMs: 0, sourceWidth: 0, sourceHeight: 0 };
    };
    this.#waiting = slot();
    this.#inFlight = slot();
  }

  get hasWaiting(): boolean {
    return this.#hasWaiting;
  }
  /** Frames that never reached the detector because a newer one came first. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Copies a frame into the waiting slot. */
  put(frame: TimedFrame): void {
    if (this.#hasWaiting) this.#dropped++;
    this.#hasWaiting = true;
    this.#waiting.bytes.set(frame.planes);
    this.#waiting.atMs = frame.atMs;
    this.#waiting.sourceWidth = frame.sourceWidth;
    this.#waiting.sourceHeight = frame.sourceHeight;
  }

  /** Takes the waiting frame for the detector; it stays untouched until the next `take`. */
  take(): Readonly<Slot> {
    [this.#waiting, this.#inFlight] = [this.#inFlight, this.#waiting];
    this.#hasWaiting = false;
    return this.#inFlight;
  }

  /** The frame that was taken last. */
  get taken(): TimedFrame {
    const { bytes, atMs, sourceWidth, sourceHeight } = this.#inFlight;
    return { planes: bytes, atMs, sourceWidth, sourceHeight };
  }

  /** Forgets the waiting frame. */
  clear(): void {
    this.#hasWaiting = false;
  }
}
