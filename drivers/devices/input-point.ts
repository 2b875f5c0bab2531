import type { Input, InputState } from '@gatehouse/contracts';
import type { Board, BoardListener, Comms, Reading } from './board.ts';
import { type Debounced, debounced, unread } from './debounce.ts';

export interface InputObserver {
  changed(point: InputPoint): void;
  commsChanged(point: InputPoint, comms: 'ok' | 'lost', reason: string | undefined): void;
}

/** Kinds that people give by hand: a press is short, and between two polls at rest it would be missed. */
const pressed: readonly Input['kind'][] = ['help'];

/** A dry contact of its own on its board. Lost, it is unknown: neither an alarm nor the all-clear. */
export class InputPoint implements BoardListener {
  readonly spec: Input;
  readonly board: Board;
  readonly #observer: InputObserver;
  #contact: Debounced = unread;

  constructor(spec: Input, board: Board, observer: InputObserver) {
    this.spec = spec;
    this.board = board;
    this.#observer = observer;
  }

  get is(): InputState['state'] {
    if (this.board.comms !== 'ok' || this.#contact.value === undefined) return 'unknown';
    return this.#contact.value ? 'active' : 'normal';
  }

  view(): InputState {
    const { id, kind, name } = this.spec;
    const ageMs = this.board.ageMs;
    return {
      id,
      kind,
      name,
      state: this.is,
      comms: this.board.comms,
      ...(ageMs === undefined ? {} : { ageMs }),
    };
  }

  moving(): boolean {
    return pressed.includes(this.spec.kind) || this.settlesAtMs() !== undefined;
  }
  settlesAtMs(): number | undefined {
    const { pending } = this.#contact;
    return pending && pending.sinceMs + this.spec.debounceMs;
  }

  inputsRead({ bits, askedMs }: Reading): void {
    const { channel, wiring, debounceMs } = this.spec;
    const active = (bits[channel] === true) === (wiring === 'normally-open');
    const before = this.is;
    this.#contact = debounced(this.#contact, active, askedMs, { stableMs: debounceMs });
    if (this.is !== before) this.#observer.changed(this);
  }

  relaysRead(): void {
    // An input has no relay.
  }

  commsChanged(comms: Comms, reason: string | undefined): void {
    if (comms === 'lost') this.#contact = unread;
    if (comms !== 'starting') this.#observer.commsChanged(this, comms, reason);
    this.#observer.changed(this);
  }
}
