import type { Clock } from '@gatehouse/kit';
import type { Hands, Task } from './hands.ts';

const answerWithinMs = 3_000;

/**
 * The hands of a rehearsal: a simulator's control address, asked to close and open contacts
 * (`POST /contact {"bus","unit","channel","closed"}`). What it cannot do is not tested.
 */
export class SimulatorHands implements Hands {
  readonly #url: string;
  readonly #clock: Clock;

  /** @param url of the simulator's control port, e.g. `http://127.0.0.1:1503` */
  constructor(url: string, clock: Clock) {
    this.#url = url.replace(/\/$/, '');
    this.#clock = clock;
  }

  async act({ of, contact, bus, unit, channel, on }: Task): Promise<number | undefined> {
    const wiring = 'wiring' in of ? of.wiring : of.contacts[contact as keyof typeof of.contacts]?.wiring;
    const response = await fetch(`${this.#url}/contact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ bus, unit, channel, closed: on === (wiring !== 'normally-closed') }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const doneMs = this.#clock.monotonicMs();
    await response.arrayBuffer();
    return response.ok ? doneMs : undefined;
  }

  async see() {
    return 'not-asked' as const;
  }
}
