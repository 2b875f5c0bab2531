import type { NodeRed } from './node-red.ts';

/**
 * Errors of nodes from the moment flows begin to start until they have started. An error in that time means
 * that the flows are wrong. Later a door may be locked or a service away, and that is nobody's mistake.
 */
export class StartErrors {
  count = 0;
  #starting = false;

  follow(red: NodeRed): void {
    red.events.on('flows:starting', () => {
      this.#starting = true;
      this.count = 0;
    });
    red.events.on('flows:started', () => {
      this.#starting = false;
    });
  }

  add(): void {
    if (this.#starting) this.count++;
  }
}
