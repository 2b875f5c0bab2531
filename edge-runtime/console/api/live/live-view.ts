import type { Readable } from 'node:stream';
import { type Clock, errorOf, type Log } from '@gatehouse/kit';
import type { WebSocket } from 'ws';
import { Shares, type Taker } from '../connections/shares.ts';
import type { Pictures } from '../parts.ts';
import { PacketCutter } from './packet-cutter.ts';

/**
 * A camera's stream outlives its last viewer by this much: a reload or a click back and forth does not start
 * it anew.
 */
export const lingerMs = 5_000;
/**
 * Vision transcodes 1080p25 in about a third of a core: this many cameras at once, and this many begun by one
 * user.
 */
const maxCameras = 8;
const maxCamerasOfUser = 6;
/** Live pictures on all screens. */
const viewers = { total: 128, user: 24, address: 64 };
/** A viewer that lags by this much gets nothing (drop policy: skip packets) until it has caught up. */
export const maxLagBytes = 512 * 1024;
/** One that has not caught up for so long is cut off. */
const maxLagMs = 10_000;

/**
 * WebSocket close codes (RFC 6455, 7.4.1; 1013 by IANA): the page tries again after 1013, and not after 4401.
 */
export const closeCodes = { tryAgain: 1013, sessionEnded: 4401 } as const;

interface Viewer {
  readonly socket: WebSocket;
  laggingSinceMs: number | undefined;
}

/**
 * One camera's live view: one stream of vision's for all its viewers, from the first until a little after the
 * last.
 */
class CameraView {
  readonly viewers = new Set<Viewer>();
  source: Readable | undefined;
  cancelLinger: (() => void) | undefined;
  /** The user of the first viewer. */
  readonly user: string;
  constructor(user: string) {
    this.user = user;
  }
}

/** Live views of all cameras. */
export class LiveViews {
  readonly #pictures: Pictures;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #views = new Map<string, CameraView>();
  readonly #shares = new Shares('live views', viewers);

  constructor(pictures: Pictures, clock: Clock, log: Log) {
    this.#pictures = pictures;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Takes a place before the upgrade is answered; returns a function that gives it back. Throws
   * `TOO_MANY_VIEWERS`.
   */
  takePlace(cameraId: string, taker: Taker): () => void {
    if (!this.#views.has(cameraId)) {
      const own = [...this.#views.values()].filter(({ user }) => user === taker.user).length;
      if (this.#views.size >= maxCameras || own >= maxCamerasOfUser) throw errorOf('TOO_MANY_VIEWERS');
    }
    return this.#shares.take(taker);
  }

  /** Sends the camera to this socket of a user's until it closes; asks vision for the first. */
  async join(cameraId: string, socket: WebSocket, user: string): Promise<void> {
    const view = this.#views.get(cameraId) ?? new CameraView(user);
    const first = !this.#views.has(cameraId);
    this.#views.set(cameraId, view);
    view.cancelLinger?.();
    const viewer: Viewer = { socket, laggingSinceMs: undefined };
    view.viewers.add(viewer);
    socket.once('close', () => this.#leave(cameraId, view, viewer));
    socket.on('error', (error) => this.#log.debug('live-viewer-failed', { camera: cameraId, error }));
    if (first) await this.#run(cameraId, view);
  }

  stop(): void {
    for (const [cameraId, view] of this.#views) this.#end(cameraId, view);
  }

  async #run(cameraId: string, view: CameraView): Promise<void> {
    try {
      const source = await this.#pictures.live(cameraId);
      if (this.#views.get(cameraId) !== view) return void source.destroy();
      view.source = source;
      const packets = new PacketCutter();
      source.on('data', (chunk: Buffer) => this.#broadcast(view, packets.take(chunk)));
      source.on('error', (error) => this.#log.warn('live-view-ended', { camera: cameraId, error }));
      source.once('close', () => this.#end(cameraId, view));
    } catch (error) {
      this.#log.warn('live-view-unavailable', { camera: cameraId, error });
      this.#end(cameraId, view);
    }
  }

  #broadcast(view: CameraView, packets: Buffer): void {
    if (packets.length === 0) return;
    for (const viewer of view.viewers) {
      if (viewer.socket.readyState !== viewer.socket.OPEN) continue;
      if (viewer.socket.bufferedAmount < maxLagBytes) {
        viewer.laggingSinceMs = undefined;
        viewer.socket.send(packets);
        continue;
      }
      const now = this.#clock.monotonicMs();
      viewer.laggingSinceMs ??= now;
      if (now - viewer.laggingSinceMs > maxLagMs) viewer.socket.terminate();
    }
  }

  #leave(cameraId: string, view: CameraView, viewer: Viewer): void {
    view.viewers.delete(viewer);
    if (view.viewers.size > 0 || this.#views.get(cameraId) !== view) return;
    view.cancelLinger = this.#clock.after(lingerMs, () => {
      if (view.viewers.size === 0) this.#end(cameraId, view);
    });
  }

  #end(cameraId: string, view: CameraView): void {
    if (this.#views.get(cameraId) !== view) return;
    this.#views.delete(cameraId);
    view.cancelLinger?.();
    for (const { socket } of view.viewers) socket.close(closeCodes.tryAgain, 'no live picture');
    view.source?.destroy();
  }
}
