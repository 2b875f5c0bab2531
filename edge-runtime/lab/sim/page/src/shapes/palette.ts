import type { ActorKind } from '../../../world.ts';
import { Throws } from '../throws.ts';
import { slotCount, slots } from './shape.ts';

/**
 * The look of a slot: colour (sRGB, 0 to 1), strength of its mirror of the sky, and brightness of its own
 * light.
 */
export interface Finish {
  readonly rgb: readonly [number, number, number];
  readonly gloss: number;
  readonly glow: number;
}
export type Palette = readonly Finish[];

const finish = (rgb: Finish['rgb'], gloss = 0, glow = 0): Finish => ({ rgb, gloss, glow });

/**
 * Shares of car colours on Chinese roads, roughly: white 45, black 18, grey and silver 20, the rest bright.
 */
const paints: readonly (readonly [weight: number, rgb: Finish['rgb']])[] = [
  [40, [0.9, 0.9, 0.89]],
  [17, [0.045, 0.045, 0.05]],
  [10, [0.36, 0.37, 0.39]],
  [11, [0.66, 0.67, 0.68]],
  [5, [0.45, 0.06, 0.06]],
  [6, [0.08, 0.13, 0.3]],
  [3, [0.35, 0.27, 0.2]],
  [2, [0.13, 0.25, 0.17]],
  [2, [0.75, 0.55, 0.1]],
  [2, [0.3, 0.5, 0.7]],
  [1, [0.75, 0.35, 0.1]],
  [1, [0.55, 0.45, 0.6]],
];

const brights: readonly Finish['rgb'][] = [
  [0.95, 0.72, 0.05],
  [0.1, 0.45, 0.8],
  [0.85, 0.2, 0.12],
  [0.1, 0.55, 0.35],
  [0.9, 0.45, 0.1],
  [0.85, 0.85, 0.85],
];

function paint(t: Throws): Finish['rgb'] {
  let left = t.uniform(0, 100);
  for (const [weight, rgb] of paints) {
    left -= weight;
    if (left < 0) return rgb;
  }
  return [0.9, 0.9, 0.89];
}

function varied(t: Throws, rgb: Finish['rgb'], by = 0.05): Finish['rgb'] {
  const shift = t.uniform(-by, by);
  const one = (c: number) => Math.min(1, Math.max(0.015, c + shift + t.uniform(-by, by) / 2));
  return [one(rgb[0]), one(rgb[1]), one(rgb[2])];
}

/** Any colour, mostly dull. */
function cloth(t: Throws): Finish['rgb'] {
  const value = t.chance(0.45) ? t.uniform(0.04, 0.25) : t.uniform(0.25, 0.92);
  const colourful = t.chance(0.4) ? t.uniform(0.3, 0.85) : t.uniform(0, 0.2);
  const hue = t.uniform(0, 6);
  const channel = (shift: number) => {
    const k = (hue + shift) % 6;
    return value * (1 - colourful * Math.max(0, Math.min(1, Math.abs(k - 3) - 1)) * -1 - colourful);
  };
  const rgb = [channel(0), channel(2), channel(4)].map((c) => Math.min(1, Math.max(0.02, c)));
  return rgb as unknown as Finish['rgb'];
}

const skins: readonly Finish['rgb'][] = [
  [0.78, 0.6, 0.48],
  [0.85, 0.68, 0.56],
  [0.68, 0.5, 0.38],
  [0.55, 0.38, 0.28],
];

/** The colours of an actor, by its look. */
export function paletteOf(kind: ActorKind | 'rider', look: number): Finish[] {
  const t = new Throws(look, 31);
  const list: Finish[] = Array.from({ length: slotCount }, () => finish([0.5, 0.5, 0.5]));
  common(list, t);
  if (kind === 'person' || kind === 'rider') clothes(list, t, kind === 'rider');
  else if (isClutter(kind)) clutter(list, t, kind);
  else vehicle(list, t, kind);
  return list;
}

function isClutter(kind: string): boolean {
  return ['box', 'bag', 'bin', 'pallet', 'sofa'].includes(kind);
}

