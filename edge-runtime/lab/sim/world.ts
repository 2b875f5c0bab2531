/**
 * The parts of the simulated compound: the contract between the code that decides what happens (`scenario`,
 * `layout`) and the code that draws it (`page`, `render`). Plain data; metres, seconds, radians.
 *
 * Ground plane: x to the east, z to the south, y up. Heading 0 looks along +x, a quarter turn (+pi/2) along
 * +z.
 */

/** A point on the ground, [x, z]. */
export type Ground = readonly [x: number, z: number];
/** A point in space, [x, y, z]. */
export type Space = readonly [x: number, y: number, z: number];

/**
 * Things that may move or be put down. `tricycle` is a delivery tricycle (三轮车), `ebike` an electric
 * two-wheeler with its rider or without.
 */
export const actorKinds = [
  'sedan',
  'hatchback',
  'suv',
  'van',
  'minibus',
  'truck',
  'bus',
  'tricycle',
  'ebike',
  'bicycle',
  'person',
  'box',
  'bag',
  'bin',
  'pallet',
  'sofa',
] as const;
export type ActorKind = (typeof actorKinds)[number];

/** A label's class for an actor: the detector's four classes, and `clutter`, which no detector is taught. */
export type LabelClass = 'person' | 'car' | 'truck' | 'motorcycle' | 'clutter';

/**
 * Vans, minibuses and buses are `truck`, everything on two or three wheels `motorcycle`: the rules tell these
 * apart.
 */
export const labelClassOf: Readonly<Record<ActorKind, LabelClass>> = {
  sedan: 'car',
  hatchback: 'car',
  suv: 'car',
  van: 'truck',
  minibus: 'truck',
  truck: 'truck',
  bus: 'truck',
  tricycle: 'motorcycle',
  ebike: 'motorcycle',
  bicycle: 'motorcycle',
  person: 'person',
  box: 'clutter',
  bag: 'clutter',
  bin: 'clutter',
  pallet: 'clutter',
  sofa: 'clutter',
};

/**
 * An actor in the world. `look` seeds build, colours and clothing; a rider is labelled as a person of its
 * own.
 */
export interface Actor {
  readonly id: string;
  readonly kind: ActorKind;
  readonly look: number;
  /** Only ebike, bicycle and tricycle. */
  readonly rider?: boolean;
}

/** An actor at one moment; absent from a frame's list while it is not in the world. */
export interface Pose {
  readonly id: string;
  readonly at: Ground;
  /** Height of its foot above the ground, for an actor that lies on something; 0 if absent. */
  readonly liftM?: number;
  readonly headingRad: number;
  /** Signed, along the heading; wheels turn by it. */
  readonly speedMps: number;
  /**
   * Walked or driven so far, metres: phase of limbs and wheels, so that a pose depends on nothing before it.
   */
  readonly travelledM: number;
  readonly posture?: 'upright' | 'sitting' | 'crouching';
  /** 0 no carried thing; else seeds one (bag, umbrella in rain, box). */
  readonly carries?: number;
  readonly headlights?: boolean;
  readonly brakeLights?: boolean;
}

/** Things that stand still in a compound. Sizes are [x, y, z] extents before `headingRad` turns them. */
export type Fixture =
  | {
      readonly kind: 'building';
      readonly at: Ground;
      readonly size: Space;
      readonly headingRad: number;
      readonly look: number;
      readonly doors?: readonly Ground[];
    }
  | {
      readonly kind: 'wall' | 'hedge' | 'fence';
      readonly from: Ground;
      readonly to: Ground;
      readonly heightM: number;
      readonly look: number;
    }
  | { readonly kind: 'tree' | 'bush'; readonly at: Ground; readonly heightM: number; readonly look: number }
  | {
      readonly kind: 'lamp' | 'bollard' | 'sign' | 'hydrant' | 'bench' | 'bin-row' | 'guard-house';
      readonly at: Ground;
      readonly headingRad: number;
      readonly look: number;
    }
  | {
      readonly kind: 'barrier-gate';
      /** The post; the arm, when down, points along the heading. */
      readonly at: Ground;
      readonly headingRad: number;
      readonly armM: number;
    };

