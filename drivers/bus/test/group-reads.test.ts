import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupReads, type Span } from '../group-reads.ts';

const holding = (address: number, count = 1): Span => ({ kind: 'read-holding', address, count });

test('neighbours are read at once, kinds and gaps apart', () => {
  const requests = groupReads(7, [
    holding(2),
    holding(0, 2),
    holding(10),
    { kind: 'read-inputs', address: 0, count: 8 },
  ]);
  assert.deepEqual(requests, [
    { kind: 'read-inputs', unit: 7, address: 0, count: 8 },
    { kind: 'read-holding', unit: 7, address: 0, count: 3 },
    { kind: 'read-holding', unit: 7, address: 10, count: 1 },
  ]);
});

test('a gap is read along only where that is allowed', () => {
  assert.equal(groupReads(1, [holding(0), holding(3)], 1).length, 2);
  assert.deepEqual(groupReads(1, [holding(0), holding(3)], 2), [
    { kind: 'read-holding', unit: 1, address: 0, count: 4 },
  ]);
});

test('no request asks for more than the specification allows', () => {
  const spans = Array.from({ length: 300 }, (_, i) => holding(i));
  assert.deepEqual(
    groupReads(1, spans).map(({ count }) => count),
    [125, 125, 50],
  );
});

test('every wanted address is read, nothing beyond the gaps is, and no plan with fewer requests exists', () => {
  const span = fc.record({
    kind: fc.constantFrom('read-coils' as const, 'read-holding' as const),
    address: fc.nat(14),
    count: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(span, { maxLength: 6 }), fc.nat(2), (spans, maxGap) => {
      const requests = groupReads(1, spans, maxGap);
      for (const kind of ['read-coils', 'read-holding'] as const) {
        const wanted = addresses(spans.filter((one) => one.kind === kind));
        const ours = requests.filter((one) => one.kind === kind);
        const read = addresses(ours);
        assert.ok([...wanted].every((address) => read.has(address)));
        assert.equal(ours.length, fewest(wanted, maxGap));
      }
    }),
  );
});

function addresses(spans: readonly { address: number; count: number }[]): Set<number> {
  return new Set(spans.flatMap(({ address, count }) => Array.from({ length: count }, (_, i) => address + i)));
}

/** Runs of wanted addresses that no allowed gap joins; below 125 addresses nothing else splits a request. */
function fewest(wanted: ReadonlySet<number>, maxGap: number): number {
  const sorted = [...wanted].toSorted((a, b) => a - b);
  return sorted.filter((address, i) => i === 0 || address - (sorted[i - 1] ?? 0) - 1 > maxGap).length;
}
