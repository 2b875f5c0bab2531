import { inspect } from 'node:util';

/**
 * A card's number. It names a person, so nothing prints it by accident: text, JSON and debug output show its
 * last two digits only. Whoever compares or hands it on asks for it by `reveal`.
 */
export class CardNumber {
  readonly #hex: string;

  /** Upper-case hexadecimal digits, as the reader sends them. */
  constructor(hex: string) {
    this.#hex = hex;
  }

  reveal(): string {
    return this.#hex;
  }

  equals(other: CardNumber): boolean {
    return this.#hex === other.#hex;
  }

  toString(): string {
    return `${'*'.repeat(this.#hex.length - 2)}${this.#hex.slice(-2)}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
