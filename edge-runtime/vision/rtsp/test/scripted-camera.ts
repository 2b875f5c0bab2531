import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A request as a camera reads it. */
export interface CameraRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Answer of a camera: a status and headers, a body, or raw bytes instead of an answer. */
export interface CameraReply {
  readonly status?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly raw?: Buffer;
  /** Ends the connection behind the answer. */
  readonly end?: boolean;
}

export type Script = (request: CameraRequest, socket: Socket) => CameraReply | undefined;

/** A session description of one H.264 track. */
export const sdp = (control: string, session = '*') =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=Camera',
    't=0 0',
    `a=control:${session}`,
    'm=video 0 RTP/AVP 96',
    'a=rtpmap:96 H264/90000',
    `a=control:${control}`,
    '',
  ].join('\r\n');

/** A camera of a test's own: it answers as the script says and keeps every byte that it was sent. */
export class ScriptedCamera {
  readonly requests: CameraRequest[] = [];
  /** All that came in, of all connections. */
  received = '';
  connections = 0;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  static async start(
    t: { after: (fn: () => void) => void },
    script: Script,
    tls?: TlsOptions,
  ): Promise<ScriptedCamera> {
    const server = tls ? createTlsServer(tls) : createServer();
    const camera = new ScriptedCamera();
    server.on(tls ? 'secureConnection' : 'connection', (socket) => camera.#serve(socket, script));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new TypeError('no port');
    camera.#port = address.port;
    t.after(() => {
      for (const socket of camera.#sockets) socket.destroy();
      server.close();
    });
    return camera;
  }

  get port(): number {
    return this.#port;
  }
  url(path = 'cam', scheme = 'rtsp'): string {
    return `${scheme}://127.0.0.1:${this.#port}/${path}`;
  }

  #serve(socket: Socket, script: Script) {
    this.connections++;
    this.#sockets.add(socket);
    let rest = '';
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      this.received += text;
      rest += text;
      for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
        const request = parse(rest.slice(0, end));
        rest = rest.slice(end + 4);
        this.requests.push(request);
        const reply = script(request, socket);
        if (reply) socket.write(bytesOf(request, reply));
        if (reply?.end) socket.end();
      }
    });
  }
}

function parse(head: string): CameraRequest {
  // Bytes before a request in the same stream are RTP of the client's.
  const lines = head.slice(head.search(/[A-Z_]+ \S+ RTSP\/1\.0/)).split('\r\n');
  const [method = '', uri = ''] = (lines[0] ?? '').split(' ');
  const headers = lines.slice(1).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { method, uri, headers: new Map(headers) };
}

function bytesOf(request: CameraRequest, reply: CameraReply): Buffer {
  if (reply.raw) return reply.raw;
  const { status = '200 OK', headers = [], body = '' } = reply;
  const length = body ? [`Content-Length: ${Buffer.byteLength(body)}`] : [];
  const lines = [`RTSP/1.0 ${status}`, `CSeq: ${request.headers.get('cseq')}`, ...headers, ...length];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
