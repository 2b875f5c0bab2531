import JSMpeg, { type Destination, type PlayerOptions, type Source } from '@cycjimmy/jsmpeg-player';
import { urlOf } from './urls.ts';

export interface LiveStreamEvents {
  /** A picture was drawn. */
  picture(): void;
  /** The stream broke off, and a new attempt follows. */
  broken(): void;
}

const firstRetryMs = 1_000;
const longestRetryMs = 10_000;
/** The first seconds come in one burst: JSMpeg's default of 512 KiB would throw most of it away. */
const bufferBytes = 4 * 1024 * 1024;

/** One camera's live view on a canvas inside `stage`: connects, plays, and tries again until stopped. */
export class LiveStream {
  readonly #stage: HTMLElement;
  readonly #url: string;
  readonly #events: LiveStreamEvents;
  #player: { destroy(): void } | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #stopped = false;

  constructor(stage: HTMLElement, cameraId: string, events: LiveStreamEvents) {
    this.#stage = stage;
    this.#events = events;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.#url = `${scheme}://${location.host}${urlOf('live', { id: cameraId })}`;
    this.#play();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#end();
  }

  #play(): void {
    // A canvas for each attempt: a WebGL context that a player has destroyed cannot be used again.
    const canvas = document.createElement('canvas');
    this.#stage.replaceChildren(canvas);
    const onClose = () => this.#broke();
    this.#player = new JSMpeg.Player(this.#url, {
      canvas,
      source: socketSource(onClose),
      audio: false,
      // WebAssembly needs 'wasm-unsafe-eval' in the content security policy; the JavaScript decoder does
      // 960x540.
      disableWebAssembly: true,
      pauseWhenHidden: false,
      videoBufferSize: bufferBytes,
      onVideoDecode: () => {
        this.#failures = 0;
        this.#events.picture();
      },
    });
  }

  #broke(): void {
    if (this.#stopped) return;
    this.#end();
    this.#events.broken();
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures++);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#play(), delayMs);
  }

  #end(): void {
    this.#player?.destroy();
    this.#player = undefined;
  }
}

/** JSMpeg's own WebSocket source neither reports a close nor backs off. */
function socketSource(onClose: () => void): new (url: string, options: PlayerOptions) => Source {
  return class implements Source {
    readonly streaming = true;
    established = false;
    completed = false;
    progress = 0;
    readonly #url: string;
    #socket: WebSocket | undefined;
    #destination: Destination | undefined;
    constructor(url: string) {
      this.#url = url;
    }
    connect(destination: Destination): void {
      this.#destination = destination;
    }
    start(): void {
      const socket = new WebSocket(this.#url);
      this.#socket = socket;
      socket.binaryType = 'arraybuffer';
      socket.onmessage = ({ data }) => {
        this.established = true;
        this.#destination?.write(data);
      };
      socket.onclose = onClose;
    }
    resume(): void {
      // Live: there is nothing to read ahead.
    }
    destroy(): void {
      if (!this.#socket) return;
      this.#socket.onclose = null;
      this.#socket.onmessage = null;
      this.#socket.close();
    }
  };
}
