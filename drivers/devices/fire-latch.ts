/** The fire latch: set by any fire input, reset by a person at the box only. Replaced, never changed. */
export interface FireLatch {
  /** Inputs that have set it since the last reset; empty: not latched. */
  readonly setBy: readonly string[];
  /** Present state of each fire input; one that is not listed has not been read yet. */
  readonly inputs: Readonly<Record<string, 'normal' | 'active' | 'unknown'>>;
}

export type FireInput =
  | { readonly type: 'input'; readonly id: string; readonly is: 'normal' | 'active' | 'unknown' }
  | { readonly type: 'reset' };

/** At start: as it was kept, and nothing known of the inputs. */
export function fireLatchAtStart(inputs: readonly string[], setBy: readonly string[]): FireLatch {
  return { setBy, inputs: Object.fromEntries(inputs.map((id) => [id, 'unknown'])) };
}

export function isLatched({ setBy }: FireLatch): boolean {
  return setBy.length > 0;
}

/** Why it cannot be reset now. */
export function resetRefusal({ inputs }: FireLatch): 'FIRE_STILL_ACTIVE' | 'FIRE_INPUT_UNKNOWN' | undefined {
  const states = Object.values(inputs);
  if (states.includes('active')) return 'FIRE_STILL_ACTIVE';
  return states.includes('unknown') ? 'FIRE_INPUT_UNKNOWN' : undefined;
}

/** One step. An input that is lost neither sets nor resets it; a reset that is refused changes nothing. */
export function stepFireLatch(latch: FireLatch, input: FireInput): FireLatch {
  if (input.type === 'reset') return resetRefusal(latch) ? latch : { ...latch, setBy: [] };
  const inputs = { ...latch.inputs, [input.id]: input.is };
  const sets = input.is === 'active' && !latch.setBy.includes(input.id);
  return { inputs, setBy: sets ? [...latch.setBy, input.id] : latch.setBy };
}

/** Inputs in a state, for people. */
export function inputsThatAre({ inputs }: FireLatch, is: 'active' | 'unknown'): string[] {
  return Object.keys(inputs).filter((id) => inputs[id] === is);
}
