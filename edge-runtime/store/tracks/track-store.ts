import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { faultBy, type HealthFault, ObjectClass, type TrackFrame, type Zone } from '@gatehouse/contracts';
import { type Clock, explainSqlite, type Log, type Part, systemCode } from '@gatehouse/kit';
import { SegmentWriter } from './segment.ts';
import { findSegments, longestSegmentMs, type SegmentInfo, segmentFile } from './segment-folder.ts';

export interface TrackStoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Frames are kept for so long, by their own time; default 24 h. */
  readonly keepMs?: number;
  /**
   * Most bytes of all cameras together; default 512 MiB, twice what 8 very busy cameras take in 24 h (`npm
   * run bench -- tracks`).
   */
  readonly maxBytes?: number;
}

/** The rules and their state before a frame; asked for when a segment begins with it. */
export interface RulesBefore {
  readonly zones: readonly Zone[];
  readonly state: unknown;
  /** A fire alarm is latched. */
  readonly fireAlarm: boolean;
}

/** A part of the past: its frames and their files, oldest first. */
export type StoredSegment = Readonly<
  Pick<SegmentInfo, 'camera' | 'file' | 'fromMs' | 'toMs' | 'wallOffsetMs'>
>;

const dayMs = 86_400_000;
const defaultMaxBytes = 512 * 1024 * 1024;
const segmentBytes = 2 * 1024 * 1024;
/** After a refused write (disk full), the next attempt. */
const retryAfterMs = 10_000;

interface OpenSegment {
  readonly info: SegmentInfo;
  readonly writer: SegmentWriter;
  readonly handle: number;
}

/**
 * The last hours of tracked frames, a folder of append-only segment files a camera; no image, only boxes.
 * Frames are written as they come and not synced: a crash of the process loses none, a power cut loses the
 * last seconds. Drop policy: oldest segment first, by hours and by bytes; while the disk refuses writes new
 * frames are dropped and health says so. Rules never wait for it.
 */
export class TrackStore implements Part {
  readonly #options: Required<TrackStoreOptions>;
  #segments: SegmentInfo[] = [];
  readonly #open = new Map<string, OpenSegment>();
  /** Cameras whose rules did not go on from the segment before. */
  readonly #resumed = new Set<string>();
  #failure: unknown;
  #retryMs = 0;

  constructor(options: TrackStoreOptions) {
    this.#options = { keepMs: dayMs, maxBytes: defaultMaxBytes, ...options };
  }

