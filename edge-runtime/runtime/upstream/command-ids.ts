import { createHmac } from 'node:crypto';

/**
 * Ids of commands as the platform gets them. The asker chooses the id by which a repeat is recognised, so 122
 * bits of his choice would leave the box with each command. So it leaves as a keyed hash. A repeat has the
 * same hash, and nobody can choose a hash without the key, which stays in events.db.
 */
export class CommandIds {
  readonly #key: () => string;
  /** @param key read with each use: a store that is recovered has another */
  constructor(key: () => string) {
    this.#key = key;
  }

  /** A UUID of version 8 (RFC 9562, 5.8). */
  idOf(commandId: string): string {
    const bytes = createHmac('sha256', this.#key()).update(commandId.toLowerCase()).digest().subarray(0, 16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}
