import type { CameraCondition, CameraStatus } from '@gatehouse/contracts';
import type { DetectorFrame, InputShape } from '../detect/detector.ts';
import type { DebouncedCondition } from '../health/debounced-condition.ts';
import { StreamHealth } from '../health/stream-health.ts';
import { ViewHealth } from '../health/view-health.ts';
import type { LumaPicture } from '../scene/luma.ts';
import { RateMeter } from './rate-meter.ts';

/** The part of a camera's status that is about its health. */
export type HealthFacts = Pick<
  CameraStatus,
  'deliveredFps' | 'shedFps' | 'decodeErrorsPerMinute' | 'reconnectsPerHour' | 'clockOffsetMs' | 'conditions'
>;

/** Lines of ffmpeg about a damaged stream; its other lines are about the stream's form. */
const complaint =
  /error while decoding|concealing|Invalid NAL|non-existing|missing (?:picture|reference)|Could not find ref|decode_slice_header|no frame!|corrupt/i;

/** When a picture came: on the clock of limits, and how old it was then, milliseconds. */
interface Arrival {
  readonly watchMs: number;
  readonly ageMs: number;
}

/**
 * The box as the watch of a camera needs it: a clock for limits on silence, and whether the box is short of
 * processor.
 */
export interface BoxTime {
  watchMs(): number;
  readonly short: boolean;
}

/**
 * Everything that is watched of one camera besides what its pictures show. Times on the frame timeline,
 * milliseconds. While the box is short of processor pictures that arrive show that the camera works, whether
 * or not they can be decoded in time; lost connections and damaged pictures are then not the camera's either.
 */
export class CameraMonitor {
  readonly #view = new ViewHealth();
  readonly #stream = new StreamHealth();
  readonly #delivered = new RateMeter();
  readonly #shed = new RateMeter();
  readonly #box: BoxTime;
  #delivery: Arrival;
  /** Of the newest decoded picture; of the newest delivered one while there is no decoder. */
  #newest: Arrival;
  #clockOffsetMs: number | undefined;

  constructor(box: BoxTime) {
    this.#box = box;
    this.#delivery = { watchMs: box.watchMs(), ageMs: 0 };
    this.#newest = this.#delivery;
  }

  /** True while the picture shows nothing that could be judged. */
  get blind(): boolean {
    return this.#view.blind;
  }

  /**
   * A compressed picture came in, captured at `atMs`; `decodable`: there is a decoder, whose pictures tell
   * more.
   */
  delivered(nowMs: number, atMs: number, decodable: boolean): void {
    this.#delivered.count(nowMs);
    this.#delivery = { watchMs: this.#box.watchMs(), ageMs: nowMs - atMs };
    if (!decodable) this.#newest = this.#delivery;
  }
  /** A frame was overwritten by a newer one before the detector had time for it. */
  shed(nowMs: number): void {
    this.#shed.count(nowMs);
  }
  /** A picture was decoded. */
  decoded(
    nowMs: number,
    frame: DetectorFrame & { readonly atMs: number },
    input: InputShape,
    luma: LumaPicture,
  ): void {
    this.#newest = { watchMs: this.#box.watchMs(), ageMs: nowMs - frame.atMs };
    this.#view.see(frame.atMs, frame, input, luma);
  }
  /** A decoder printed a line. */
  said(nowMs: number, line: string): void {
    if (!this.#box.short && complaint.test(line)) this.#stream.decodeError(nowMs);
  }
  /** A connection that had brought pictures ended. */
  lost(nowMs: number): void {
    if (!this.#box.short) this.#stream.lost(nowMs);
  }
  /** Its clock was read; see `CameraClock`. */
  clockOffset(nowMs: number, offsetMs: number): void {
    this.#clockOffsetMs = Math.round(offsetMs);
    this.#stream.clockOffset(nowMs, offsetMs);
  }
  /** The box's clock was set ahead by so much. The camera's is behind it by so much more. */
  boxClockSet(nowMs: number, stepMs: number): void {
    if (this.#clockOffsetMs !== undefined) this.clockOffset(nowMs, this.#clockOffsetMs - stepMs);
  }
  /** Looks at what only time tells; about once a second. */
  look(nowMs: number): void {
    const ageMs = ({ watchMs, ageMs: then }: Arrival) => then + this.#box.watchMs() - watchMs;
    const newest = ageMs(this.#newest);
    this.#stream.look(nowMs, this.#box.short ? Math.min(newest, ageMs(this.#delivery)) : newest);
  }
  /** See `ViewHealth`. */
  retakeBaseline(): void {
    this.#view.retakeBaseline();
  }

  facts(nowMs: number): HealthFacts {
    const conditions = [...this.#stream.conditions, ...this.#view.conditions]
      .filter(({ open }) => open)
      .map(factsOf);
    return {
      deliveredFps: round(this.#delivered.perSecond(nowMs)),
      shedFps: round(this.#shed.perSecond(nowMs)),
      decodeErrorsPerMinute: this.#stream.errorsPerMinute(nowMs),
      reconnectsPerHour: this.#stream.lossesPerHour(nowMs),
      ...(this.#clockOffsetMs === undefined ? {} : { clockOffsetMs: this.#clockOffsetMs }),
      ...(conditions.length > 0 ? { conditions } : {}),
    };
  }
}

function factsOf({ terms, value, openedMs }: DebouncedCondition): CameraCondition {
  const { name, opens, unit } = terms;
  return {
    name,
    value: round(value),
    threshold: opens,
    ...(unit ? { unit } : {}),
    sinceMs: Math.max(0, Math.round(openedMs)),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