/** Surfaces painted or laid on the ground. */
export type Surface =
  | {
      readonly kind: 'asphalt' | 'paving' | 'grass' | 'concrete' | 'brick';
      readonly polygon: readonly Ground[];
      readonly look: number;
    }
  | { readonly kind: 'kerb'; readonly line: readonly Ground[]; readonly heightM: number }
  /** Yellow border, hatching, and 「消防车道 禁止占用」 along its longer side. */
  | { readonly kind: 'fire-lane'; readonly polygon: readonly Ground[] }
  /** White (or yellow) bay lines. */
  | { readonly kind: 'bay'; readonly polygon: readonly Ground[]; readonly look: number }
  | {
      readonly kind: 'stain' | 'puddle' | 'manhole' | 'crack' | 'arrow';
      readonly at: Ground;
      readonly radiusM: number;
      readonly headingRad: number;
      readonly look: number;
    };

export interface Layout {
  readonly name: string;
  readonly fixtures: readonly Fixture[];
  readonly surfaces: readonly Surface[];
  /**
   * Named ground polygons (convex) that scenarios speak of: `fire-lane`, `no-parking`, `plaza`, `gate-lane`,
   * `bay-1`, …
   */
  readonly places: Readonly<Record<string, readonly Ground[]>>;
}

export interface Light {
  readonly time: 'day' | 'dusk' | 'night';
  /** Sun (or moon): azimuth from +x towards +z, height above the horizon. */
  readonly sunAzimuthRad: number;
  readonly sunHeightRad: number;
  /** 0 clear to 1 overcast: overcast has no hard shadows. */
  readonly clouds: number;
  /** 0 none to 1 heavy: streaks, wet ground, dim. */
  readonly rain: number;
  /** 0 still to 1 strong: moves leaves and their shadows. */
  readonly wind: number;
  readonly lamps: boolean;
}

export interface View {
  readonly at: Space;
  readonly lookAt: Space;
  /** Vertical angle of view. */
  readonly fovRad: number;
  readonly rollRad: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Amplitude of the pole's sway, in pixels of the picture. */
  readonly shakePx: number;
  /** Sensor noise, standard deviation in grey levels; more of it at night by the scenario's choice. */
  readonly noise: number;
  /** 1 as measured; below and above, under- and overexposed. */
  readonly exposure: number;
  /**
   * Barrel distortion k of the lens, 0 none, at most 0.15. Measured from the picture's middle in focal
   * lengths: a point that a lens without it would show at x is shown at x' where x = x' (1 + k |x'|^2). The
   * focal length, in pixels, is heightPx / 2 / tan(fovRad / 2).
   */
  readonly distortion: number;
  /** Infrared night picture: grey. */
  readonly infrared: boolean;
}

/**
 * Everything that does not change while a clip lasts. The same world and poses draw the same picture,
 * whatever came before.
 */
export interface World {
  /** Seeds noise, leaves, rain. */
  readonly seed: number;
  readonly layout: Layout;
  readonly light: Light;
  readonly view: View;
  readonly actors: readonly Actor[];
}

/** The world at one moment. */
export interface Moment {
  readonly tS: number;
  readonly poses: readonly Pose[];
  /** Heights of barrier arms, 0 to 1, in the order of the layout's gates. */
  readonly arms: readonly number[];
  /** How bright the lamps are, 0 out to 1; absent: 1. */
  readonly lamps?: number;
}

/** A box in pixels of the picture. */
export interface PixelBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/**
 * The renderer's measurements of one actor (a rider is `<actor>/rider`) in one picture, from its own pixels.
 */
export interface Label {
  readonly id: string;
  readonly class: LabelClass;
  readonly kind: ActorKind;
  /** Box of the seen part. */
  readonly box: PixelBox;
  /** Of all of it that lies within the picture, seen or hidden by others. */
  readonly whole: PixelBox;
  /** Seen pixels / pixels it would have unhidden and uncut by the picture's edge, 0 to 1. */
  readonly visible: number;
  /** True if the picture's edge cuts it. */
  readonly cut: boolean;
}

/** One line of a `.labels.jsonl` file. */
export interface LabelFrame {
  readonly frame: number;
  readonly tS: number;
  readonly labels: readonly Label[];
}
