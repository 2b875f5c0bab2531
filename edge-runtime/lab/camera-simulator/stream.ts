import { setTimeout as delay } from 'node:timers/promises';
import { packetize } from './packetize.ts';
import type { Playlist, Position } from './playlist.ts';
import { clockRate } from './rtp.ts';

/** Faults that a camera can be commanded to show; each lasts until the camera is healed. */
export const misbehaviours = [
  'stall',
  'drop',
  'half-close',
  'refuse',
  'unauthorized',
  'garbage',
  'change',
  'bad-times',
  'clock-off',
] as const;
export type Misbehaviour = (typeof misbehaviours)[number];

/** One access unit, cut into RTP payloads once for all viewers. */
export interface OutgoingUnit {
  readonly payloads: readonly Buffer[];
  readonly key: boolean;
  /** 90 kHz, since the camera was switched on; not yet cut to 32 bits. */
  readonly rtpTime: number;
}

/** A client that plays this stream. */
export interface Viewer {
  send(unit: OutgoingUnit): void;
  /** The camera misbehaves from now on in a way that concerns connections that already play. */
  afflict(kind: Misbehaviour): void;
}

/** One camera: plays its playlist in real time to every viewer, all at the same live position. */
export class CameraStream {
  readonly path: string;
  readonly #main: Playlist;
  /** The playlist that it sends under the command `change`. */
  readonly #alternate: Playlist | undefined;
  readonly #viewers = new Set<Viewer>();
  readonly #abort = new AbortController();
  #startedNs = 0n;
  #playedBefore = false;
  #nextKeyPtsS = 0;
  #misbehaviour: Misbehaviour | undefined;
  #failure: unknown;
  constructor(path: string, main: Playlist, alternate?: Playlist) {
    this.path = path;
    this.#main = main;
    this.#alternate = alternate;
  }

  /** The playlist that it sends, and describes to new clients, at the moment. */
  get playlist(): Playlist {
    return this.#misbehaviour === 'change' && this.#alternate ? this.#alternate : this.#main;
  }

  get misbehaviour(): Misbehaviour | undefined {
    return this.#misbehaviour;
  }
  get viewers(): number {
    return this.#viewers.size;
  }

  /** Switches the camera on. */
  start(): void {
    this.#startedNs = process.hrtime.bigint();
    this.#play().catch((error: unknown) => {
      if (!this.#abort.signal.aborted) this.#fail(error);
    });
  }
  stop(): void {
    this.#abort.abort();
  }

  attach(viewer: Viewer): void {
    this.#viewers.add(viewer);
  }
  detach(viewer: Viewer): void {
    this.#viewers.delete(viewer);
  }

  /** Throws when it is to `change` and has nothing to change to. */
  misbehave(kind: Misbehaviour): void {
    if (kind === 'change' && !this.#alternate)
      throw new Error(`the stream "${this.path}" has no --alternate clip to change to`);
    this.#misbehaviour = kind;
    for (const viewer of [...this.#viewers]) viewer.afflict(kind);
  }
  heal(): void {
    this.#misbehaviour = undefined;
  }

  elapsedS(): number {
    return Number(process.hrtime.bigint() - this.#startedNs) / 1e9;
  }
  position(): Position {
    if (this.#failure) throw this.#failure;
    return this.#main.positionAt(this.elapsedS());
  }
  /** RTP time of the next keyframe, with which a new viewer's stream begins. */
  nextKeyRtpTime(): number {
    return toRtpTime(this.#nextKeyPtsS);
  }

  async #play(): Promise<void> {
    for (;;) await this.#playUntilChange(this.playlist);
  }

  /**
   * Plays one playlist from its place at this time; a camera that changes goes on with a keyframe of the
   * other.
   */
  async #playUntilChange(playlist: Playlist): Promise<void> {
    const { signal } = this.#abort;
    const fromS = this.#playedBefore ? this.elapsedS() : 0;
    this.#playedBefore = true;
    const keys = keyTimes(playlist, fromS);
    let begun = false;
    for (const { clip, unit, dueS, ptsS } of playlist.units(fromS)) {
      const waitMs = (dueS - this.elapsedS()) * 1000;
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
      if (playlist !== this.playlist) return;
      if (unit.key) this.#nextKeyPtsS = keys.next().value;
      begun ||= unit.key;
      if (!begun || this.#viewers.size === 0 || this.#misbehaviour === 'stall') continue;
      const nals = await clip.read(unit);
      const payloads = nals.flatMap((nal) => packetize(clip.config.codec, nal));
      const outgoing = { payloads, key: unit.key, rtpTime: toRtpTime(ptsS) };
      for (const viewer of [...this.#viewers]) viewer.send(outgoing);
    }
  }

  /**
   * A clip that cannot be read any more ends the stream's connections; the next question for its position
   * says why.
   */
  #fail(error: unknown): void {
    this.#failure = error;
    process.stderr.write(
      `camera "${this.path}" stopped: ${error instanceof Error ? error.message : error}\n`,
    );
    this.misbehave('drop');
  }
}

/** The times of all keyframes of a playlist from a moment on, after the first. */
function* keyTimes(playlist: Playlist, fromS: number): Generator<number, never> {
  let first = true;
  for (const { unit, ptsS } of playlist.units(fromS)) {
    if (unit.key && !first) yield ptsS;
    if (unit.key) first = false;
  }
  throw new Error('a playlist has no end');
}

function toRtpTime(seconds: number): number {
  return Math.round(seconds * clockRate);
}
