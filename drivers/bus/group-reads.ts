import { maxCount, type ReadKind, type ReadRequest } from './request.ts';

/** Registers or bits that somebody wants from a unit. */
export interface Span {
  readonly kind: ReadKind;
  readonly address: number;
  readonly count: number;
}

const kinds = Object.keys(maxCount).map((kind) => kind as ReadKind);

/**
 * The fewest requests that read all spans of a unit. `maxGap` is how many unwanted addresses may be read
 * along between two spans: 0 unless the board is known to have them, because one missing address makes it
 * refuse the whole request.
 */
export function groupReads(unit: number, spans: readonly Span[], maxGap = 0): ReadRequest[] {
  return kinds.flatMap((kind) => {
    const wanted = spans.filter((span) => span.kind === kind).toSorted((a, b) => a.address - b.address);
    const groups: { address: number; end: number }[] = [];
    for (const { address, count } of wanted) {
      const last = groups.at(-1);
      const end = Math.max(last?.end ?? 0, address + count);
      // Taking what still fits into the group that begins lowest is optimal: a later group could only begin
      // later.
      if (last && address <= last.end + maxGap && end - last.address <= maxCount[kind]) last.end = end;
      else groups.push({ address, end: address + count });
    }
    return groups.map(({ address, end }) => ({ kind, unit, address, count: end - address }));
  });
}
