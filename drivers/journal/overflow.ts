import type { CommandOutcome } from '@gatehouse/contracts';
import type { JournalFact } from './fact.ts';
import type { TakenOver } from './journal-file.ts';
import { OverflowLog } from './overflow-log.ts';

/**
 * Facts kept beside drivers.db while that takes no writes, in order, and the state that follows from them.
 */
export class Overflow {
  readonly #log: OverflowLog;
  #facts: JournalFact[] = [];
  readonly #outcomes = new Map<string, CommandOutcome>();

  constructor(path: string) {
    this.#log = new OverflowLog(path);
  }

  /**
   * Opens it, or makes it with the newest expiry that is known. Returns whether it was there before, and
   * which expiry that knew, of any command that was taken.
   */
  open(expiryMs = 0): { readonly existed: boolean; readonly newestExpiryMs: number | undefined } {
    const { existed, texts } = this.#log.open(expiryMs);
    this.#facts = [];
    this.#outcomes.clear();
    this.#remember(texts.map((text) => JSON.parse(text)));
    return { existed, newestExpiryMs: existed ? this.#log.newestExpiryMs() : undefined };
  }
  /** Those that drivers.db had taken over before it stopped. */
  forget(takenOver: TakenOver | undefined): void {
    if (takenOver?.generation === this.#log.generation) this.#facts.splice(0, takenOver.records);
  }
  close(): void {
    this.#log.close();
  }

  get facts(): readonly JournalFact[] {
    return this.#facts;
  }
  get freeBytes(): number {
    return this.#log.freeBytes;
  }
  get newestExpiryMs(): number | undefined {
    return this.#log.newestExpiryMs();
  }
  outcomes(): Iterable<CommandOutcome> {
    return this.#outcomes.values();
  }
  outcome(commandId: string): CommandOutcome | undefined {
    return this.#outcomes.get(commandId);
  }
  /**
   * As the journal's own: a close counts even if nobody answered it, anything else only if its relay was read
   * as closed.
   */
  lastMove(device: string): CommandOutcome['action'] | undefined {
    return [...this.#outcomes.values()].findLast(
      (outcome) =>
        outcome.device === device &&
        (outcome.relay === 'actuated' || (outcome.action === 'close' && outcome.relay === 'unknown')),
    )?.action;
  }

  /**
   * Keeps facts durably, all or none; false if they do not fit into `share` of the file, or the disk refuses.
   */
  append(facts: readonly JournalFact[], share: number): boolean {
    if (
      !this.#log.append(
        facts.map((fact) => JSON.stringify(fact)),
        share,
      )
    )
      return false;
    this.#remember(facts);
    return true;
  }
  noteExpiry(expiryMs: number): void {
    this.#log.noteExpiry(expiryMs);
  }

  /** The oldest facts, and how far they have been taken over once they are in drivers.db. */
  next(most: number): { readonly facts: readonly JournalFact[]; readonly takenOver: TakenOver } {
    const facts = this.#facts.slice(0, most);
    const left = this.#facts.length - facts.length;
    return { facts, takenOver: { generation: this.#log.generation, records: this.#log.records - left } };
  }
  /** They are in drivers.db. */
  taken(count: number): void {
    this.#facts.splice(0, count);
    if (this.#facts.length > 0) return;
    this.#log.reset();
    this.#outcomes.clear();
  }

  #remember(facts: readonly JournalFact[]): void {
    this.#facts.push(...facts);
    for (const fact of facts) if ('outcome' in fact) this.#outcomes.set(fact.outcome.commandId, fact.outcome);
  }
}
