declare module '@cycjimmy/jsmpeg-player' {
  /** The target that a source writes MPEG-TS to. */
  export interface Destination {
    write(bytes: ArrayBuffer): void;
  }
  /** A source of the caller's own making (`options.source`), as JSMpeg's WSSource is. */
  export interface Source {
    readonly streaming: boolean;
    established: boolean;
    completed: boolean;
    progress: number;
    connect(destination: Destination): void;
    start(): void;
    resume(headroom: number): void;
    destroy(): void;
  }
  export interface PlayerOptions {
    canvas: HTMLCanvasElement;
    source: new (url: string, options: PlayerOptions) => Source;
    audio: false;
    disableWebAssembly: true;
    disableGl?: boolean;
    pauseWhenHidden: false;
    videoBufferSize: number;
    onVideoDecode?: () => void;
  }
  class Player {
    constructor(url: string, options: PlayerOptions);
    destroy(): void;
  }
  const JSMpeg: { readonly Player: typeof Player };
  export default JSMpeg;
}
