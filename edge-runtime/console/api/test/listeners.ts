export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();
  add(listener: (value: T) => void): () => void {
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
