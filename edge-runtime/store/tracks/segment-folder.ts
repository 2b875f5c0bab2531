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
  /** Time of the newest frame known to be in it. */
  toMs: number;
  bytes: number;
}

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
    // A segment ends at the latest where the next one begins.
    for (const [i, segment] of segments.entries())
      segment.toMs = Math.max(segment.toMs, segments[i + 1]?.fromMs ?? segment.toMs);
    return segments;
  });
}

type Extent = Pick<SegmentInfo, 'fromMs' | 'toMs' | 'bytes'>;

function peek(file: string): Extent | undefined {
  const opened = readOpening(readFileSync(file));
  if (!opened) return undefined;
  const { fromMs } = opened.opening;
  return { fromMs, toMs: fromMs, bytes: statSync(file).size };
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
  return { fromMs: opening.fromMs, toMs: frames.at(-1)?.atMs ?? opening.fromMs, bytes: goodBytes };
}
