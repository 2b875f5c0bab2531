import { type ConfigurePart, partsOf } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import { byOf, type ConfigurablePart, type Update } from './part.ts';
import type { Fault } from './rollback-watch.ts';
import type { Current, Kept } from './state-file.ts';

/** The parts that a version has, as one. */
export class Parts {
  readonly #all: Readonly<Record<ConfigurePart, ConfigurablePart>>;
  constructor(all: Readonly<Record<ConfigurePart, ConfigurablePart>>) {
    this.#all = all;
  }

  /** The code that says why a version does not fit this box; `undefined` if it does. */
  unfit(kept: Kept): string | undefined {
    try {
      for (const [, part] of this.#of(kept)) part.check(updateOf(kept));
    } catch (error) {
      return codeOf(error);
    }
    return undefined;
  }

  async base(kept: Kept): Promise<NonNullable<Current['base']>> {
    const base: NonNullable<Current['base']> = {};
    for (const [name, part] of this.#of(kept)) base[name] = await part.base(updateOf(kept));
    return base;
  }

  async apply(current: Current): Promise<void> {
    for (const [name, part] of this.#of(current)) await part.apply(updateOf(current), current.base?.[name]);
  }

  async undo(current: Current): Promise<void> {
    for (const [name, part] of this.#of(current))
      if (current.base) await part.undo(updateOf(current), current.base[name]);
  }

  async release(kept: Kept): Promise<void> {
    for (const [, part] of this.#of(kept)) await part.release(updateOf(kept));
  }

  async faults(current: Current): Promise<Fault[]> {
    const found: Fault[] = [];
    for (const [name, part] of this.#of(current))
      found.push(...(await part.faults(updateOf(current), current.base?.[name])));
    return found;
  }

  /**
   * True if the wrong content is in place. The right one is the version once it is applied, and before that
   * the content that it is to replace.
   */
  async areEdited(current: Current, applied: boolean): Promise<boolean> {
    for (const [name, part] of this.#of(current)) {
      const standing = await part.standing(updateOf(current), current.base?.[name]);
      if (standing === 'edited' || (applied && standing === 'before')) return true;
    }
    return false;
  }

  #of({ parts }: Kept): [ConfigurePart, ConfigurablePart][] {
    return partsOf(parts).map((name) => [name, this.#all[name]]);
  }
}

/** The stable code of an error, as the platform gets it. */
export function codeOf(error: unknown): string {
  return error instanceof GatehouseError ? error.code : 'INTERNAL';
}

function updateOf(kept: Kept): Update {
  return { version: kept.version, by: byOf(kept), parts: kept.parts };
}
