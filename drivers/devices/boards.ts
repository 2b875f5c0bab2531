import type { Device, Input, Site } from '@gatehouse/contracts';
import { type Clock, GatehouseError } from '@gatehouse/kit';
import type { FieldBus } from '../bus/field-bus.ts';
import {
  type Catalogue,
  deviceProblems,
  holdProblems,
  inputProblems,
  type Profile,
  sensorProblems,
} from '../profiles/index.ts';
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

  /** The board that something is wired to. Throws `SITE_DEVICE_INVALID` where two profiles are named for one. */
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
    if (board.profile.boardId !== profile.boardId)
      throw siteError(id, `bus ${busId} unit ${unit} already has profile ${board.profile.id}`);
    this.#made.set(key, board);
    return board;
  }
}

/** Throws `SITE_DEVICE_INVALID` naming the first thing of a site that its boards cannot do. */
export function refuseImpossible(site: Site, catalogue: Catalogue): void {
  const { boards, sensors } = catalogue;
  const [wrong] = [
    ...[deviceProblems, holdProblems, inputProblems].flatMap((check) => check(site, boards)),
    ...sensorProblems(site, sensors),
  ];
  if (!wrong) return;
  const used = [...site.devices, ...site.inputs, ...site.sensors].find(({ id }) => id === wrong.device);
  const broken = catalogue.broken.get(used?.profile ?? '');
  throw broken ?? siteError(wrong.device, `${wrong.path.join('.')}: ${wrong.message}`);
}

function siteError(device: string, what: string): GatehouseError {
  return new GatehouseError(
    'SITE_DEVICE_INVALID',
    'input',
    `device ${device}: ${what}.`,
    'Correct the site file.',
  );
}
