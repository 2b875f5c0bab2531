/** A request as received; header names are in lower case. */
export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A client's data on an interleaved channel: RTCP receiver reports. */
export interface InterleavedData {
  readonly kind: 'data';
  readonly channel: number;
  readonly payload: Buffer;
}

/** Bytes that are no RTSP, or too many of them; the connection is answered with `status` and closed. */
export class RtspSyntaxError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'RtspSyntaxError';
    this.status = status;
  }
}

export const maxHeadBytes = 8 * 1024;
export const maxBodyBytes = 4 * 1024;

/** Cuts a client's byte stream into requests and interleaved frames (RFC 2326 4, 6 and 10.12). */
export class RtspReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * Takes a chunk, cut anywhere, and returns the complete messages. Throws `RtspSyntaxError`; the parser must
   * not be used after that.
   */
  push(chunk: Buffer): (RtspRequest | InterleavedData)[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const items: (RtspRequest | InterleavedData)[] = [];
    for (;;) {
      const item = this.#rest[0] === 0x24 ? this.#takeData() : this.#takeRequest();
      if (!item) return items;
      items.push(item);
    }
  }

  #takeData(): InterleavedData | undefined {
    if (this.#rest.length < 4) return undefined;
    const end = 4 + this.#rest.readUInt16BE(2);
    if (this.#rest.length < end) return undefined;
    const item = {
      kind: 'data',
      channel: this.#rest.readUInt8(1),
      payload: this.#rest.subarray(4, end),
    } as const;
    this.#rest = this.#rest.subarray(end);
    return item;
  }

  #takeRequest(): RtspRequest | undefined {
    while (this.#rest[0] === 0x0d || this.#rest[0] === 0x0a) this.#rest = this.#rest.subarray(1);
    if (this.#rest[0] === 0x24) return undefined;
    const headEnd = this.#rest.indexOf('\r\n\r\n');
    if (headEnd > maxHeadBytes || (headEnd < 0 && this.#rest.length > maxHeadBytes))
      throw new RtspSyntaxError(400, `a request head is over ${maxHeadBytes} bytes`);
    if (headEnd < 0) return undefined;
    const head = parseHead(this.#rest.toString('latin1', 0, headEnd));
    const bodyBytes = contentLength(head.headers);
    const end = headEnd + 4 + bodyBytes;
    if (this.#rest.length < end) return undefined;
    const body = this.#rest.subarray(headEnd + 4, end);
    this.#rest = this.#rest.subarray(end);
    return { kind: 'request', ...head, body };
  }
}

function parseHead(text: string): Pick<RtspRequest, 'method' | 'uri' | 'headers'> {
  const [first = '', ...lines] = text.split('\r\n');
  const match = /^([A-Z_]+) (\S+) RTSP\/(\d+\.\d+)$/.exec(first);
  if (!match) throw new RtspSyntaxError(400, 'the request line is not RTSP');
  const [, method = '', uri = '', version] = match;
  if (version !== '1.0') throw new RtspSyntaxError(505, `RTSP version ${version} is not spoken here`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new RtspSyntaxError(400, 'a header has no name');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method, uri, headers };
}

function contentLength(headers: ReadonlyMap<string, string>): number {
  const text = headers.get('content-length') ?? '0';
  if (!/^\d{1,9}$/.test(text)) throw new RtspSyntaxError(400, 'Content-Length is no number');
  if (Number(text) > maxBodyBytes) throw new RtspSyntaxError(413, `a body is over ${maxBodyBytes} bytes`);
  return Number(text);
}

/** Status texts of RFC 2326 7.1.1 that this server uses. */
const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Request Entity Too Large',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
  505: 'RTSP Version Not Supported',
  551: 'Option not supported',
};

/** The bytes of a response. `cseq` is left out where the request was too broken to have one. */
export function formatResponse(
  status: number,
  cseq: string | undefined,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const lines = [`RTSP/1.0 ${status} ${reasons[status] ?? 'Error'}`];
  if (cseq !== undefined) lines.push(`CSeq: ${cseq}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
