import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';

export interface InletOptions {
  /** Where the next bytes are to be put; asked again after every read. Never empty. */
  readonly room: () => Uint8Array;
  /**
   * So many bytes were put at the start of the room that was given last. `false`: read no more until
   * `resume`.
   */
  readonly onBytes: (count: number) => boolean;
}

/**
 * A child's output, read into memory of the reader's own. A pipe of `child_process` makes a new buffer of 64
 * kB for every read: one camera's frames are 50 of them a second, V8 collected all garbage every two seconds
 * for it, and that cost a third as much as the inferences. Node can read into given memory, but only on
 * sockets that it connects itself: so a pair of them is made, one end of which the child gets.
 */
export class Inlet {
  /** The child's end, to be named among its descriptors. */
  readonly outer: Socket;
  /** This end: its events tell of the end, it gives no data. */
  readonly inner: Socket;
  /** Resolves when everything has been read that the child wrote, or `destroy` was called. Never rejects. */
  readonly ended: Promise<void>;

  private constructor(inner: Socket, outer: Socket) {
    this.inner = inner;
    this.outer = outer;
    this.ended = new Promise((resolve) => inner.once('close', () => resolve()));
  }

  /** Makes the pair; nothing is read before `resume`. Throws what the system says, such as EMFILE. */
  static async open({ room, onBytes }: InletOptions): Promise<Inlet> {
    // An abstract name (unix(7)) needs no file, so that a full disk keeps no camera from coming back. Anybody
    // on the box may connect to it meanwhile: the other end is the one that says what only this process
    // knows.
    const path = `\0gatehouse-${randomBytes(16).toString('hex')}`;
    const token = randomBytes(16);
    const server = createServer();
    try {
      return await new Promise((resolve, reject) => {
        server.on('error', reject);
        server.listen(path);
        const inner = connect({ path, onread: { buffer: room, callback: onBytes } });
        inner.pause();
        inner.on('error', reject);
        inner.write(token);
        server.on('connection', (outer) => {
          outer.on('error', () => outer.destroy());
          outer.once('data', (said) => {
            if (!said.equals(token)) return void outer.destroy();
            outer.pause();
            // A child that is killed may reset the connection; its exit tells the rest.
            inner.on('error', () => inner.destroy());
            resolve(new Inlet(inner, outer));
          });
        });
      });
    } finally {
      server.close();
    }
  }

  /** The child has its end: this process keeps only its own, so that the child's exit ends it. */
  handedOver(): void {
    this.outer.destroy();
  }

  /** Reads on. */
  resume(): void {
    this.inner.resume();
  }

  /** Gives up what is still to be read. */
  destroy(): void {
    this.outer.destroy();
    this.inner.destroy();
  }
}
