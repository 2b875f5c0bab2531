import type { Detector } from '../../detect/detector.ts';

/** Orders for the fake, read by its worker. */
export interface FakeOrders {
  /** Throws on creation. */
  readonly broken?: boolean;
  /** Ends its thread when a frame's first byte is this. */
  readonly dieOn?: number;
  /** Throws when a frame's first byte is this. */
  readonly throwOn?: number;
  /** Never answers when a frame's first byte is this. */
  readonly hangOn?: number;
  /** Ends its thread after so many frames. */
  readonly dieAfter?: number;
  /** Keeps its thread busy for so long while it loads, milliseconds, as a real model does. */
  readonly loadMs?: number;
  /** Memory that both threads see: gets 1 when it begins to load, 2 when it is closed. */
  readonly life?: SharedArrayBuffer;
  /** Of its input, pixels; 64 if absent. */
  readonly width?: number;
}

/** A detector behind the real interface that sees one car, whose score is 0.5 + the first byte / 510. */
export async function createDetector(orders: FakeOrders): Promise<Detector> {
  let frames = 0;
  const width = orders.width ?? 64;
  const life = new Int32Array(orders.life ?? new SharedArrayBuffer(4));
  Atomics.store(life, 0, 1);
  Atomics.notify(life, 0);
  if (orders.loadMs) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, orders.loadMs);
  if (orders.broken) throw new Error('this model is broken');
  return {
    input: { width, height: 48, fit: 'letterbox', pad: 114 },
    async detect({ planes }) {
      if (planes.length !== width * 48 * 3) throw new RangeError(`a frame of ${planes.length} bytes`);
      const first = planes[0] ?? 0;
      if (first === orders.dieOn || ++frames === orders.dieAfter) process.exit(3);
      if (first === orders.hangOn) await new Promise(() => undefined);
      if (first === orders.throwOn) throw new Error('this frame is too much');
      return [{ class: 'car', score: 0.5 + first / 510, box: { x1: 0.2, y1: 0.2, x2: 0.4, y2: 0.4 } }];
    },
    close: async () => void Atomics.store(life, 0, 2),
  };
}

/** How a lane loads it. */
export function fakeRecipe(orders: FakeOrders = {}) {
  return async () => ({ module: import.meta.url, args: [orders] });
}
