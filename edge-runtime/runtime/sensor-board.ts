import { SensorState, type Site } from '@gatehouse/contracts';
import type { Clock, Log } from '@gatehouse/kit';
import { Hub } from './hub.ts';

/** Two refreshes unanswered: the drivers hang, and what they last said is no longer known. */
const silentAfterMs = 5_000;

/** What is known of the site's sensors; while drivers are away or silent no value is. */
export class SensorBoard {
  readonly changes: Hub<SensorState>;
  readonly #clock: Clock;
  readonly #watchClock: Clock;
  readonly #log: Log;
  readonly #known = new Map<
    string,
    { readonly state: SensorState; readonly heardMs: number; readonly watchMs: number }
  >();

  /** `watchClock`: measures the drivers' silence; see `ProcessorMonitor.clock`. */
  constructor({ sensors }: Site, clock: Clock, log: Log, watchClock = clock) {
    this.#clock = clock;
    this.#watchClock = watchClock;
    this.#log = log;
    this.changes = new Hub((error) => log.error('sensor-listener-failed', { error }));
    for (const { id, name, pollS } of sensors)
      this.#known.set(id, {
        heardMs: clock.monotonicMs(),
        watchMs: watchClock.monotonicMs(),
        state: { id, name, pollS, comms: 'starting', values: [] },
      });
  }

  get size(): number {
    return this.#known.size;
  }

  list(): SensorState[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#known.values()].map(({ state, heardMs }) =>
      state.ageMs === undefined ? state : { ...state, ageMs: state.ageMs + (nowMs - heardMs) },
    );
  }

  /** Takes what the drivers say of one. */
  take(data: unknown): void {
    const parsed = SensorState.safeParse(data);
    if (!parsed.success) this.#log.error('sensor-state-refused', { detail: parsed.error.issues[0]?.message });
    else if (this.#known.has(parsed.data.id)) this.#set(parsed.data);
  }

  /** The drivers are away. */
  loseAll(): void {
    for (const state of this.list()) this.#lose(state);
  }
  loseSilent(): void {
    const nowMs = this.#watchClock.monotonicMs();
    for (const state of this.list())
      if (nowMs - (this.#known.get(state.id)?.watchMs ?? nowMs) > silentAfterMs) this.#lose(state);
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
    this.#known.set(state.id, {
      state,
      heardMs: this.#clock.monotonicMs(),
      watchMs: this.#watchClock.monotonicMs(),
    });
    this.changes.publish(state);
  }
}
