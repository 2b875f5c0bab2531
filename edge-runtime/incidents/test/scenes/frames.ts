/** The frames of a script, as a tracker would tell them. Imports nothing of the product (see script.ts). */
import { crossMomentS, crossS, crossX, inside, type Script, slotSize, slots, visible } from './script.ts';

export interface SceneBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}
export interface SceneTrack {
  readonly id: number;
  readonly class: 'car' | 'truck' | 'bus' | 'person' | 'bicycle' | 'motorcycle' | 'object';
  readonly score: number;
  readonly box: SceneBox;
  readonly seen: boolean;
  readonly still: boolean;
  readonly moved?: number;
  readonly sinceMs?: number;
}
/** How much a place where a track stood still looks as it did then. */
export interface ScenePlace {
  readonly track: number;
  readonly box: SceneBox;
  readonly like: number;
}
export interface SceneFrame {
  readonly atMs: number;
  /** The box was restarted before this frame. */
  readonly restarted: boolean;
  readonly tracks: readonly SceneTrack[];
  readonly places?: readonly ScenePlace[];
}

export function* framesOf(script: Script): Generator<SceneFrame> {
  const random = lcg(script.seed);
  const ids = new Ids();
  let lastS = Number.NEGATIVE_INFINITY;
  for (let i = 0; i / script.fps < script.endS; i++) {
    const t = i / script.fps;
    if (script.pauses.some((pause) => inside(t, pause))) continue;
    const since = { fromS: lastS, toS: t };
    const restarted = script.pauses.some(({ restart, toS }) => restart && lastS < toS && toS <= t);
    if (restarted) ids.reset();
    for (const { visit, atS } of script.idChanges) if (inside(atS, since)) ids.renew(`visit ${visit}`);
    script.passes.forEach(({ atS, swapWith }, p) => {
      const slot = swapWith === null ? undefined : script.visits[swapWith]?.slot;
      if (slot !== undefined && inside(crossMomentS(atS, slot), since))
        ids.swap(`pass ${p}`, `visit ${swapWith}`);
    });
    lastS = t;
    yield {
      atMs: Math.round(t * 1000),
      restarted,
      tracks: shuffled(tracksAt(script, t, ids, random), random),
    };
  }
}

function tracksAt(script: Script, t: number, ids: Ids, random: () => number): SceneTrack[] {
  const tracks: SceneTrack[] = [];
  const put = (name: string, x: number, y: number, width: number, height: number) => {
    const noise = () => (random() - 0.5) * 2 * script.jitter * slotSize;
    const box = cut(x + noise(), y + noise(), x + width + noise(), y + height + noise());
    const objectClass = random() < 0.8 ? 'car' : 'truck';
    const score = 0.5 + 0.4 * random();
    if (box) tracks.push({ id: ids.of(name), class: objectClass, score, box, seen: true, still: false });
  };
  script.visits.forEach((visit, v) => {
    const slot = slots[visit.slot];
    if (!slot || !visible(script, v, t)) return;
    const awayS = Math.max(0, visit.arriveS - t, t - visit.leaveS);
    put(`visit ${v}`, slot.left, slot.top - slotSize * awayS, slotSize, slotSize);
  });
  script.passes.forEach(({ atS }, p) => {
    if (t >= atS && t <= atS + crossS) put(`pass ${p}`, crossX(atS, t) - 0.1, 0.5, 0.2, 0.3);
  });
  script.blocks.forEach((block, b) => {
    if (inside(t, block)) put(`block ${b}`, (slots[block.slot]?.left ?? 0) - 0.025, 0.5, 0.2, 0.3);
  });
  return tracks;
}

/** Track ids as a tracker deals them: rising, one an object until something confuses it. */
export class Ids {
  readonly #known = new Map<string, number>();
  #next = 1;
  of(name: string): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#known.set(name, this.#next);
    return this.#next++;
  }
  renew(name: string): void {
    this.#known.delete(name);
  }
  swap(a: string, b: string): void {
    const [idOfA, idOfB] = [this.of(a), this.of(b)];
    this.#known.set(a, idOfB).set(b, idOfA);
  }
  reset(): void {
    this.#known.clear();
    this.#next = 1;
  }
}

export function cut(x1: number, y1: number, x2: number, y2: number): SceneBox | undefined {
  const c = (v: number) => Math.min(1, Math.max(0, v));
  const box = { x1: c(x1), y1: c(y1), x2: c(x2), y2: c(y2) };
  return box.x2 - box.x1 > 0.01 && box.y2 - box.y1 > 0.01 ? box : undefined;
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** The linear congruential generator of Numerical Recipes. */
export function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
