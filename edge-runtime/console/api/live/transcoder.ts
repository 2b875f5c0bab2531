import type { Readable } from 'node:stream';
import type { Log } from '@gatehouse/kit';
import Mpeg1Muxer from 'node-rtsp-stream/mpeg1muxer.js';

/** MPEG-1 knows no odd rates; 25 is legal. One key picture a second, so that a new viewer waits at most that long. */
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

/** MPEG-TS packet length (ISO/IEC 13818-1, 2.4.3.2). */
export const packetBytes = 188;

/** What ffmpeg last complained of, for the log. */
const maxComplaint = 300;

export interface TranscoderEvents {
  /** Whole MPEG-TS packets carrying MPEG-1 video. */
  data(packets: Buffer): void;
  /** Called once; the source ended, ffmpeg ended, or `stop` was called. */
  end(): void;
}

/** One ffmpeg that turns a camera's MPEG-TS into MPEG-1 for JSMpeg: starts on `start`, ends by itself or on `stop`. */
export class Transcoder {
  readonly #source: Readable;
  readonly #ffmpegPath: string;
  readonly #events: TranscoderEvents;
  readonly #log: Log;
  #muxer: Mpeg1Muxer | undefined;
  #ended = false;
  #complaint = '';
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: Readable, ffmpegPath: string, events: TranscoderEvents, log: Log) {
    this.#source = source;
    this.#ffmpegPath = ffmpegPath;
    this.#events = events;
    this.#log = log;
  }

  start(): void {
    const muxer = new Mpeg1Muxer({ url: 'pipe:0', ffmpegPath: this.#ffmpegPath, ffmpegOptions });
    this.#muxer = muxer;
    muxer.on('mpeg1data', (bytes) => this.#packets(bytes));
    muxer.on('ffmpegStderr', (bytes) => {
      this.#complaint = bytes.toString('utf8').trim().slice(-maxComplaint);
    });
    const end = (reason: string, error?: Error) => this.#end(reason, error);
    muxer.stream.once('error', (error) => end('ffmpeg-failed', error));
    muxer.stream.once('exit', () => end('ffmpeg-ended'));
    // EPIPE when ffmpeg is gone; its exit tells the rest.
    muxer.stream.stdin.on('error', (error) => end('ffmpeg-closed-its-input', error));
    this.#source.once('error', (error) => end('source-failed', error));
    this.#source.once('close', () => end('source-ended'));
    this.#source.pipe(muxer.stream.stdin);
  }

  stop(): void {
    this.#end('stopped');
  }

  #packets(bytes: Buffer): void {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    const whole = all.length - (all.length % packetBytes);
    this.#rest = all.subarray(whole);
    if (whole > 0 && !this.#ended) this.#events.data(all.subarray(0, whole));
  }

  #end(reason: string, error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    if (reason !== 'stopped') this.#log.warn('live-view-ended', { reason, error, ffmpeg: this.#complaint });
    this.#source.unpipe();
    this.#source.destroy();
    // SIGKILL: ffmpeg holds nothing worth finishing, and must not linger on a stuck pipe.
    this.#muxer?.stream.kill('SIGKILL');
    this.#events.end();
  }
}
