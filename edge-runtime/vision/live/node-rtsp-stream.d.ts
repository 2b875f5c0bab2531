declare module 'node-rtsp-stream/mpeg1muxer.js' {
  import type { ChildProcessWithoutNullStreams } from 'node:child_process';
  import type { EventEmitter } from 'node:events';

  /** Runs `ffmpeg -i <url> -f mpegts -codec:v mpeg1video <options> -` from its constructor on. */
  export default class Mpeg1Muxer extends EventEmitter<{
    mpeg1data: [bytes: Buffer];
    ffmpegStderr: [bytes: Buffer];
    exitWithError: [];
  }> {
    constructor(options: {
      url: string;
      ffmpegPath: string;
      ffmpegOptions: Readonly<Record<string, string>>;
    });
    readonly stream: ChildProcessWithoutNullStreams;
  }
}
