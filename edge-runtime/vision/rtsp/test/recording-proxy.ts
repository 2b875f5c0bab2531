import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface ProxyOptions {
  readonly targetPort: number;
  /** Takes TLS from the client, with these PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Replaces a text of either side on its way; frames pass as they are. */
  readonly toCamera?: (text: string) => string;
  readonly toClient?: (text: string) => string;
  /** Cuts what the camera sends into pieces of so many bytes, each sent by itself. */
  readonly pieceBytes?: number;
}

/**
 * A proxy before a camera that records what clients send, and can speak TLS, change addresses or cut the
 * bytes.
 */
export class RecordingProxy {
  /** All that clients sent, of all connections. */
  received = '';
  connections = 0;
  port = 0;

  static async start(t: { after: (fn: () => void) => void }, options: ProxyOptions): Promise<RecordingProxy> {
    const proxy = new RecordingProxy();
    const { tls } = options;
    const files = tls && { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
    const server = files ? createTlsServer(files) : createServer();
    const sockets = new Set<Socket>();
    server.on(files ? 'secureConnection' : 'connection', (client: Socket) => {
      proxy.connections++;
      const camera = connect(options.targetPort, '127.0.0.1');
      for (const [socket, other] of [
        [client, camera],
        [camera, client],
      ] as const) {
        sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => other.destroySoon());
      }
      client.on('data', (bytes: Buffer) => {
        const text = bytes.toString('latin1');
        proxy.received += text;
        camera.write((options.toCamera?.(text) ?? text) as string, 'latin1');
      });
      camera.on('data', (bytes: Buffer) => {
        const out = options.toClient
          ? Buffer.from(options.toClient(bytes.toString('latin1')), 'latin1')
          : bytes;
        const step = options.pieceBytes ?? out.length;
        for (let at = 0; at < out.length; at += step) client.write(out.subarray(at, at + step));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address) proxy.port = address.port;
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }

  url(path = 'cam', scheme = 'rtsp'): string {
    return `${scheme}://127.0.0.1:${this.port}/${path}`;
  }

  /** Requests of one method that clients sent, each with its head. */
  requests(method: string): string[] {
    return this.received.match(new RegExp(`${method} \\S+ RTSP/1\\.0\\r\\n(?:[^\\r]+\\r\\n)*`, 'g')) ?? [];
  }
}
