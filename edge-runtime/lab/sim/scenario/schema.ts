import { z } from 'zod';
import { actorKinds } from '../world.ts';

/**
 * The scenario language, i.e. the content of a scenario file. Metres, seconds, degrees. Degrees of heading
 * count from east (+x) towards south (+z). Points are `[x, z]` or the name of a place of the layout, which
 * stands for its middle.
 */

const seconds = z.number().min(0).max(600);
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'must be lower case letters, digits and "-"');
const place = name.describe('A place of the layout');

const Point = z.union([z.tuple([z.number().min(-120).max(120), z.number().min(-120).max(120)]), place], {
  error: 'must be [x, z] in metres or the name of a place',
});
export type Point = z.infer<typeof Point>;

const Move = z.union(
  [
    z.array(Point).min(1).max(20),
    z.strictObject({ through: z.array(Point).min(1).max(20), speedMps: z.number().min(0.2).max(15) }),
  ],
  { error: 'must be a list of points, or {through: a list of points, speedMps: 0.2 to 15}' },
);

/**
 * Staying in one spot. `from` and `to` are exact: an actor that comes is there by `from` and sets off at
 * `to`.
 */
const Stay = z.strictObject({
  in: place.optional().describe('It stands in this place: what the oracle goes by'),
  partlyIn: place.optional().describe('Only part of it reaches into this place, its middle does not'),
  at: Point.optional().describe('For who is there from the start; else it is where the last move ended'),
  headingDeg: z.number().min(-360).max(360).optional(),
  from: z.union([seconds, z.literal('start')], { error: 'must be seconds or "start"' }),
  to: z.union([seconds, z.literal('end')], { error: 'must be seconds or "end"' }),
  gathering: name.optional().describe('People of one gathering stand together'),
  radiusM: z.number().min(0.3).max(10).optional().describe('How far who loiters strays'),
});
export type Stay = z.infer<typeof Stay>;

const stepKeys = [
  'enters',
  'drives',
  'shifts',
  'advances',
  'reverses',
  'walks',
  'stands',
  'waits',
  'loiters',
  'sits',
  'crouches',
  'lies',
] as const;
export type StepKey = (typeof stepKeys)[number];

const Step = z
  .strictObject({
    enters: z
      .union([Point, z.strictObject({ from: Point, at: seconds })], {
        error: 'must be a point, or {from: a point, at: seconds}',
      })
      .optional(),
    drives: Move.optional(),
    shifts: Move.optional().describe('Drives, but stays within the place it stands in'),
    advances: Move.optional().describe('Moves up in a queue: stays within the place, and stands anew'),
    reverses: Move.optional(),
    walks: Move.optional(),
    stands: Stay.optional(),
    waits: Stay.optional(),
    loiters: Stay.optional(),
    sits: Stay.optional(),
    crouches: Stay.optional(),
    lies: Stay.optional(),
  })
  .refine((step) => Object.values(step).filter((value) => value !== undefined).length === 1, {
    error: `must be exactly one of ${stepKeys.join(', ')}`,
  });
export type Step = z.infer<typeof Step>;

const Actor = z.strictObject({
  id: name,
  kind: z.enum(actorKinds),
  look: z.int().min(0).max(0x7fff_ffff).optional().describe('Seeds build and colours; from the id if absent'),
  rider: z.boolean().optional(),
  carries: z.boolean().default(false).describe('A person with a bag, or an umbrella in the rain'),
  carriesUntilS: seconds.optional().describe('When it puts down what it carries'),
  headlights: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe('auto: on while it drives at dusk or night'),
  script: z.array(Step).min(1).max(40),
});
export type ActorScript = z.infer<typeof Actor>;

const Gathering = z.strictObject({
  at: Point,
  radiusM: z.number().min(0.3).max(12),
  from: seconds.describe('The first is there'),
  arriveOverS: seconds.default(0).describe('The last is there so much later'),
  to: seconds.describe('The first leaves'),
  leaveOverS: seconds.default(0).describe('The last leaves so much later'),
  gathering: name.default('gathering').describe('Those of one name stand together'),
});

