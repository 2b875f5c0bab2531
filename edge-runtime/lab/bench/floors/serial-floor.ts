/**
 * Floor of the serial measures: the same reads on the same wire, by a program that knows the line and nothing
 * else. It writes a request, waits for the reply's last byte, keeps exactly t3.5 of silence, and goes on.
 * Imports nothing of the product.
 */
import { openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';

const replyBytes = 6;

/** Milliseconds on the monotonic clock. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Both frames, two silences of t3.5 and the slaves' turnaround, at 8N1: no program can be faster. */
export function wireFloorMs(baudRate: number, units: number, turnaroundMs: number): number {
  const characterMs = 10_000 / baudRate;
  return units * ((8 + replyBytes) * characterMs + 2 * silenceMs(baudRate) + turnaroundMs);
}

function silenceMs(baudRate: number): number {
  return baudRate > 19_200 ? 1.75 : 35_000 / baudRate;
}

/** "Read eight discrete inputs from 0" (function 2) to a unit, CRC bit by bit. */
function request(unit: number): Buffer {
  const body = [unit, 2, 0, 0, 0, 8];
  let crc = 0xffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return Buffer.from([...body, crc & 0xff, crc >> 8]);
}

/** Milliseconds of each round over the units, on a pty in raw mode, for `forMs`. */
export async function pollFloor(
  path: string,
  baudRate: number,
  units: readonly number[],
  forMs: number,
): Promise<number[]> {
  const descriptor = openSync(path, 'r+');
  const input = new ReadStream(descriptor);
  let missing = 0;
  let whole: () => void = () => undefined;
  input.on('data', (chunk: Buffer) => {
    missing -= chunk.length;
    if (missing <= 0) whole();
  });
  const frames = units.map(request);
  const tookMs: number[] = [];
  const endMs = nowMs() + forMs;
  while (nowMs() < endMs) {
    const startMs = nowMs();
    for (const frame of frames) {
      missing = replyBytes;
      const reply = new Promise<void>((resolve) => {
        whole = resolve;
      });
      writeSync(descriptor, frame);
      await reply;
      await waitUntil(nowMs() + silenceMs(baudRate));
    }
    tookMs.push(nowMs() - startMs);
  }
  input.destroy();
  return tookMs;
}

/** A timer may fire 1 ms late: it takes the safe part, and turns of the event loop take the rest. */
async function waitUntil(untilMs: number): Promise<void> {
  const coarseMs = Math.floor(untilMs - nowMs() - 1.2);
  if (coarseMs >= 1) await new Promise((resolve) => setTimeout(resolve, coarseMs));
  while (nowMs() < untilMs) await new Promise((resolve) => setImmediate(resolve));
}