  start(): void {
    const { folder, log } = this.#options;
    try {
      this.#segments = findSegments(folder, log);
    } catch (cause) {
      throw explain(folder, cause);
    }
    this.#resumed.clear();
    for (const { camera } of this.#segments) this.#resumed.add(camera);
  }

  stop(): void {
    for (const { handle } of this.#open.values()) closeSync(handle);
    this.#open.clear();
  }

  /**
   * Appends a frame before the rules take it in; call it with the result of `asStored`. Never throws for the
   * disk.
   * @param rules asked for only when a segment begins with this frame
   */
  append(frame: TrackFrame, rules: () => RulesBefore): void {
    if (this.#options.clock.monotonicMs() < this.#retryMs) return;
    try {
      this.#write(frame, rules);
      if (this.#failure !== undefined) this.#options.log.info('tracks-writable-again');
      this.#failure = undefined;
    } catch (cause) {
      if (systemCode(cause) === undefined) throw cause;
      this.#refused(frame.camera, explain(this.#options.folder, cause));
    }
  }

  /** The next frame of each camera begins a segment: the zones have been edited. */
  rollOver(): void {
    for (const camera of [...this.#open.keys()]) {
      this.#close(camera);
      this.#resumed.add(camera);
    }
  }

  /**
   * The next frame of each camera begins a segment, in which the rules go on: a fire alarm has begun or is
   * over.
   */
  beginAnew(): void {
    for (const camera of [...this.#open.keys()]) this.#close(camera);
  }

  /**
   * Segments of a camera in the order in which they were recorded; the newest one may still grow. With a span
   * of the box's wall clock, ms, only those that may hold frames of it.
   */
  segments(camera: string, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER): StoredSegment[] {
    return this.#segments.filter(
      (segment) =>
        segment.camera === camera &&
        segment.toMs + segment.wallOffsetMs >= fromMs &&
        segment.fromMs + segment.wallOffsetMs <= toMs,
    );
  }

  /** Cameras of which anything is stored. */
  cameras(): string[] {
    return [...new Set(this.#segments.map(({ camera }) => camera))];
  }

  /** Bytes on the disk, of one camera or of all. */
  bytes(camera?: string): number {
    const counted = this.#segments.filter((one) => camera === undefined || one.camera === camera);
    return counted.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  health(): HealthFault[] {
    if (this.#failure === undefined) return [];
    return [faultBy('records', 'TRACKS_NOT_KEPT', this.#failure)];
  }

  #write(frame: TrackFrame, rules: () => RulesBefore): void {
    const before = this.#open.get(frame.camera);
    if (before && !goesOn(before.info, frame)) this.#close(frame.camera);
    const open = this.#open.get(frame.camera) ?? this.#begin(frame, rules());
    const bytes = open.writer.append(frame);
    writeAll(open.handle, bytes);
    open.info.bytes += bytes.length;
    open.info.toMs = Math.max(open.info.toMs, frame.atMs);
  }

  #begin({ camera, atMs, wallOffsetMs }: TrackFrame, { zones, state, fireAlarm }: RulesBefore): OpenSegment {
    const { folder } = this.#options;
    this.#dropOld(atMs);
    const last = this.#segments.findLast((segment) => segment.camera === camera);
    const number = (last?.number ?? 0) + 1;
    const file = segmentFile(folder, camera, number);
    const resumed = this.#resumed.delete(camera);
    const opening = {
      camera,
      fromMs: atMs,
      ...(wallOffsetMs === undefined ? {} : { wallOffsetMs }),
      zones,
      state,
      resumed,
      ...(fireAlarm ? { fireAlarm } : {}),
    };
    const writer = new SegmentWriter(opening, ObjectClass.options);
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    const handle = openSync(file, 'wx', 0o640);
    const bytes = writer.head.length;
    const info = { camera, number, file, fromMs: atMs, wallOffsetMs: wallOffsetMs ?? 0, toMs: atMs, bytes };
    this.#segments.push(info);
    const open = { info, writer, handle };
    this.#open.set(camera, open);
    writeAll(handle, writer.head);
    return open;
  }

  #close(camera: string): void {
    const open = this.#open.get(camera);
    this.#open.delete(camera);
    if (open) closeSync(open.handle);
  }

  #dropOld(nowMs: number): void {
    const { keepMs, maxBytes } = this.#options;
    const oldestFirst = this.#segments
      .filter((segment) => this.#open.get(segment.camera)?.info !== segment)
      .sort((a, b) => a.toMs - b.toMs);
    let bytes = this.bytes();
    for (const segment of oldestFirst) {
      if (segment.toMs >= nowMs - keepMs && bytes <= maxBytes) break;
      rmSync(segment.file, { force: true });
      bytes -= segment.bytes;
      this.#segments.splice(this.#segments.indexOf(segment), 1);
    }
  }

  /** Missed frames end the segment: the rules' work on them cannot be repeated from it. */
  #refused(camera: string, error: unknown): void {
    const { log, clock } = this.#options;
    this.#close(camera);
    this.#resumed.add(camera);
    if (this.#failure === undefined) log.error('tracks-refused', { error });
    this.#failure = error;
    this.#retryMs = clock.monotonicMs() + retryAfterMs;
  }
}

/**
 * True if the frame belongs into the segment. One that is older than the segment's first belongs to another
 * timeline: the box's clock was set back over a restart. One with another offset came after a step of the
 * clock: in one segment all frames have the same, so that its opening says which time of day it holds.
 */
function goesOn(info: SegmentInfo, { atMs, wallOffsetMs = 0 }: TrackFrame): boolean {
  const { fromMs, bytes } = info;
  if (wallOffsetMs !== info.wallOffsetMs) return false;
  return atMs >= fromMs && atMs - fromMs < longestSegmentMs && bytes < segmentBytes;
}

function writeAll(handle: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
}

/** The file system's codes mean the same for these files as for a database. */
function explain(file: string, cause: unknown): unknown {
  return explainSqlite(cause, { file, code: 'TRACKS' });
}
