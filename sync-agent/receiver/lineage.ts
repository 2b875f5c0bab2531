import { isDeepStrictEqual } from 'node:util';
import { eventTypes } from '@gatehouse/contracts';
import type { ReceivedEvent } from './intake.ts';

/** An event that is stored under a number, as far as another of that number is compared with it. */
export interface StoredEvent {
  readonly type: string;
  readonly time: string;
  /** JSON. */
  readonly data: string;
  readonly digest: string | null;
}

/** Events that a box puts into the place of others: content apart, they are those others. */
const standIns: readonly string[] = [eventTypes.gap, eventTypes.withheld];

/**
 * Whether what came is the stored event again; else two histories of one box have used one number, and what
 * came is acknowledged by nothing. Events of boxes that send digests are told apart by them, others by their
 * content.
 */
export function isRepeat(stored: StoredEvent, event: ReceivedEvent): boolean {
  const standsIn = standIns.includes(event.type) || standIns.includes(stored.type);
  if (stored.digest !== null && event.digest !== undefined) {
    if (stored.digest !== event.digest) return false;
    if (standsIn) return true;
  } else if (standsIn) return true;
  const { type, time, data } = event;
  return stored.type === type && stored.time === time && isDeepStrictEqual(JSON.parse(stored.data), data);
}

/**
 * An event that the database does not take under its number, because it has another there, or another before
 * it.
 */
export interface Conflict {
  readonly event: ReceivedEvent;
  /** `unlinked`: the number was free, but the event before it is not the one that the box had before it. */
  readonly kind: 'conflict' | 'unlinked';
  /** Nobody can tell whose event it is: its stream is acknowledged no further than before it, ever. */
  readonly isNameless: boolean;
}

export function conflictOf(stored: StoredEvent, event: ReceivedEvent): Conflict {
  return { event, kind: 'conflict', isNameless: stored.digest === null || event.digest === undefined };
}

/** Most conflicting events of one box whose content is kept; of more the count is. */
export const keptConflicts = 1_000;

/**
 * Two starts of one box that were heard side by side for longer than this are two boxes: after a restart the
 * old one is late by less.
 */
export const sideBySideMs = 5 * 60_000;
/** How long ago both must have been heard for it to be so now. */
export const twinNowMs = 15 * 60_000;
/**
 * A start that was heard is written down again only after this, so that a batch of a box costs no more than
 * its events.
 */
export const heardEveryMs = 10_000;

/** Findings about the identity of a box. */
export type IdentityFindingKind = 'conflict' | 'unlinked' | 'went-back' | 'twins';

/**
 * The epoch that a box says has ended because its store went back, and the last of its numbers that the box
 * knows.
 */
export function wentBack({
  facts,
  sequence,
}: ReceivedEvent): { epoch: string; sequence: number } | undefined {
  if (facts?.type !== eventTypes.gap || facts.data.reason !== 'store-went-back') return undefined;
  const { lostEpoch = '', lastSequence = sequence } = facts.data;
  return { epoch: lostEpoch, sequence: lastSequence };
}

/** Where an id `box/epoch/class/sequence` stands. */
export function placeOf(id: string): { epoch: string; eventclass: string; sequence: number } {
  const [, epoch = '', eventclass = '', sequence = '0'] = id.split('/');
  return { epoch, eventclass, sequence: Number(sequence) };
}

/**
 * Whether two starts of a box were heard side by side, and both are still; `value` names a parameter in the
 * dialect.
 */
export function twinsSql(value: (name: 'box' | 'nowMs' | 'sideBySideMs' | 'twinNowMs') => string): string {
  const stillHeard = (start: string) => `${start}.last_ms >= ${value('nowMs')} - ${value('twinNowMs')}`;
  return `SELECT 1 FROM incarnations a JOIN incarnations b ON b.box = a.box AND b.incarnation > a.incarnation
    WHERE a.box = ${value('box')} AND ${stillHeard('a')} AND ${stillHeard('b')}
      AND a.last_ms - b.first_ms > ${value('sideBySideMs')} AND b.last_ms - a.first_ms > ${value('sideBySideMs')} LIMIT 1`;
}

/** Tables and columns of both databases; `dialect` says how they spell them. */
export function lineageStep(dialect: 'sqlite' | 'postgres'): string {
  const sqlite = dialect === 'sqlite';
  const [text, number, at, json] = sqlite
    ? ['TEXT', 'INTEGER', 'TEXT', 'TEXT']
    : ['text', 'bigint', 'timestamptz', 'json'];
  const strict = sqlite ? ' STRICT' : '';
  return `
  -- By what events of one number are told apart, and how each says which one was before it.
  ALTER TABLE events ADD COLUMN digest ${text};
  ALTER TABLE events ADD COLUMN previous ${text};
  -- Of an event that its box sent under another id before; "repeats" is the id under which it was applied already.
  ALTER TABLE events ADD COLUMN former ${text};
  ALTER TABLE events ADD COLUMN repeats ${text};
  CREATE INDEX events_by_former ON events (former) WHERE former IS NOT NULL;

  -- Of the event at "contiguous"; retention leaves it. Past "frozen" the stream is never acknowledged.
  ALTER TABLE streams ADD COLUMN digest ${text};
  ALTER TABLE streams ADD COLUMN frozen ${number};

  -- Events that were not taken, because another stands under their number.
  CREATE TABLE conflicts (
    box ${text} NOT NULL,
    epoch ${text} NOT NULL,
    class ${text} NOT NULL,
    sequence ${number} NOT NULL,
    digest ${text} NOT NULL,
    type ${text} NOT NULL,
    time ${text} NOT NULL,
    data ${json} NOT NULL,
    received_at ${at} NOT NULL,
    PRIMARY KEY (box, epoch, class, sequence, digest)
  )${strict};

  -- Starts of boxes, from when until when each was heard.
  CREATE TABLE incarnations (
    box ${text} NOT NULL,
    incarnation ${text} NOT NULL,
    first_ms ${number} NOT NULL,
    last_ms ${number} NOT NULL,
    PRIMARY KEY (box, incarnation)
  )${strict};

  -- What was found about who a box is: the first and the last time, how often, and who has settled it.
  CREATE TABLE identity_findings (
    box ${text} NOT NULL,
    kind ${text} NOT NULL,
    epoch ${text} NOT NULL,
    class ${text} NOT NULL,
    sequence ${number} NOT NULL,
    count ${number} NOT NULL,
    found_at ${at} NOT NULL,
    last_at ${at} NOT NULL,
    settled_at ${at},
    settled_by ${text},
    PRIMARY KEY (box, kind, epoch, class)
  )${strict};
  `;
}