const Crowd = z.strictObject({
  id: name,
  people: z.int().min(1).max(60),
  in: place,
  comes: z.array(Point).min(1).max(12).describe('Where they come from, in turn'),
  goes: z.array(Point).min(1).max(12).describe('Where they go, in turn'),
  gathers: z.array(Gathering).min(1).max(6),
});
export type Crowd = z.infer<typeof Crowd>;

const Flow = z.strictObject({
  id: name,
  people: z.int().min(1).max(60),
  from: seconds.describe('The first sets off'),
  everyS: z.number().min(0.1).max(60),
  through: z.array(Point).min(2).max(12),
  spreadM: z.number().min(0).max(8).default(1).describe('How far to either side of the way they walk'),
});
export type Flow = z.infer<typeof Flow>;

const count = z.int().min(1).max(100);
const dwell = z.number().min(1).max(3600);

/**
 * Further settings of the product's rule. The oracle does not read them, so none of them may decide that an
 * incident comes, or its time.
 */
const settings = z.record(z.string(), z.unknown()).default({});
const Counts = z
  .array(z.enum(['car', 'truck', 'motorcycle']))
  .min(1)
  .default(['car', 'truck']);

/** The part of a rule that the oracle must know. */
const Rule = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('illegal-parking'),
    counts: Counts,
    violationAfterS: dwell,
    clearAfterS: dwell,
    settings,
  }),
  z.strictObject({
    kind: z.literal('fire-passage'),
    counts: Counts,
    alarmAfterS: dwell,
    objectAfterS: dwell.describe('The same for things left behind'),
    clearAfterS: dwell,
    settings,
  }),
  z.strictObject({ kind: z.literal('crowd'), people: count, forS: dwell, clearAfterS: dwell, settings }),
  z.strictObject({
    kind: z.literal('gate-congestion'),
    vehicles: count,
    forS: dwell,
    clearAfterS: dwell,
    settings,
  }),
]);
export type ScenarioRule = z.infer<typeof Rule>;
export type RuleKind = ScenarioRule['kind'];

const Zone = z.strictObject({
  place,
  name: z.strictObject({ 'zh-CN': z.string().min(1).max(60), en: z.string().min(1).max(60) }),
  rules: z.array(Rule).min(1).max(4),
});
export type ScenarioZone = z.infer<typeof Zone>;

const share = z.number().min(0).max(1);

export const Scenario = z.strictObject({
  about: z.string().min(1).max(300),
  layout: name,
  camera: name.describe('A camera of the layout'),
  seed: z.int().min(0).max(0x7fff_ffff),
  durationS: z.number().min(10).max(300),
  fps: z.number().min(1).max(25).default(5),
  size: z.tuple([z.int().min(160).max(1920), z.int().min(90).max(1080)]).default([640, 360]),
  /** In the repository as a clip with its labels; all others are rendered on demand. */
  committed: z.boolean().default(false),
  light: z.strictObject({
    time: z.enum(['day', 'dusk', 'night']),
    sunAzimuthDeg: z.number().min(-360).max(360).default(120),
    sunHeightDeg: z.number().min(0).max(90).default(50),
    clouds: share.default(0.2),
    rain: share.default(0),
    wind: share.default(0.3),
    lamps: z.boolean().default(false),
    flicker: share.default(0).describe('Share of the time in which the lamps fail'),
  }),
  picture: z
    .strictObject({
      shakePx: z.number().min(0).max(20).default(0),
      noise: z.number().min(0).max(40).default(2),
      exposure: z.number().min(0.3).max(3).default(1),
      distortion: z.number().min(0).max(0.15).default(0),
      infrared: z.boolean().default(false),
    })
    .prefault({}),
  zones: z.array(Zone).min(1).max(8),
  actors: z.array(Actor).max(60).default([]),
  crowds: z.array(Crowd).max(8).default([]),
  flows: z.array(Flow).max(8).default([]),
  /**
   * For each barrier of the layout, when its arm begins to rise or fall; it takes 3 s and is down at the
   * start.
   */
  arms: z.array(z.array(z.strictObject({ at: seconds, up: z.boolean() })).max(20)).default([]),
});
export type Scenario = z.infer<typeof Scenario>;
