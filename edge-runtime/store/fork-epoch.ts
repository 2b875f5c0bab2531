import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type EventClass, eventTypes, type OutboxAck } from '@gatehouse/contracts';
import { type Clock, errorOf, isoWithOffset, type Log, WindowLimit, writeDurably } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import type { AccountTables } from './accounts.ts';
import { Outbox, type OutboxLimits } from './outbox.ts';

/**
 * A faulty writer of acknowledgements could ask for epochs without end. A store that was really put back asks
 * once.
 */
const most = { forks: 3, withinMs: 3_600_000 };

/**
 * Gives the current epoch another name, because the platform has another history of it. Numbers go on.
 * Waiting rows keep their numbers and go out under the new name, so this takes the same time for any backlog.
 * Inside the caller's transaction. Returns the two names.
 */
function forkCurrentEpoch(db: Database.Database): { readonly epoch: string; readonly before: string } {
  const epoch = randomBytes(16).toString('hex');
  const before = String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").pluck().get());
  db.prepare('INSERT INTO outbox_epochs (epoch) VALUES (?) ON CONFLICT DO NOTHING').run(before);
  db.exec('UPDATE outbox_heads SET begins = acked + 1, foreign_upto = last');
  db.prepare("UPDATE meta SET value = ? WHERE key = 'epoch'").run(epoch);
  return { epoch, before };
}

/**
 * The same for an epoch that has ended before and still has rows that wait. False if the store never had that
 * epoch.
 */
function forkEarlierEpoch(db: Database.Database, before: string): boolean {
  const epoch = randomBytes(16).toString('hex');
  const renamed = db.prepare('UPDATE outbox_epochs SET epoch = ? WHERE epoch = ?').run(epoch, before);
  if (renamed.changes === 0) return false;
  db.prepare('INSERT INTO outbox_epochs (epoch) VALUES (?)').run(before);
  return true;
}

/** The finding, for people; kept beside the file until somebody has moved it away. */
export interface WentBack {
  readonly at: string;
  readonly before: string;
  readonly epoch: string;
  readonly eventclass: EventClass;
  /** The platform's report that cannot be of this store's own history. */
  readonly claim: OutboxAck['claim'];
}

const ending = '.went-back-';
const kept = 2;

/** Writes the note; the last two stay. Returns its name. */
function noteWentBack(file: string, facts: Omit<WentBack, 'at'>, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const path = `${file}${ending}${stamp}`;
  writeDurably(path, `${JSON.stringify({ at: isoWithOffset(nowMs), ...facts })}\n`, 0o600);
  for (const name of notes(file).slice(0, -kept)) rmSync(join(dirname(file), name), { force: true });
  return basename(path);
}

/** The newest note that is still there. */
export function wentBackNote(file: string): string | undefined {
  return notes(file).at(-1);
}

function notes(file: string): string[] {
  if (!existsSync(dirname(file))) return [];
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(`${basename(file)}${ending}`))
    .sort();
}

/** The change of epoch, to be reported once it is durable. */
export interface Forked {
  readonly word: Omit<OutboxAck, 'upTo'>;
  /** The new name of the current epoch; absent if an earlier one was renamed. */
  readonly epoch?: string;
}

interface ForkOptions {
  readonly file: string;
  readonly box: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: OutboxLimits;
}

/**
 * Ends epochs of which the platform has another history, and reports it to the platform, in the audit log and
 * to people.
 */
export class Forks {
  readonly #options: ForkOptions;
  readonly #limit: WindowLimit;

  constructor(options: ForkOptions) {
    this.#options = options;
    this.#limit = new WindowLimit(most.forks, most.withinMs, options.clock);
  }

  /** Inside the caller's transaction. Throws `FORKS_LIMITED`. */
  fork(
    word: Forked['word'],
    tables: { readonly db: Database.Database; readonly outbox: Outbox; readonly accounts: AccountTables },
  ): Forked {
    const { box, clock, limits } = this.#options;
    const { db, outbox, accounts } = tables;
    this.#count();
    if (word.epoch !== outbox.epoch) {
      forkEarlierEpoch(db, word.epoch);
      return { word };
    }
    const nowMs = clock.epochMs();
    const at = isoWithOffset(nowMs);
    const heads = outbox.backlog();
    const { epoch, before } = forkCurrentEpoch(db);
    const next = new Outbox(db, box, limits);
    for (const { eventclass, last } of heads) {
      const data = {
        class: eventclass,
        reason: 'store-went-back',
        lostEpoch: before,
        lastSequence: last,
      } as const;
      if (last > 0) next.append({ eventclass, type: eventTypes.gap, time: at, data }, nowMs);
    }
    accounts.recordAudit({ at, who: 'gatehouse', what: `store-went-back, epoch ${before} ends` });
    return { word, epoch };
  }

  tell({ word, epoch }: Forked): void {
    const { file, clock, log } = this.#options;
    const { epoch: before, eventclass, claim } = word;
    if (epoch === undefined) {
      log.error('store-earlier-epoch-forked', { before, eventclass, claim });
      return;
    }
    const note = noteWentBack(file, { before, epoch, eventclass, claim }, clock.epochMs());
    log.error('store-went-back', { before, epoch, eventclass, claim, note });
  }

  #count(): void {
    if (!this.#limit.take()) throw errorOf('FORKS_LIMITED', { times: most.forks });
  }
}
