import { seededRandom } from '@gatehouse/kit';
import { type Moment, type Patch, standing, type Thing } from './painted-scene.ts';

/** A scene drawn at random: what happens in it, and when a thing is left alone (if one is). Seconds. */
export interface RandomScene {
  readonly script: (t: number) => Moment;
  readonly left: { readonly thing: Thing; readonly fromS: number; readonly toS: number } | undefined;
  readonly toS: number;
}

type Between = (low: number, high: number) => number;
/** Adds to a moment. */
type Happening = (t: number, between: Between) => Moment;

/** People walk about, detected; some stand for a while. */
function walkers(random: Between, count: number): Happening[] {
  return Array.from({ length: count }, (_, i) => {
    const [startS, stopS, forS, y, look] = [
      random(0, 60),
      random(3, 10),
      random(0, 40),
      random(0.55, 0.98),
      i,
    ];
    const way = random(0, 1) < 0.5 ? 1 : -1;
    const speed = random(0.04, 0.12);
    return (t) => {
      const walkedS = Math.min(t - startS, stopS) + Math.max(0, t - startS - stopS - forS);
      const x = way > 0 ? -0.05 + speed * walkedS : 1.05 - speed * walkedS;
      const there = t >= startS && x > -0.1 && x < 1.1;
      const height = 0.12 + 0.2 * (y - 0.3);
      return {
        things: there
          ? [{ kind: 'person', look, track: 50 + i, box: standing(x, y, height / 4.5, height) }]
          : [],
      };
    };
  });
}

/** A car that comes, parks and goes. */
function visitor(random: Between): Happening {
  const [comesS, staysS, x, y, look] = [
    random(-30, 40),
    random(10, 80),
    random(0.25, 0.75),
    random(0.6, 0.9),
    7,
  ];
  const size = 0.15 + 0.2 * (y - 0.4);
  return (t) => {
    const goneS = t - comesS - staysS;
    const at = t < comesS ? -9 : goneS < 0 ? Math.min(x, -0.3 + 0.3 * (t - comesS)) : x + 0.3 * goneS;
    return {
      things:
        at > -0.3 && at < 1.3 ? [{ kind: 'car', look, track: 40, box: standing(at, y, size, size) }] : [],
    };
  };
}

const weathers: readonly ((random: Between) => Happening)[] = [
  () => () => ({}),
  (random) => {
    const [atS, gain] = [random(10, 80), random(0.6, 1.6)];
    return (t) => ({ gain: t < atS ? 1 : gain });
  },
  (random) => {
    const [from, to] = [random(0.4, 1.3), random(0.4, 1.3)];
    return (t) => ({ gain: from + (to - from) * Math.min(1, t / 100) });
  },
  (random) => {
    const [atS, x, gain] = [random(5, 90), random(0, 1), random(2, 3.5)];
    return (t) => ({
      gain: 0.35,
      patches: [{ box: standing(x + (t - atS) / 5, 0.9, 0.15, 0.25), gain, soft: 0.12 } satisfies Patch],
    });
  },
  (random) => {
    const amplitude = random(0.5, 1.6);
    return (t) => ({ shift: [amplitude * Math.sin(7.1 * t), amplitude * Math.sin(5.3 * t)] });
  },
  (random) => {
    const [x, y, size] = [random(0.1, 0.8), random(0.15, 0.5), random(0.1, 0.25)];
    return () => ({
      things: [{ kind: 'leaves', look: 4, box: { x1: x, y1: y - size / 2, x2: x + size, y2: y + size / 2 } }],
    });
  },
  (random) => {
    const [atS, x, gain] = [random(10, 80), random(0.1, 0.9), random(0.4, 0.7)];
    return (t) => ({
      patches:
        t < atS ? [] : [{ box: standing(x, random(0.7, 0.7), 0.2, 0.25), gain, soft: random(0.006, 0.006) }],
    });
  },
];

/** A scene of 120 s; with a thing that is left from about 20 s on, or without. */
export function randomScene(seed: number, withThing: boolean): RandomScene {
  const random = seededRandom(seed);
  const between: Between = (low, high) => low + random() * (high - low);
  const weather = weathers[Math.floor(random() * weathers.length)] ?? (() => () => ({}));
  const happenings = [
    ...walkers(between, Math.floor(between(0, 4))),
    ...(random() < 0.5 ? [visitor(between)] : []),
    weather(between),
  ];
  const y = between(0.5, 0.95);
  const height = (0.06 + 0.25 * (y - 0.4)) * between(0.8, 1.4);
  const thing: Thing = {
    kind: random() < 0.6 ? 'carton' : 'bags',
    look: seed,
    box: standing(between(0.1, 0.9), y, height * between(0.6, 1), height),
  };
  const left = withThing ? { thing, fromS: between(12, 30), toS: 100 } : undefined;
  return { left, toS: 120, script: (t) => join(t, happenings, between, left) };
}

function join(
  t: number,
  happenings: readonly Happening[],
  between: Between,
  left: RandomScene['left'],
): Moment {
  const moments = happenings.map((happening) => happening(t, between));
  const there = left && t >= left.fromS && t < left.toS ? [left.thing] : [];
  return {
    ...Object.assign({}, ...moments),
    // Farther things are painted first.
    things: [...moments.flatMap(({ things = [] }) => things), ...there].sort((a, b) => a.box.y2 - b.box.y2),
    patches: moments.flatMap(({ patches = [] }) => patches),
  };
}
