import type { Plant } from './relay-bank.ts';

export interface BarrierWiring {
  readonly openRelay: number;
  readonly closeRelay: number;
  readonly stopRelay: number;
  readonly upLimit: number;
  readonly downLimit: number;
  readonly loop: number;
}

/**
 * A barrier with its own controller: a rising edge on a dry contact starts the arm, limits stop it, and while
 * the stop contact is closed it hears no other. It does as it is told even onto an occupied loop: keeping the
 * arm up is the box's duty under test, and the arm counts what would have been hit.
 */
export class BarrierPlant implements Plant {
  /** Full travel, milliseconds; 0 is an arm that arrives at once. */
  readonly travelMs: number;
  loopOccupied = false;
  /** How often the arm was sent down while a vehicle stood below it. */
  loweredOntoVehicle = 0;
  /** How often a direction's contact closed while the other direction's, or the stop's, was still closed. */
  conflicts = 0;
  readonly #closed = new Set<number>();
  readonly #wiring: BarrierWiring;
  #from = 0;
  #sinceMs = 0;
  #direction: -1 | 0 | 1 = 0;

  constructor(wiring: BarrierWiring, travelMs = 2500) {
    this.#wiring = wiring;
    this.travelMs = travelMs;
  }

  /** 0 is down, 1 is up. */
  position(atMs: number): number {
    if (this.#direction === 0) return this.#from;
    const moved = this.travelMs === 0 ? 1 : Math.max(0, atMs - this.#sinceMs) / this.travelMs;
    return Math.min(1, Math.max(0, this.#from + this.#direction * moved));
  }

  relay(channel: number, on: boolean, atMs: number): void {
    const { openRelay, closeRelay, stopRelay } = this.#wiring;
    if (![openRelay, closeRelay, stopRelay].includes(channel)) return;
    if (!on) {
      this.#closed.delete(channel);
      return;
    }
    if (channel !== stopRelay && this.#closed.size > 0) this.conflicts++;
    const isStopped = this.#closed.has(stopRelay);
    this.#closed.add(channel);
    if (channel === stopRelay) this.#move(0, atMs);
    else if (isStopped) return;
    else if (channel === openRelay) this.#move(1, atMs);
    else {
      if (this.loopOccupied) this.loweredOntoVehicle++;
      this.#move(-1, atMs);
    }
  }

  contacts(atMs: number): Readonly<Record<number, boolean>> {
    const position = this.position(atMs);
    const { upLimit, downLimit, loop } = this.#wiring;
    return { [upLimit]: position >= 1, [downLimit]: position <= 0, [loop]: this.loopOccupied };
  }

  hand(channel: number, closed: boolean): boolean {
    const isLoop = channel === this.#wiring.loop;
    if (isLoop) this.loopOccupied = closed;
    return isLoop;
  }

  #move(direction: -1 | 0 | 1, atMs: number): void {
    this.#from = this.position(atMs);
    this.#sinceMs = atMs;
    this.#direction = direction;
  }
}

/**
 * A door with an electric strike: opens `reactMs` after its relay closes, falls shut `heldMs` after it
 * releases.
 */
export class DoorPlant implements Plant {
  readonly #relay: number;
  readonly #contact: number;
  readonly #reactMs: number;
  readonly #heldMs: number;
  #openFromMs = Number.POSITIVE_INFINITY;
  #openUntilMs = Number.POSITIVE_INFINITY;

  constructor(relay: number, contact: number, reactMs = 300, heldMs = 3000) {
    this.#relay = relay;
    this.#contact = contact;
    this.#reactMs = reactMs;
    this.#heldMs = heldMs;
  }

  relay(channel: number, on: boolean, atMs: number): void {
    if (channel !== this.#relay) return;
    if (!on) {
      this.#openUntilMs = atMs + this.#heldMs;
      return;
    }
    if (atMs >= this.#openUntilMs || this.#openFromMs === Number.POSITIVE_INFINITY)
      this.#openFromMs = atMs + this.#reactMs;
    this.#openUntilMs = Number.POSITIVE_INFINITY;
  }

  /** The contact closes while the door stands open. */
  contacts(atMs: number): Readonly<Record<number, boolean>> {
    return { [this.#contact]: atMs >= this.#openFromMs && atMs < this.#openUntilMs };
  }
}

/**
 * A gate whose controller has one terminal: each pulse is the next of open, stop, close, stop. It starts to
 * move a moment after the pulse, as motors do, and counts what would have been caught.
 */
export class StepGatePlant implements Plant {
  /** Full travel, and from a pulse to the first movement, milliseconds. */
  readonly travelMs: number;
  readonly startMs: number;
  obstructed = false;
  steps = 0;
  /** How often a pulse let it close while something stood in it. */
  closedOntoSomething = 0;
  readonly #relay: number;
  readonly #openLimit: number;
  readonly #closedLimit: number;
  #from = 0;
  #sinceMs = 0;
  #direction: -1 | 0 | 1 = 0;
  #next: -1 | 1 = 1;

  constructor(relay: number, openLimit: number, closedLimit: number, travelMs = 3000, startMs = 200) {
    this.#relay = relay;
    this.#openLimit = openLimit;
    this.#closedLimit = closedLimit;
    this.travelMs = travelMs;
    this.startMs = startMs;
  }

  /** 0 is closed, 1 is open. */
  position(atMs: number): number {
    const moved = Math.max(0, atMs - this.#sinceMs - this.startMs) / this.travelMs;
    return Math.min(1, Math.max(0, this.#from + this.#direction * moved));
  }

  relay(channel: number, on: boolean, atMs: number): void {
    if (channel === this.#relay && on) this.step(atMs);
  }

  /** Somebody's pulse: the box's relay, or a hand-held remote. */
  step(atMs: number): void {
    this.steps++;
    const at = this.position(atMs);
    const arrived = (this.#direction > 0 && at >= 1) || (this.#direction < 0 && at <= 0);
    if (this.#direction !== 0 && !arrived) {
      this.#next = this.#direction > 0 ? -1 : 1;
      this.#direction = 0;
    } else {
      this.#direction = at <= 0 ? 1 : at >= 1 ? -1 : this.#next;
      if (this.#direction < 0 && this.obstructed) this.closedOntoSomething++;
    }
    this.#from = at;
    this.#sinceMs = atMs;
  }

  contacts(atMs: number): Readonly<Record<number, boolean>> {
    const at = this.position(atMs);
    return { [this.#openLimit]: at >= 1, [this.#closedLimit]: at <= 0 };
  }
}
