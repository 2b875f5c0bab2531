import { elsewhere, udpOnly } from './camera-fault.ts';
import type { CameraAnswer } from './camera-session.ts';
import { headerOf, type RtspHeader } from './message.ts';
import { type Origins, originOf } from './origins.ts';

/**
 * Headers that ffmpeg does not get: login and redirects are handled by the session, which also has its own
 * numbers.
 */
const withheld = new Set(['cseq', 'www-authenticate', 'authentication-info', 'location']);

/**
 * Translates a camera's answer for ffmpeg, so that all its addresses lead to the relay. Throws a
 * `CameraFault` if the base address or a track names another host or port, or if the stream would not come
 * over this connection.
 */
export function forFfmpeg(
  method: string,
  answer: CameraAnswer,
  origins: Origins,
): { readonly headers: RtspHeader[]; readonly body: Buffer } {
  if (method === 'SETUP' && !/TCP|interleaved/i.test(headerOf(answer, 'transport') ?? 'TCP')) throw udpOnly();
  const headers = answer.headers.flatMap((header) => headerFor(method, header, origins));
  if (method !== 'DESCRIBE' || answer.status !== 200) return { headers, body: answer.body };
  // Without a base ffmpeg would use the address before a redirect.
  const base: RtspHeader[] =
    headerOf({ headers }, 'content-base') === undefined
      ? [['content-base', local('the address', answer.uri, origins)]]
      : [];
  return { headers: [...headers, ...base], body: description(answer.body, origins) };
}

function headerFor(method: string, [name, value]: RtspHeader, origins: Origins): RtspHeader[] {
  if (withheld.has(name)) return [];
  // ffmpeg takes the first picture's time from it and ignores tracks that it does not know.
  if (name === 'rtp-info')
    return [[name, value.replace(/rtsps?:\/\/[^;,\s]+/gi, (url) => origins.toLocal(url) ?? url)]];
  if (name !== 'content-base' && name !== 'content-location') return [[name, value]];
  // Only those of a description matter (RFC 2326 section 12).
  if (method !== 'DESCRIBE') return [];
  return [[name, originOf(value) === undefined ? value : local('the base of its tracks', value, origins)]];
}

/**
 * A session description with the addresses of its tracks (`a=control`, RFC 2326 appendix C.1.1) translated.
 */
function description(body: Buffer, origins: Origins): Buffer {
  const text = body
    .toString('latin1')
    .replace(/^(\s*a=control:\s*)(\S+)/gim, (_line, before: string, control: string) =>
      originOf(control) === undefined
        ? `${before}${control}`
        : `${before}${local('a track', control, origins)}`,
    );
  return Buffer.from(text, 'latin1');
}

function local(what: string, address: string, origins: Origins): string {
  const translated = origins.toLocal(address);
  if (translated === undefined) throw elsewhere(what, originOf(address) ?? address);
  return translated;
}
