import { type Clock, isoWithOffset, type Log } from '@gatehouse/kit';
import type { AuditStore } from '../parts.ts';

export type FailureKind = 'login-failed' | 'login-locked' | 'login-busy' | 'setup-failed' | 'confirm-failed';

const tellEveryMs = 60_000;
/** At most so many names and addresses are listed; more are only mentioned. */
const maxDistinct = 50;

interface Tally {
  count: number;
  readonly firstMs: number;
  readonly names: Set<string>;
  readonly addresses: Set<string>;
}

/**
 * Counts failed attempts and reports each kind once a minute, in audit and log. A row for each attempt would
 * let anybody who reaches the box fill its disk, and would cost a disk sync for each guess. A single attempt
 * is reported with its name and address.
 */
export class FailureTally {
  readonly #store: AuditStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tallies = new Map<FailureKind, Tally>();
  readonly #onTell: () => Promise<void>;
  #cancel: (() => void) | undefined;
  /**
   * @param onTell called once a minute as well, to save counts
   */
  constructor(store: AuditStore, clock: Clock, log: Log, onTell: () => Promise<void>) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#onTell = onTell;
  }

  add(kind: FailureKind, name: string, address: string): void {
    const tally = this.#tallies.get(kind) ?? {
      count: 0,
      firstMs: this.#clock.epochMs(),
      names: new Set<string>(),
      addresses: new Set<string>(),
    };
    this.#tallies.set(kind, tally);
    tally.count++;
    if (tally.names.size <= maxDistinct) tally.names.add(name.slice(0, 60));
    if (tally.addresses.size <= maxDistinct) tally.addresses.add(address);
    this.#tellLater();
  }

  /** Reports the counts. If the audit refuses the row, the count goes on. */
  async tell(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#onTell();
    const told = [...this.#tallies];
    this.#tallies.clear();
    for (const [kind, tally] of told) {
      try {
        await this.#store.accounts.recordAudit({
          at: isoWithOffset(this.#clock.epochMs()),
          who: 'anonymous',
          what: kind,
          ...only('on', tally.names),
          ...only('from', tally.addresses),
          detail: {
            count: tally.count,
            since: isoWithOffset(tally.firstMs),
            names: counted(tally.names),
            addresses: counted(tally.addresses),
          },
        });
      } catch (error) {
        this.#log.error('login-failures-not-recorded', { kind, count: tally.count, error });
        this.#keep(kind, tally);
        continue;
      }
      this.#log.warn('login-failures', { kind, count: tally.count, addresses: counted(tally.addresses) });
    }
  }

  #keep(kind: FailureKind, refused: Tally): void {
    const later = this.#tallies.get(kind);
    const both = (one: ReadonlySet<string>, other: ReadonlySet<string> | undefined) =>
      new Set([...one, ...(other ?? [])].slice(0, maxDistinct + 1));
    this.#tallies.set(kind, {
      count: refused.count + (later?.count ?? 0),
      firstMs: refused.firstMs,
      names: both(refused.names, later?.names),
      addresses: both(refused.addresses, later?.addresses),
    });
    this.#tellLater();
  }

  #tellLater(): void {
    this.#cancel ??= this.#clock.after(tellEveryMs, () => void this.tell());
  }
}

function only(field: 'on' | 'from', values: ReadonlySet<string>): { readonly [field: string]: string } {
  const [first] = values;
  return first !== undefined && values.size === 1 ? { [field]: first } : {};
}

function counted(values: ReadonlySet<string>): string {
  return values.size > maxDistinct ? `over ${maxDistinct}` : String(values.size);
}
