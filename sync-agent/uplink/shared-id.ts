import { type HealthFault, healthFault } from '@gatehouse/contracts';
import { type Clock, isoWithOffset } from '@gatehouse/kit';

/** Without another sign of it for so long it is over: two that both run meet within a minute. */
const overAfterMs = 10 * 60_000;

/** How this side knows that another box, or another program, uses this box's id. */
export type SharedIdSign =
  /**
   * The broker said that another client took the connection, or closed it again and again soon after it was
   * up.
   */
  | 'connection'
  /** The platform hears two starts side by side. */
  | 'twin'
  /** The platform refused an event under a number of this store that this store never sent. */
  | 'foreign';

const said: Readonly<Record<SharedIdSign, string>> = {
  connection: 'the broker gives its connection to another client of this id',
  twin: 'the platform hears two boxes of this id side by side',
  foreign: 'the platform has refused events under this id that this box did not send',
};

/** Remembers signs that this box is not alone under its id, until there has been none for ten minutes. */
export class SharedId {
  readonly #box: string;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #sign: SharedIdSign | undefined;
  #sinceMs = 0;
  #lastMs = 0;

  constructor(box: string, clock: Clock, onChange: () => void) {
    this.#box = box;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  see(sign: SharedIdSign): void {
    const isOver = this.#isOver();
    this.#lastMs = this.#clock.monotonicMs();
    if (isOver) {
      this.#sign = sign;
      this.#sinceMs = this.#lastMs;
      this.#onChange();
    }
  }

  /** Told while it lasts. */
  health(): HealthFault[] {
    if (this.#sign === undefined || this.#isOver()) return [];
    const since = isoWithOffset(this.#clock.epochMs() - (this.#clock.monotonicMs() - this.#sinceMs));
    const values = { id: this.#box, since, sign: said[this.#sign] };
    return [healthFault('platform', 'UPLINK_ID_SHARED', values)];
  }

  #isOver(): boolean {
    return this.#sign === undefined || this.#clock.monotonicMs() - this.#lastMs > overAfterMs;
  }
}
