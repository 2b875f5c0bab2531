import { type ActorKind, labelClassOf } from '../world.ts';

/** The motion of a kind of actor. */
export interface Handling {
  /** When the script says nothing. */
  readonly speedMps: number;
  readonly mostMps: number;
  readonly accelMps2: number;
  readonly turnRadiusM: number;
  /** Distance between the axles: the heading is taken over it. */
  readonly chordM: number;
}

const car: Handling = { speedMps: 5.5, mostMps: 14, accelMps2: 2, turnRadiusM: 5, chordM: 2.7 };
const heavy: Handling = { speedMps: 4.5, mostMps: 12, accelMps2: 1.6, turnRadiusM: 6.5, chordM: 3.6 };
const twoWheeler: Handling = { speedMps: 4.5, mostMps: 9, accelMps2: 1.8, turnRadiusM: 2.5, chordM: 1.1 };
const onFoot: Handling = { speedMps: 1.35, mostMps: 3, accelMps2: 1.6, turnRadiusM: 0.6, chordM: 0.4 };

const special: Partial<Record<ActorKind, Handling>> = {
  truck: heavy,
  bus: { ...heavy, turnRadiusM: 8, chordM: 5 },
  tricycle: { ...twoWheeler, speedMps: 3.8, accelMps2: 1.5, turnRadiusM: 3, chordM: 1.8 },
  bicycle: { ...twoWheeler, speedMps: 3.4, accelMps2: 1.2 },
};

/** The motion of this kind; things that are put down do not move. */
export function handlingOf(kind: ActorKind): Handling {
  const labelClass = labelClassOf[kind];
  if (labelClass === 'person' || labelClass === 'clutter') return onFoot;
  return special[kind] ?? (labelClass === 'motorcycle' ? twoWheeler : car);
}
