import type { SiteFault } from './fault.ts';

export type SiteText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: SiteFault };

/**
 * GB 18030 takes nearly any bytes. A Chinese site file read by it has Chinese words in it and nothing
 * unassigned.
 */
const chineseWords = /[\u4e00-\u9fff]/;
const unlikely = /[\p{Co}\p{Cn}\ufffd]/u;

/**
 * A site file's bytes as text. Only UTF-8 is taken. Bytes of another encoding, read as UTF-8, would change
 * parts that an edit of one zone must leave alone. A byte order mark stays in the text, and so in the file.
 * For other bytes it says which encoding they have.
 */
export function siteText(bytes: Uint8Array): SiteText {
  const utf16 = utf16Of(bytes);
  if (utf16) return { ok: false, fault: fileFault('encoding-utf16', { encoding: utf16 }) };
  const text = decoded(bytes, 'utf-8');
  if (text !== undefined) return { ok: true, text };
  const chinese = decoded(bytes, 'gb18030') ?? '';
  if (chineseWords.test(chinese) && !unlikely.test(chinese))
    return { ok: false, fault: fileFault('encoding-gb18030') };
  return { ok: false, fault: fileFault('encoding-unknown', { line: lineOfFirstBad(bytes) }) };
}

function fileFault(code: SiteFault['code'], values: SiteFault['values'] = {}): SiteFault {
  return { path: [], code, values };
}

/** By its mark; without one, by the zero bytes that every second byte of plain letters is then. */
function utf16Of(bytes: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'UTF-16LE';
  if (first === 0xfe && second === 0xff) return 'UTF-16BE';
  const head = [...bytes.subarray(0, 512)];
  const zeros = (odd: number) => head.filter((byte, i) => byte === 0 && i % 2 === odd).length;
  if (zeros(1) > head.length / 5 && zeros(0) === 0) return 'UTF-16LE';
  if (zeros(0) > head.length / 5 && zeros(1) === 0) return 'UTF-16BE';
  return undefined;
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** 1-based line of the first byte that is not UTF-8. */
function lineOfFirstBad(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    if (decoded(bytes.subarray(start, next), 'utf-8') === undefined) return line;
    start = next;
  }
  return line;
}
