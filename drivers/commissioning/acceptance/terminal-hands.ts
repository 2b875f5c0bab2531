import type { Device } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import type { Hands, Seen, Task } from './hands.ts';
import { type Language, text } from './texts.ts';

/** A line that a person types, or `undefined` when there is no more (end of input). */
export type Ask = (question: string) => Promise<string | undefined>;

/** An installer at a terminal: told what to do, and presses Enter in the moment of doing it. */
export class TerminalHands implements Hands {
  readonly #ask: Ask;
  readonly #language: Language;
  readonly #clock: Clock;

  constructor(ask: Ask, language: Language, clock: Clock) {
    this.#ask = ask;
    this.#language = language;
    this.#clock = clock;
  }

  async act({ of, contact, on }: Task): Promise<number | undefined> {
    const thing = contact === 'signal' && 'channel' in of ? `signal-${of.kind}` : `contact-${contact}`;
    const what = text(this.#language, `ask.${thing}-${on ? 'on' : 'off'}`, { name: of.name[this.#language] });
    const answer = await this.#ask(`${what} ${text(this.#language, 'ask.enter')}`);
    return answer === undefined || /^s/i.test(answer) ? undefined : this.#clock.monotonicMs();
  }

  async see(device: Device, action: string): Promise<Seen> {
    const what = text(this.#language, `ask.see-${action}`, { name: device.name[this.#language] });
    const answer = await this.#ask(`${what} ${text(this.#language, 'ask.yes-no')}`);
    if (answer === undefined || /^s/i.test(answer)) return 'not-asked';
    return /^(n|否|不)/i.test(answer) ? 'no' : 'yes';
  }
}
