/** A path that still changes after so many rounds of decoding is refused. */
const maxDecodings = 4;
/** A dot and a slash as overlong UTF-8 sequences, which lenient decoders accept (RFC 3629, section 10). */
const overlong: readonly (readonly [RegExp, string])[] = [
  [/\xC0\xAE|\xE0\x80\xAE/g, '.'],
  [/\xC0\xAF|\xE0\x80\xAF/g, '/'],
  [/\xC1\x9C/g, '\\'],
];

/**
 * True if the path of a request has a `.` or `..` segment in any spelling that a program behind this one
 * could resolve: plain, percent-encoded in any case and several times over, divided by backslashes, or
 * followed by `;` parameters. Node hands a request's target on unchanged, so a check of its prefix says
 * nothing about such a path.
 */
export function hasDotSegment(target: string): boolean {
  let path = target.split(/[?#]/, 1)[0] ?? '';
  for (let round = 0; round <= maxDecodings; round++) {
    if (path.split(/[/\\]/).some(isDots)) return true;
    const decoded = decodedOnce(path);
    if (decoded === path) return false;
    path = decoded;
  }
  return true;
}

/**
 * The name of a decoded segment, without anything after `;`, `?` or `#` and without control characters, which
 * URL parsers drop.
 */
function isDots(segment: string): boolean {
  const name = (segment.split(/[;?#]/, 1)[0] ?? '').replace(/[\0-\x20\x7f]/g, '');
  return name === '.' || name === '..';
}

function decodedOnce(path: string): string {
  const bytes = path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return overlong.reduce((text, [sequence, meaning]) => text.replace(sequence, meaning), bytes);
}
