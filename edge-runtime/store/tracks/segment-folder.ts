import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@gatehouse/kit';
import { readOpening, readSegment } from './segment.ts';

/** One segment file: its span and its size. */
export interface SegmentInfo {
  readonly camera: string;
  /** Rises with every segment of a camera, also when the clock was set back. */
  readonly number: number;
  readonly file: string;
  readonly fromMs: number;
  /** Added to its frame times it gives the box's wall clock; 0 where nobody knows. */
  readonly wallOffsetMs: number;
  /** Time of the newest frame known to be in it. */
  toMs: number;
  bytes: number;
}

/** Looking back to any moment runs the rules over one segment at most: 3,000 frames at 5 a second. */
export const longestSegmentMs = 600_000;

const namePattern = /^(\d{8})\.tracks$/;

export function segmentFile(folder: string, camera: string, number: number): string {
  return join(folder, camera, `${String(number).padStart(8, '0')}.tracks`);
}

/**
 * The segments of a folder, oldest first within a camera. The last segment of each camera may end in the
 * middle of a record if the process or the power went: its tail is cut and logged. A file that does not even
 * open is removed.
 */
export function findSegments(folder: string, log: Log): SegmentInfo[] {
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  const cameras = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return cameras.flatMap(({ name: camera }) => {
    const numbers = readdirSync(join(folder, camera))
      .flatMap((name) => namePattern.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    const segments = numbers.flatMap((number, i) => {
      const file = segmentFile(folder, camera, number);
      const info = i === numbers.length - 1 ? mend(file, log) : peek(file);
      if (!info) {
        log.warn('tracks-unreadable', { file, remedy: 'The file is removed; other times are not affected.' });
        rmSync(file, { force: true });
        return [];
      }
      return [{ camera, number, file, ...info }];
    });
    // A segment ends at the latest where the next one begins. That may lie on a later timeline, years ahead.
    for (const [i, segment] of segments.entries()) {
      const endMs = Math.min(segments[i + 1]?.fromMs ?? segment.toMs, segment.fromMs + longestSegmentMs);
      segment.toMs = Math.max(segment.toMs, endMs);
    }
    return segments;
  });
}

type Extent = Omit<SegmentInfo, 'camera' | 'number' | 'file'>;

function peek(file: string): Extent | undefined {
  const opened = readOpening(readFileSync(file));
  if (!opened) return undefined;
  const { fromMs, wallOffsetMs = 0 } = opened.opening;
  return { fromMs, wallOffsetMs, toMs: fromMs, bytes: statSync(file).size };
}

function mend(file: string, log: Log): Extent | undefined {
  const bytes = readFileSync(file);
  const segment = readSegment(bytes);
  if (!segment) return undefined;
  const { opening, frames, goodBytes } = segment;
  if (goodBytes < bytes.length) {
    log.warn('tracks-torn-tail-cut', { file, keptBytes: goodBytes, cutBytes: bytes.length - goodBytes });
    truncateSync(file, goodBytes);
  }
  const { fromMs, wallOffsetMs = 0 } = opening;
  return { fromMs, wallOffsetMs, toMs: frames.at(-1)?.atMs ?? fromMs, bytes: goodBytes };
}
