/**
 * Scenes by script: the vehicles with their places and times, and the disturbances meanwhile. This folder is
 * the oracle of the rules. It imports nothing of the product: neither geometry nor rules nor types. Times are
 * seconds throughout.
 */
export interface Span {
  readonly fromS: number;
  readonly toS: number;
}

/**
 * A vehicle that stands in a slot from `arriveS` (at or below 0: parked before the first frame) to `leaveS`.
 */
export interface Visit {
  readonly slot: number;
  readonly arriveS: number;
  readonly leaveS: number;
}

export interface Script {
  /**
   * Fire passage: `violationS` is its alarm; the voice prompt comes at half of it, the escalation at one and
   * a half.
   */
  readonly rule: 'illegal-parking' | 'fire-passage';
  readonly fps: number;
  readonly endS: number;
  readonly violationS: number;
  readonly clearS: number;
  readonly visits: readonly Visit[];
  /** The detector does not see this visit's vehicle. */
  readonly dropouts: readonly (Span & { readonly visit: number })[];
  /** The tracker gives this visit's vehicle a new id. */
  readonly idChanges: readonly { readonly visit: number; readonly atS: number }[];
  /** A car crosses in front of all slots and swaps ids with the vehicle of this visit, if it is there. */
  readonly passes: readonly { readonly atS: number; readonly swapWith: number | null }[];
  /** A truck stops in front of a slot and hides it. */
  readonly blocks: readonly (Span & { readonly slot: number })[];
  /** No frames at all; at its end the box may have been restarted. */
  readonly pauses: readonly (Span & { readonly restart: boolean })[];
  /** Noise of box edges, as a part of the box size. */
  readonly jitter: number;
  readonly seed: number;
}

/**
 * The zone of every scene, as fractions of the picture. It holds slots 0 to 2; slot 3 lies outside. Of slot
 * 4, which only fire passages use, two fifths are inside: enough to block one, with the middle of the vehicle
 * outside.
 */
export const zonePolygon: [number, number][] = [
  [0.1, 0.4],
  [0.9, 0.4],
  [0.9, 0.9],
  [0.1, 0.9],
];

/** Left and upper edge of each slot; a vehicle fills its slot, `slotSize` square. */
export const slots: readonly { readonly left: number; readonly top: number }[] = [
  { left: 0.15, top: 0.45 },
  { left: 0.4, top: 0.45 },
  { left: 0.65, top: 0.45 },
  { left: 0.4, top: 0.1 },
  { left: 0.84, top: 0.45 },
];
export const slotSize = 0.15;
export const outsideSlot = 3;

/** Vehicles come and go upwards, one length a second, in view for this long. */
export const driveS = 3;
/** A crossing car takes this long from edge to edge. */
export const crossS = 4;

export function inside(t: number, { fromS, toS }: Span): boolean {
  return t >= fromS && t < toS;
}

export function overlap(a: Span, b: Span, marginS = 0): boolean {
  return a.fromS < b.toS + marginS && b.fromS < a.toS + marginS;
}

/** Where the middle of a crossing car is, `t` seconds of the scene. */
export function crossX(atS: number, t: number): number {
  return -0.1 + (1.2 / crossS) * (t - atS);
}

/** When a crossing car is right in front of a slot. */
export function crossMomentS(atS: number, slot: number): number {
  const middle = (slots[slot]?.left ?? 0) + slotSize / 2;
  return atS + ((middle + 0.1) * crossS) / 1.2;
}

/** True if this visit's vehicle is in the picture, detected, and hidden by nothing. */
export function visible(script: Script, visitIndex: number, t: number): boolean {
  const visit = script.visits[visitIndex] as Visit;
  if (t < visit.arriveS - driveS || t > visit.leaveS + driveS) return false;
  if (script.dropouts.some((d) => d.visit === visitIndex && inside(t, d))) return false;
  if (visit.slot === outsideSlot) return true;
  if (script.blocks.some((block) => block.slot === visit.slot && inside(t, block))) return false;
  const middle = (slots[visit.slot]?.left ?? 0) + slotSize / 2;
  return !script.passes.some(
    ({ atS }) => t >= atS && t <= atS + crossS && Math.abs(crossX(atS, t) - middle) < 0.1,
  );
}
