import type { Clock, Log } from '@gatehouse/kit';
import Mpeg1Muxer from 'node-rtsp-stream/mpeg1muxer.js';
import { watchMemory } from '../ffmpeg/memory-watch.ts';
import type { StreamRing } from '../ring/stream-ring.ts';

/**
 * MPEG-1 knows no odd rates; 25 is legal. One key picture a second, so that a new viewer waits at most that
 * long.
 */
const ffmpegOptions = {
  '-loglevel': 'error',
  '-an': '',
  '-vf': "scale=w='min(960,iw)':h=-2",
  '-r': '25',
  '-g': '25',
  '-bf': '0',
  '-b:v': '1800k',
  '-maxrate': '2500k',
  '-bufsize': '1000k',
  '-threads': '1',
  '-muxdelay': '0',
  '-flush_packets': '1',
} as const;

/** The last complaint of ffmpeg, for the log. */
const maxComplaint = 300;
/**
 * Compressed bytes that may wait for an ffmpeg that falls behind. Drop policy: the transcoder; its viewers
 * ask again.
 */
const maxWaitingBytes = 8 * 1024 * 1024;
/** Like the decoder's: a 4K H.265 stream with sixteen reference pictures takes about 400 MB. */
const maxResidentBytes = 768 * 1024 * 1024;

export interface TranscoderOptions {
  readonly ring: StreamRing;
  /** The ffmpeg to run; `ffmpeg` if absent. */
  readonly ffmpegPath?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** MPEG-TS carrying MPEG-1 video, as ffmpeg writes it. */
  readonly onBytes: (bytes: Buffer) => void;
  /** Called once; the camera's connection ended, ffmpeg ended, or `stop` was called. */
  readonly onEnd: () => void;
}

/**
 * One ffmpeg that turns a camera's stream into MPEG-1 for JSMpeg, from the last keyframe on: ends by itself
 * or on `stop`.
 */
export class Transcoder {
  readonly #options: TranscoderOptions;
  #muxer: Mpeg1Muxer | undefined;
  #ended = false;
  #complaint = '';
  #letGo: () => void = () => undefined;

  constructor(options: TranscoderOptions) {
    this.#options = options;
  }

  start(): void {
    const { ring, ffmpegPath = 'ffmpeg', clock, log, onBytes } = this.#options;
    const muxer = new Mpeg1Muxer({ url: 'pipe:0', ffmpegPath, ffmpegOptions });
    this.#muxer = muxer;
    muxer.on('mpeg1data', (bytes) => {
      if (!this.#ended) onBytes(bytes);
    });
    muxer.on('ffmpegStderr', (bytes) => {
      this.#complaint = bytes.toString('utf8').trim().slice(-maxComplaint);
    });
    const { stdin } = muxer.stream;
    muxer.stream.on('error', (error) => this.#end('ffmpeg-failed', error));
    muxer.stream.once('exit', () => this.#end('ffmpeg-ended'));
    muxer.stream.stdout?.on('error', (error) => this.#end('ffmpeg-closed-its-output', error));
    // EPIPE when ffmpeg is gone; its exit tells the rest.
    stdin.on('error', (error) => this.#end('ffmpeg-closed-its-input', error));
    const kill = () => void muxer.stream.kill('SIGKILL');
    const stopMemoryWatch = watchMemory({ pid: muxer.stream.pid, kill }, maxResidentBytes, clock, log);
    const unsubscribe = ring.subscribe({
      data: (chunk) => {
        stdin.write(chunk);
        if (stdin.writableLength > maxWaitingBytes) this.#end('ffmpeg-fell-behind');
      },
      end: () => this.#end('camera-ended'),
    });
    this.#letGo = () => {
      unsubscribe();
      stopMemoryWatch();
    };
    if (this.#ended) this.#letGo();
  }

  stop(): void {
    this.#end('stopped');
  }

  #end(reason: string, error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const { log, onEnd } = this.#options;
    if (reason !== 'stopped') log.warn('live-view-ended', { reason, error, ffmpeg: this.#complaint });
    this.#letGo();
    // SIGKILL: ffmpeg holds nothing worth finishing, and must not linger on a stuck pipe.
    this.#muxer?.stream.kill('SIGKILL');
    onEnd();
  }
}
