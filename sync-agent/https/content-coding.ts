import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { errorOf, type GatehouseError, systemCode } from '@gatehouse/kit';

/** RFC 9110, 8.4.1, and RFC 8878 (zstd). `x-gzip` is an old name of gzip. */
const decoders: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateEither,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  identity: (body) => body,
};
/** A proxy may compress what the server has compressed; more codings than this are no accident. */
const mostCodings = 2;

/**
 * A body without the codings that its `content-encoding` names. Servers and proxies compress although no
 * request asks for it. Throws `BODY_TOO_LARGE` as soon as it is over `limitBytes`, and `BODY_CODING` for what
 * cannot be decoded.
 */
export function decoded(body: Buffer, contentEncoding: string | undefined, limitBytes: number): Buffer {
  const names = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (body.length === 0) return body;
  if (names.length > mostCodings) throw unreadable(names.join(', '));
  // They are named in the order in which they were applied.
  return names.reduceRight((coded, name) => undo(coded, name, limitBytes), body);
}

function undo(body: Buffer, name: string, limitBytes: number): Buffer {
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (!decode) throw unreadable(name);
  try {
    return decode(body, { maxOutputLength: limitBytes });
  } catch (cause) {
    if (systemCode(cause) === 'ERR_BUFFER_TOO_LARGE')
      throw errorOf('BODY_TOO_LARGE/decompressed', { limit: limitBytes }, { cause });
    throw unreadable(name, cause);
  }
}

/** RFC 9110, 8.4.1.2: "deflate" has the zlib header; some servers leave it out. */
function inflateEither(body: Buffer, options: { maxOutputLength: number }): Buffer {
  try {
    return inflateSync(body, options);
  } catch (error) {
    if (systemCode(error) !== 'Z_DATA_ERROR') throw error;
    return inflateRawSync(body, options);
  }
}

function unreadable(name: string, cause?: unknown): GatehouseError {
  return errorOf('BODY_CODING', { coding: name.slice(0, 40) }, { cause });
}
