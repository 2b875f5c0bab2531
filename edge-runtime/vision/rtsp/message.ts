/**
 * A request or an answer of RTSP 1.0 (RFC 2326 section 4). Its texts hold one byte per character (latin1).
 */
export interface RtspMessage {
  /** Method and address of a request. */
  readonly request?: { readonly method: string; readonly uri: string };
  /** Status and its text of an answer. */
  readonly answer?: { readonly status: number; readonly reason: string };
  /** Header lines in their order; names in lower case. */
  readonly headers: readonly RtspHeader[];
  readonly body: Buffer;
}

export type RtspHeader = readonly [name: string, value: string];

/** The peer does not speak RTSP; the rest of its bytes cannot be trusted either. */
export class RtspSyntaxError extends Error {}

/** ASCII control characters. Codes above 127 stay: they are bytes of UTF-8. */
const control = /[^\P{Cc}\u0080-\u009f]/gu;

/** Parses a head: everything before the empty line. Throws `RtspSyntaxError`. */
export function parseHead(text: string): Omit<RtspMessage, 'body'> {
  const [first = '', ...lines] = text.split(/\r?\n/);
  // Lines without a name are ignored; some cameras send them.
  const headers = lines.flatMap((line): RtspHeader[] => {
    const colon = line.indexOf(':');
    if (colon < 1) return [];
    return [
      [
        line.slice(0, colon).trim().toLowerCase(),
        line
          .slice(colon + 1)
          .replace(control, ' ')
          .trim(),
      ],
    ];
  });
  const answer = /^RTSP\/1\.\d (\d{3})(?: (.*))?$/.exec(first.trimEnd());
  if (answer) return { answer: { status: Number(answer[1]), reason: answer[2] ?? '' }, headers };
  const request = /^([A-Z_]+) (\S+) RTSP\/1\.\d$/.exec(first.trimEnd());
  if (request) return { request: { method: request[1] ?? '', uri: request[2] ?? '' }, headers };
  throw new RtspSyntaxError('neither a request nor an answer of RTSP 1');
}

/** The first value of a header; `name` in lower case. */
export function headerOf({ headers }: Pick<RtspMessage, 'headers'>, name: string): string | undefined {
  return headers.find(([other]) => other === name)?.[1];
}

/** The bytes of a message. Content-Length is added if there is a body. */
export function formatMessage(
  first: string,
  headers: readonly RtspHeader[],
  body: Buffer = Buffer.alloc(0),
): Buffer {
  const length: RtspHeader[] = body.length > 0 ? [['content-length', String(body.length)]] : [];
  const lines = [...headers.filter(([name]) => name !== 'content-length'), ...length].map(
    ([name, value]) => `${canonical(name)}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`${first}\r\n${lines.join('')}\r\n`, 'latin1'), body]);
}

/** `content-base` as `Content-Base`, because some cameras compare names case-sensitively. */
function canonical(name: string): string {
  if (name === 'cseq') return 'CSeq';
  if (name === 'rtp-info') return 'RTP-Info';
  return name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}
