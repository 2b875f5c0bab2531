import type { DetectorFrame, InputShape } from '../detect/detector.ts';
import type { LumaPicture } from '../scene/luma.ts';
import { DebouncedCondition } from './debounced-condition.ts';
import { ViewBaseline, type ViewComparison } from './view-baseline.ts';
import { measureView, type ViewMeasures } from './view-measures.ts';

/** One picture a second is enough for what changes within seconds, milliseconds. */
const measureEveryMs = 950;
/** Longer apart and the two are not one stretch, milliseconds. */
const longestStepMs = 10_000;
/** With this much of the usual edges in place it is the usual scene. */
const stillTheScene = 0.3;
/** Least detail of any scene that a camera can see, before its own usual detail is known: grey levels. */
const leastDetail = 0.15;

/**
 * Whether a camera still sees what it is there to see: covered (hand, spray, cloth, no light at all), blinded
 * (glare), out of focus, turned away. Against a baseline of its own for colour and for infrared pictures, so
 * that dusk is not a moved camera. The baseline is learned while nothing is wrong, over days; it is this
 * service's memory only, and is learned anew after a start.
 */
export class ViewHealth {
  readonly conditions: readonly DebouncedCondition[];
  readonly #covered = new DebouncedCondition({
    name: 'covered',
    trouble: 'below',
    unit: '',
    opens: 0.45,
    clears: 0.6,
    openAfterMs: 5_000,
    clearAfterMs: 3_000,
  });
  readonly #blinded = new DebouncedCondition({
    name: 'blinded',
    trouble: 'above',
    unit: '',
    opens: 0.5,
    clears: 0.3,
    openAfterMs: 5_000,
    clearAfterMs: 3_000,
  });
  readonly #moved = new DebouncedCondition({
    name: 'moved',
    trouble: 'below',
    unit: '',
    opens: 0.2,
    clears: 0.35,
    openAfterMs: 20_000,
    clearAfterMs: 10_000,
  });
  readonly #blurred = new DebouncedCondition({
    name: 'blurred',
    trouble: 'below',
    unit: '',
    opens: 0.3,
    clears: 0.5,
    openAfterMs: 60_000,
    clearAfterMs: 30_000,
  });
  readonly #baselines = { colour: new ViewBaseline(), infrared: new ViewBaseline() };
  #atMs = Number.NEGATIVE_INFINITY;
  #blind = false;

  constructor() {
    this.conditions = [this.#covered, this.#blinded, this.#moved, this.#blurred];
  }

  /**
   * True while nothing in the picture can be judged; at once, and not only once the condition has settled.
   */
  get blind(): boolean {
    return this.#blind || this.#covered.open || this.#blinded.open;
  }

  /** Takes a decoded picture in; frames nearer than a second to the last one are passed over. */
  see(atMs: number, frame: DetectorFrame, input: InputShape, luma: LumaPicture): void {
    const dtMs = atMs - this.#atMs;
    if (dtMs < measureEveryMs) return;
    this.#atMs = atMs;
    this.judge(atMs, Math.min(dtMs, longestStepMs), measureView(frame, input, luma));
  }

  /** A person says that the camera stands as it shall: what it shows from now on is the usual. */
  retakeBaseline(): void {
    this.#baselines.colour = new ViewBaseline();
    this.#baselines.infrared = new ViewBaseline();
    for (const condition of this.conditions) condition.reset();
  }

  /** One measured picture, `dtMs` after the last. */
  judge(atMs: number, dtMs: number, view: ViewMeasures): void {
    const baseline = this.#baselines[view.grey ? 'infrared' : 'colour'];
    const usual = baseline.compare(view);
    const glare = view.white > this.#blinded.terms.opens;
    const detail = glare ? 1 : detailLeft(view, usual);
    this.#covered.see(atMs, detail);
    this.#blinded.see(atMs, view.white);
    this.#blind = glare || detail < this.#covered.terms.opens;
    this.#judgeView(atMs, this.blind ? undefined : usual);
    if (!this.blind && !this.conditions.some(({ open, pending }) => open || pending))
      baseline.learn(view, dtMs);
  }

  #judgeView(atMs: number, usual: ViewComparison | undefined) {
    this.#moved.see(atMs, this.#covered.pending ? undefined : usual?.likeness);
    // Of another scene nothing can be said about its focus.
    this.#blurred.see(atMs, this.#moved.open || this.#moved.pending ? undefined : usual?.sharpness);
  }
}

/**
 * How much there is to see, 1 = as always. While the usual edges are in their places there is enough, however
 * faint (dusk, fog); before a baseline is known only a nearly even picture counts as none.
 */
function detailLeft(view: ViewMeasures, usual: ViewComparison | undefined): number {
  if (!usual) return view.detail < leastDetail ? view.detail / leastDetail / 3 : 1;
  return usual.likeness < stillTheScene ? usual.detail : Math.max(1, usual.detail);
}
