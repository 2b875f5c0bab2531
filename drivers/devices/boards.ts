import type { Device, Input } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import type { FieldBus } from '../bus/field-bus.ts';
import type { Profile } from '../profiles/index.ts';
import { Board } from './board.ts';

/** The boards of a site, one for each bus and unit, as devices and inputs ask for them. */
export class Boards {
  readonly #made = new Map<string, Board>();
  readonly #buses: ReadonlyMap<string, FieldBus>;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #clock: Clock;

  constructor(buses: ReadonlyMap<string, FieldBus>, profiles: ReadonlyMap<string, Profile>, clock: Clock) {
    this.#buses = buses;
    this.#profiles = profiles;
    this.#clock = clock;
  }

  get all(): ReadonlyMap<string, Board> {
    return this.#made;
  }

  /**
   * The board that something in service is wired to: its profile is known, and no other is named for the
   * board.
   */
  of({
    id,
    bus: busId,
    unit,
    profile: name,
  }: Pick<Device | Input, 'id' | 'bus' | 'unit' | 'profile'>): Board {
    const profile = this.#profiles.get(name);
    const bus = this.#buses.get(busId);
    if (!profile || !bus) throw new Error(`bus ${busId} or profile ${name} of ${id} went unchecked`);
    const key = `${busId}/${unit}`;
    const board = this.#made.get(key) ?? new Board({ bus, unit, profile, clock: this.#clock });
    this.#made.set(key, board);
    return board;
  }
}