function common(list: Finish[], t: Throws): void {
  const tint = t.pick<Finish['rgb']>([
    [0.02, 0.022, 0.025],
    [0.035, 0.04, 0.042],
    [0.06, 0.07, 0.07],
  ]);
  list[slots.glass] = finish(tint, 0.95);
  list[slots.rubber] = finish([0.05, 0.05, 0.05]);
  list[slots.rim] = finish(t.chance(0.75) ? [0.6, 0.61, 0.62] : [0.1, 0.1, 0.1], 0.35);
  list[slots.trim] = finish([0.075, 0.075, 0.08], 0.1);
  list[slots.headlamp] = finish([0.75, 0.77, 0.8], 0.7);
  list[slots.taillamp] = finish([0.42, 0.03, 0.03], 0.5);
  list[slots.metal] = finish([0.5, 0.5, 0.52], 0.3);
  list[slots.dark] = finish([0.03, 0.03, 0.032]);
  list[slots.light] = finish([0.82, 0.82, 0.8]);
  list[slots.shoes] = finish(t.chance(0.6) ? [0.05, 0.05, 0.06] : [0.8, 0.8, 0.8]);
  list[slots.skin] = finish(varied(t, t.pick(skins), 0.04), 0.05);
  list[slots.hair] = finish(
    t.chance(0.85)
      ? [0.03, 0.026, 0.024]
      : t.pick([
          [0.45, 0.43, 0.42],
          [0.2, 0.11, 0.06],
        ]),
    0.1,
  );
  // Blue plates, and the green ones of electric cars.
  list[slots.plate] = finish(t.chance(0.7) ? [0.1, 0.25, 0.65] : [0.5, 0.75, 0.6], 0.1);
}

function clothes(list: Finish[], t: Throws, rider: boolean): void {
  const uniform = rider && t.chance(0.5) ? t.pick(brights.slice(0, 2)) : undefined;
  list[slots.body] = finish(uniform ?? cloth(t));
  list[slots.second] = finish(
    t.chance(0.7)
      ? varied(
          t,
          t.pick([
            [0.06, 0.07, 0.12],
            [0.09, 0.09, 0.1],
            [0.16, 0.2, 0.32],
            [0.45, 0.41, 0.34],
          ]),
          0.03,
        )
      : cloth(t),
  );
  list[slots.third] = finish(cloth(t));
  list[slots.accent] = finish(uniform ?? (t.chance(0.5) ? t.pick(brights) : cloth(t)), 0.15);
}

function vehicle(list: Finish[], t: Throws, kind: ActorKind): void {
  const work = kind === 'truck' || kind === 'tricycle' || kind === 'minibus' || kind === 'van';
  const twoWheeled = kind === 'ebike' || kind === 'bicycle';
  const bright =
    (kind === 'bus' && t.chance(0.7)) || (work && t.chance(0.25)) || (twoWheeled && t.chance(0.5));
  list[slots.body] = finish(
    varied(t, bright ? t.pick(brights) : paint(t), 0.03),
    kind === 'bicycle' ? 0.3 : t.uniform(0.35, 0.75),
  );
  list[slots.second] = finish(t.chance(0.6) ? varied(t, [0.8, 0.8, 0.79], 0.08) : t.pick(brights), 0.15);
  list[slots.third] = finish(varied(t, [0.5, 0.52, 0.5], 0.25), 0.15);
  list[slots.accent] = finish(t.pick(brights), 0.15);
}

function clutter(list: Finish[], t: Throws, kind: ActorKind): void {
  const card = varied(t, [0.58, 0.44, 0.29], 0.07);
  const wood = varied(t, [0.56, 0.45, 0.32], 0.07);
  const colours: Partial<Record<ActorKind, Finish['rgb']>> = {
    box: card,
    pallet: card,
    bag: t.pick([
      [0.05, 0.05, 0.055],
      [0.75, 0.75, 0.72],
      [0.35, 0.2, 0.12],
      [0.6, 0.1, 0.1],
      [0.15, 0.2, 0.4],
    ]),
    bin: t.pick([
      [0.1, 0.32, 0.16],
      [0.12, 0.2, 0.42],
      [0.22, 0.22, 0.24],
      [0.55, 0.12, 0.1],
    ]),
    sofa: t.pick([
      [0.35, 0.24, 0.17],
      [0.5, 0.5, 0.48],
      [0.3, 0.08, 0.08],
      [0.15, 0.2, 0.3],
    ]),
  };
  list[slots.body] = finish(colours[kind] ?? card, kind === 'bag' ? 0.25 : 0.08);
  list[slots.second] = finish(
    kind === 'sofa' ? varied(t, colours.sofa ?? card, 0.08) : varied(t, [0.72, 0.7, 0.66], 0.15),
  );
  list[slots.third] = finish(wood);
}

/** The palette with lamps lit. */
export function lit(palette: Palette, headlights: boolean, brakes: boolean): Palette {
  if (!headlights && !brakes) return palette;
  const list = [...palette];
  if (headlights) list[slots.headlamp] = finish([1, 0.98, 0.92], 0.2, 1);
  list[slots.taillamp] = finish([1, 0.08, 0.05], 0.2, brakes ? 0.9 : 0.35);
  return list;
}
