/** Calls the subscribers. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();
  subscribe(listener: (value: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }
  emit(value: T): void {
    for (const listener of this.#all) listener(value);
  }
  get size(): number {
    return this.#all.size;
  }
}

/** States of things that a test sets. */
export class PutStates<T extends { readonly id: string }> {
  readonly states = new Map<string, T>();
  readonly changes = new Listeners<T>();
  put(state: T): void {
    this.states.set(state.id, state);
    this.changes.emit(state);
  }
  list(): readonly T[] {
    return [...this.states.values()];
  }
}
