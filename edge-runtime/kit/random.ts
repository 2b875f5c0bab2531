/** A source of numbers in [0, 1). */
export type Random = () => number;

/**
 * A seeded source (mulberry32, public domain algorithm by Tommy Ettinger): for tests and simulators, never
 * for secrets.
 */
export function seededRandom(seed: number): Random {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
