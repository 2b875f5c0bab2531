import type { SensorState, Site } from '@gatehouse/contracts';
import { agedNow, type Clock, LastHeard, type Log } from '@gatehouse/kit';
import { Hub } from '../hub.ts';

/** After two refreshes without an answer the drivers hang, and their last values no longer count. */
const silentAfterMs = 5_000;

/** The states of the site's sensors. While drivers are away or silent no value is known. */
export class SensorStates {
  readonly changes: Hub<SensorState>;
  readonly #known = new Map<string, LastHeard<SensorState>>();

  /** `watchClock`: measures the drivers' silence; see `ProcessorMonitor.clock`. */
  constructor({ sensors }: Site, clock: Clock, log: Log, watchClock = clock) {
    this.changes = new Hub((error) => log.error('sensor-listener-failed', { error }));
    for (const { id, name, pollS } of sensors) {
      const starting: SensorState = { id, name, pollS, comms: 'starting', values: [] };
      this.#known.set(id, new LastHeard(starting, { clock, watchClock }));
    }
  }

  get size(): number {
    return this.#known.size;
  }

  list(): SensorState[] {
    return [...this.#known.values()].map(agedNow);
  }

  /** Takes the drivers' report of one sensor. */
  take(state: SensorState): void {
    this.#set(state);
  }

  /** The drivers are away. */
  loseAll(): void {
    for (const state of this.list()) this.#lose(state);
  }
  loseSilent(): void {
    for (const heard of this.#known.values()) if (heard.silentMs > silentAfterMs) this.#lose(agedNow(heard));
  }

  #lose(state: SensorState): void {
    if (state.comms !== 'ok') return;
    const values = state.values.map(({ value: _value, meaning: _meaning, ...kept }) => ({
      ...kept,
      state: 'unknown' as const,
    }));
    this.#set({ ...state, comms: 'lost', values });
  }

  #set(state: SensorState): void {
    const known = this.#known.get(state.id);
    if (!known) return;
    known.hear(state);
    this.changes.publish(state);
  }
}
