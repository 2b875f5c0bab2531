import type { CameraCondition, CameraStatus } from '@gatehouse/contracts';
import type { DetectorFrame, InputShape } from '../detect/detector.ts';
import type { Condition } from '../health/condition.ts';
import { StreamHealth } from '../health/stream-health.ts';
import { ViewHealth } from '../health/view-health.ts';
import type { LumaPicture } from '../scene/luma.ts';
import { RateMeter } from './rate-meter.ts';

/** The part of a camera's status that is about its health. */
export type HealthFacts = Pick<
  CameraStatus,
  'deliveredFps' | 'shedFps' | 'decodeErrorsPerMinute' | 'reconnectsPerHour' | 'clockOffsetMs' | 'conditions'
>;

/** What ffmpeg says of a damaged stream; its other lines are about the stream's form. */
const complaint =
  /error while decoding|concealing|Invalid NAL|non-existing|missing (?:picture|reference)|Could not find ref|decode_slice_header|no frame!|corrupt/i;

/** Everything that is watched of one camera besides what its pictures show. Times on the frame timeline, milliseconds. */
export class CameraWatch {
  readonly #view = new ViewHealth();
  readonly #stream = new StreamHealth();
  readonly #delivered = new RateMeter();
  readonly #shed = new RateMeter();
  #newestMs: number;
  #clockOffsetMs: number | undefined;

  constructor(startMs: number) {
    this.#newestMs = startMs;
  }

  /** True while the picture shows nothing that could be judged. */
  get blind(): boolean {
    return this.#view.blind;
  }

  /** A compressed picture came in, captured at `atMs`; `decodable`: there is a decoder, whose pictures tell more. */
  delivered(nowMs: number, atMs: number, decodable: boolean): void {
    this.#delivered.count(nowMs);
    if (!decodable) this.#newestMs = atMs;
  }
  /** A frame was overwritten by a newer one before the detector had time for it. */
  shed(nowMs: number): void {
    this.#shed.count(nowMs);
  }
  /** A picture was decoded. */
  decoded(frame: DetectorFrame & { readonly atMs: number }, input: InputShape, luma: LumaPicture): void {
    this.#newestMs = frame.atMs;
    this.#view.see(frame.atMs, frame, input, luma);
  }
  /** A decoder printed a line. */
  said(nowMs: number, line: string): void {
    if (complaint.test(line)) this.#stream.decodeError(nowMs);
  }
  /** A connection that had brought pictures ended. */
  lost(nowMs: number): void {
    this.#stream.lost(nowMs);
  }
  /** Its clock was read; see `CameraClock`. */
  clockOffset(nowMs: number, offsetMs: number): void {
    this.#clockOffsetMs = Math.round(offsetMs);
    this.#stream.clockOffset(nowMs, offsetMs);
  }
  /** Looks at what only time tells; about once a second. */
  look(nowMs: number): void {
    this.#stream.look(nowMs, nowMs - this.#newestMs);
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

function factsOf({ terms, value, openedMs }: Condition): CameraCondition {
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
