/** The plant below a board: told of relay edges, asked for contacts. */
export interface Plant {
  relay(channel: number, on: boolean, atMs: number): void;
  /** Contacts at a time, by input channel; true is closed. */
  contacts(atMs: number): Readonly<Record<number, boolean>>;
  /**
   * A person closes or opens one of its contacts; true where that changes the plant itself (a vehicle on its
   * loop).
   */
  hand?(channel: number, closed: boolean): boolean;
}

/** One accepted write, as an outside observer counts it. */
export interface CoilWrite {
  readonly channel: number;
  readonly value: number;
  readonly pulse: boolean;
  readonly atMs: number;
}

interface Relay {
  on: boolean;
  /** Device-side pulse: when the board releases it by itself. */
  offAtMs: number | undefined;
}

/** The relays and inputs of a board, whatever protocol reaches them. Time is read when somebody asks. */
export class RelayBank {
  readonly relays: number;
  readonly inputs: number;
  readonly writes: CoilWrite[] = [];
  /** Relays whose contact does not move although the board says so. */
  readonly stuck = new Set<number>();
  /** Relays whose contact has welded: once on, they stay on. */
  readonly welded = new Set<number>();
  readonly #plants: readonly Plant[];
  readonly #state: readonly Relay[];
  /** Inputs that a person has closed or opened by hand. */
  readonly #byHand = new Map<number, boolean>();
  readonly #now: () => number;

  constructor(plants: readonly Plant[], size: { relays: number; inputs: number }, now: () => number) {
    this.#plants = plants;
    this.relays = size.relays;
    this.inputs = size.inputs;
    this.#state = Array.from({ length: size.relays }, () => ({ on: false, offAtMs: undefined }));
    this.#now = now;
  }

  /** Switches a relay; with `pulseMs` the board releases it by itself. */
  write(channel: number, on: boolean, value: number, pulseMs?: number): void {
    const atMs = this.#now();
    this.writes.push({ channel, value, pulse: pulseMs !== undefined, atMs });
    this.#set(channel, on, atMs);
    const relay = this.#state[channel];
    if (relay) relay.offAtMs = pulseMs === undefined ? undefined : atMs + pulseMs;
  }

  relayOn(channel: number): boolean {
    this.releaseDue();
    return this.#state[channel]?.on ?? false;
  }

  relayBits(): boolean[] {
    this.releaseDue();
    return this.#state.map(({ on }) => on);
  }

  inputBits(): boolean[] {
    this.releaseDue();
    const atMs = this.#now();
    const closed = Object.assign({}, ...this.#plants.map((plant) => plant.contacts(atMs)));
    return Array.from({ length: this.inputs }, (_, i) => this.#byHand.get(i) ?? closed[i] === true);
  }

  /** A person's hand on an input: it stays so, whatever the plants do, until the next hand. */
  hand(channel: number, closed: boolean): void {
    if (!this.#plants.some((plant) => plant.hand?.(channel, closed))) this.#byHand.set(channel, closed);
  }

  /** Every relay drops. */
  powerOff(): void {
    const atMs = this.#now();
    for (const channel of this.#state.keys()) this.#set(channel, false, atMs);
  }

  /** Ends the pulses whose time is over. */
  releaseDue(): void {
    const atMs = this.#now();
    for (const [channel, relay] of this.#state.entries())
      if (relay.offAtMs !== undefined && relay.offAtMs <= atMs) this.#set(channel, false, relay.offAtMs);
  }

  #set(channel: number, on: boolean, atMs: number): void {
    const relay = this.#state[channel];
    if (!relay || (relay.on && !on && this.welded.has(channel))) return;
    relay.offAtMs = undefined;
    if (relay.on === on) return;
    relay.on = on;
    if (!this.stuck.has(channel)) for (const plant of this.#plants) plant.relay(channel, on, atMs);
  }
}
