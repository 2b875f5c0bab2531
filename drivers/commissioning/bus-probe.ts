import { type Clock, sleep } from '@gatehouse/kit';
import type { LineHabits, Link } from '../bus/link.ts';
import type { Exchange, ReadRequest } from '../bus/request.ts';

/**
 * A bus of one's own, asked by hand: one read at a time, and nothing else. Only for a bus that no service
 * holds.
 */
export class BusProbe {
  readonly #openLink: () => Link;
  readonly #clock: Clock;
  #link: Link | undefined;

  constructor(openLink: () => Link, clock: Clock) {
    this.#openLink = openLink;
    this.#clock = clock;
  }

  /** Throws `BUS_*`; waits as long as an earlier reply of this unit may still come. */
  async read(request: ReadRequest): Promise<Exchange> {
    const link = await this.#ready();
    const restMs = link.restMs(request.unit);
    if (restMs > 0) await sleep(this.#clock, Math.ceil(restMs));
    return link.exchange(request);
  }

  /** Behaviour of the line besides its answers; nothing on Modbus TCP, or before the first read. */
  get habits(): LineHabits | undefined {
    return this.#link?.habits;
  }

  close(): void {
    this.#link?.close();
    this.#link = undefined;
  }

  async #ready(): Promise<Link> {
    if (this.#link && !this.#link.mustReopen) return this.#link;
    this.close();
    const link = this.#openLink();
    await link.open();
    this.#link = link;
    return link;
  }
}
