/** Signs that a Chinese keyboard writes where YAML wants the plain one. */
const plainOf: Readonly<Record<string, string>> = {
  '，': ',',
  '、': ',',
  '：': ':',
  '；': ';',
  '（': '(',
  '）': ')',
  '［': '[',
  '］': ']',
  '【': '[',
  '】': ']',
  '｛': '{',
  '｝': '}',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '＃': '#',
  '－': '-',
  '—': '-',
  '　': ' ',
};

export interface FullWidth {
  /** As it stands there. */
  readonly found: string;
  readonly plain: string;
  /** In the text that was searched, characters from 0. */
  readonly at: number;
}

/** The first full-width sign of a line of YAML that is not inside quotes or a comment. */
export function fullWidthIn(line: string): FullWidth | undefined {
  let quote = '';
  for (const [at, sign] of [...line].entries()) {
    if (quote !== '') quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '#') return undefined;
    else if (plainOf[sign] !== undefined) return { found: sign, plain: plainOf[sign], at };
  }
  return undefined;
}

/** A text with every full-width sign, digit and letter written plainly; `undefined` if it has none. */
export function inPlain(text: string): string | undefined {
  const plain = [...text.normalize('NFKC')].map((sign) => plainOf[sign] ?? sign).join('');
  return plain === text ? undefined : plain;
}
