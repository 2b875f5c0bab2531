/**
 * Start of image, end of image, start of scan; frames of baseline and progressive JPEG; tables; JFIF's own
 * segment.
 */
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const jfif = 0xe0;
const plainSegments = new Set([jfif, 0xc0, 0xc2, 0xc4, 0xdb, 0xdd, startOfScan]);
/** JFIF without a thumbnail is 16 bytes; one with a thumbnail holds a second, perhaps unredacted picture. */
const jfifBytes = 16;

/**
 * Whether a file is a JPEG of its picture alone: what is wrong with it, or `undefined`. No EXIF, no colour
 * profile, no comment, no thumbnail, nothing behind the end (ITU-T T.81, annex B; JFIF 1.02). The redactor
 * writes no other; this is the wall behind it.
 */
export function plainJpegFault(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return 'no JPEG';
  let at = 2;
  while (at < bytes.length) {
    if (bytes[at] !== 0xff) return `no segment at ${at}`;
    const marker = bytes[at + 1] ?? 0;
    if (marker === endOfImage) return at + 2 === bytes.length ? undefined : 'something behind its end';
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const fault = segmentFault(marker, length, bytes.length - at - 2);
    if (fault) return fault;
    at += 2 + length;
    if (marker === startOfScan) at = endOfScan(bytes, at);
  }
  return 'no end';
}

function segmentFault(marker: number, length: number, left: number): string | undefined {
  if (!plainSegments.has(marker)) return `a segment ${marker.toString(16)}`;
  if (length < 2 || length > left) return 'a cut segment';
  return marker === jfif && length !== jfifBytes ? 'a thumbnail' : undefined;
}

/** Behind coded data: the next marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length - 1; at++) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] as number;
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}
