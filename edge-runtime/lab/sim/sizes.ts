import type { ActorKind } from './world.ts';

/**
 * Nominal extents of an actor in metres: along its heading, upwards, sideways. A drawn actor may differ by a
 * tenth.
 */
export interface Extent {
  readonly lengthM: number;
  readonly heightM: number;
  readonly widthM: number;
}

const extent = (lengthM: number, heightM: number, widthM: number): Extent => ({ lengthM, heightM, widthM });

export const sizes: Readonly<Record<ActorKind, Extent>> = {
  sedan: extent(4.7, 1.46, 1.82),
  hatchback: extent(4.1, 1.5, 1.75),
  suv: extent(4.7, 1.72, 1.9),
  van: extent(4.8, 1.95, 1.78),
  minibus: extent(5.4, 2.3, 1.95),
  truck: extent(6.0, 2.7, 2.1),
  bus: extent(9.5, 3.0, 2.45),
  tricycle: extent(2.8, 1.6, 1.1),
  ebike: extent(1.75, 1.1, 0.65),
  bicycle: extent(1.75, 1.05, 0.55),
  person: extent(0.35, 1.7, 0.5),
  box: extent(0.6, 0.45, 0.45),
  bag: extent(0.5, 0.5, 0.4),
  bin: extent(0.6, 1.05, 0.6),
  pallet: extent(1.2, 0.9, 1.0),
  sofa: extent(1.9, 0.85, 0.9),
};
