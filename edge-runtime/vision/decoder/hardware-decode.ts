import type { VisionHardware } from '@gatehouse/contracts';
import { errorOf, type GatehouseError, type Log } from '@gatehouse/kit';

/** How the site wants cameras decoded. */
export type HardwareDecodeMethod = VisionHardware['hardwareDecode'];

/** One ffmpeg that decodes a stream, for as long as it runs. */
export interface DecodeAttempt {
  /**
   * Arguments of ffmpeg before `-i`. The pictures come back to memory, so that the filters are the same as in
   * software.
   */
  readonly args: readonly string[];
  /** Takes a line of ffmpeg's stderr. */
  heard(line: string): void;
  /** A picture came out. */
  gaveFrame(): void;
  /**
   * It ended, and not because it was told to. Returns whether software shall try at once what gave no
   * picture.
   */
  ended(): boolean;
}

/** ffmpeg 5.1 on a box without the device: it ends (vaapi, cuda) or goes on in software (auto). */
const noDevice =
  /No device available for decoder|Auto hwaccel disabled: no device found|Unrecognized hwaccel/;
/** The device is there, but not for this stream's profile or size. */
const notThisStream = /hwaccel requested for input stream|Failed setup for format/;

/**
 * Hardware decoding of a box as the site wants it. A device that is not there, or that cannot decode a
 * camera, never costs its pictures: ffmpeg decodes in software from then on until the service starts again,
 * the log has one warning, `fault` the remedy.
 */
export class HardwareDecode {
  readonly method: HardwareDecodeMethod;
  readonly #log: Log;
  readonly #refused = new Set<string>();
  #missing = false;

  constructor(method: HardwareDecodeMethod, log: Log) {
    this.method = method;
    this.#log = log;
  }

  /** The decoding of one stream, over all its ffmpegs. */
  of(stream: string): StreamDecode {
    return new StreamDecode(this, stream);
  }

  /** Why something is decoded in software although the site wants hardware. */
  get fault(): GatehouseError | undefined {
    if (this.#missing) return deviceMissing(this.method);
    return this.#refused.size > 0 ? streamsRefused(this.method, [...this.#refused]) : undefined;
  }

  wantedFor(stream: string): boolean {
    return this.method !== 'none' && !this.#missing && !this.#refused.has(stream);
  }

  missing(): void {
    if (this.#missing) return;
    this.#missing = true;
    this.#log.warn('hardware-decode-unavailable', { error: this.fault });
  }

  refuse(stream: string): void {
    if (!this.wantedFor(stream)) return;
    this.#refused.add(stream);
    this.#log.warn('hardware-decode-refused', { stream, error: streamsRefused(this.method, [stream]) });
  }
}

/**
 * Decides for each ffmpeg of a stream. Hardware that gives no picture is not yet to blame, the camera may
 * send garbage: software tries next, and only its picture settles it; if it has none either, hardware is
 * tried again.
 */
export class StreamDecode {
  readonly #box: HardwareDecode;
  readonly #stream: string;
  #suspected = false;

  constructor(box: HardwareDecode, stream: string) {
    this.#box = box;
    this.#stream = stream;
  }

  attempt(): DecodeAttempt {
    const hardware = this.#box.wantedFor(this.#stream) && !this.#suspected;
    return hardware ? this.#inHardware() : this.#inSoftware();
  }

  #inHardware(): DecodeAttempt {
    let gave = false;
    return {
      args: ['-hwaccel', this.#box.method],
      heard: (line) => {
        if (noDevice.test(line)) this.#box.missing();
        else if (notThisStream.test(line)) this.#box.refuse(this.#stream);
      },
      gaveFrame: () => {
        gave = true;
      },
      ended: () => {
        this.#suspected = !gave && this.#box.wantedFor(this.#stream);
        return !gave;
      },
    };
  }

  #inSoftware(): DecodeAttempt {
    let gave = false;
    return {
      args: [],
      heard: () => undefined,
      gaveFrame: () => {
        if (this.#suspected) this.#box.refuse(this.#stream);
        this.#suspected = false;
        gave = true;
      },
      ended: () => {
        if (!gave) this.#suspected = false;
        return false;
      },
    };
  }
}

const missingKeys = {
  none: 'HARDWARE_DECODE_UNAVAILABLE',
  auto: 'HARDWARE_DECODE_UNAVAILABLE',
  vaapi: 'HARDWARE_DECODE_UNAVAILABLE/vaapi',
  cuda: 'HARDWARE_DECODE_UNAVAILABLE/cuda',
} as const;

/** For service and doctor. */
export function deviceMissing(method: HardwareDecodeMethod): GatehouseError {
  return errorOf(missingKeys[method], { method });
}

function streamsRefused(method: HardwareDecodeMethod, streams: readonly string[]): GatehouseError {
  return errorOf('HARDWARE_DECODE_REFUSED', { method, streams: streams.join(', ') });
}
