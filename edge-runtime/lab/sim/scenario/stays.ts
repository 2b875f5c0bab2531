import { type ActorKind, type LabelClass, labelClassOf } from '../world.ts';
import type { ActorScript, Stay, Step } from './schema.ts';

/** That an actor stays somewhere, as its script states it; seconds. */
export interface StatedStay {
  readonly actor: string;
  readonly kind: ActorKind;
  readonly class: LabelClass;
  readonly place: string;
  /** Only part of it reaches into the place. */
  readonly partly: boolean;
  readonly gathering: string | undefined;
  readonly fromS: number;
  /** Infinity: it stays beyond the end. */
  readonly toS: number;
  /** Since the stay before it only shifted within the place. */
  readonly shifted: boolean;
}

/** The stay that a step states, if it is one. */
export function stayOf(step: Step): Stay | undefined {
  return step.stands ?? step.waits ?? step.loiters ?? step.sits ?? step.crouches ?? step.lies;
}

/** Every stay that scripts state to be in, or partly in, a place. */
export function statedStays(cast: readonly ActorScript[]): StatedStay[] {
  return cast.flatMap(staysOf);
}

function staysOf(actor: ActorScript): StatedStay[] {
  return actor.script.flatMap((step, i): StatedStay[] => {
    const stay = stayOf(step);
    const place = stay?.in ?? stay?.partlyIn;
    if (!stay || place === undefined) return [];
    return [
      {
        actor: actor.id,
        kind: actor.kind,
        class: labelClassOf[actor.kind],
        place,
        partly: stay.in === undefined,
        gathering: stay.gathering,
        fromS: stay.from === 'start' ? 0 : stay.from,
        toS: stay.to === 'end' ? Number.POSITIVE_INFINITY : stay.to,
        shifted: actor.script[i - 1]?.shifts !== undefined,
      },
    ];
  });
}
