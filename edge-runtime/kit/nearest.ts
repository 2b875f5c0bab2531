/**
 * Known words, the most likely one first: words that differ only in punctuation or case, then words that
 * begin with the given one, then by the number of letters to change. Equally near words keep their order. For
 * lists that a person reads; at most some hundred words.
 */
export function byNearness(word: string, known: readonly string[]): string[] {
  return known
    .map((one) => ({ one, far: distance(word, one) }))
    .sort((a, b) => a.far - b.far)
    .map(({ one }) => one);
}

/**
 * The known word that was probably meant. It is named only if it is near enough to help: a third of its
 * letters may be wrong.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [first] = byNearness(word, known);
  if (first === undefined) return undefined;
  return distance(word, first) <= Math.max(1, Math.min(word.length, first.length) / 3) ? first : undefined;
}

/** Full-width letters count as the plain ones, as in NFKC; `_`, `-`, spaces and case count for nothing. */
function plain(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');
}

function distance(word: string, known: string): number {
  const [a, b] = [plain(word), plain(known)];
  if (a === b) return 0;
  if (a.length >= 3 && b.startsWith(a)) return 0.5;
  if (b.length >= 3 && a.startsWith(b)) return 0.6;
  if (holdsAllPartsOf(word, known)) return 0.7;
  return editDistance(a, b);
}

/** `waveshare-relay` for `waveshare-modbus-rtu-relay-8ch`. */
function holdsAllPartsOf(word: string, known: string): boolean {
  const parts = (text: string) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .split(/[\s_-]+/);
  const has = parts(known);
  const asked = parts(word);
  return asked.length > 1 && asked.every((part) => has.includes(part));
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours, each one step. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
