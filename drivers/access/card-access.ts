import { randomUUID } from 'node:crypto';
import {
  type CardReader as CardReaderSpec,
  type DeviceCommand,
  defaultCommandLifeMs,
  type EnrolledCard,
  faultsNaming,
  type HealthFault,
} from '@gatehouse/contracts';
import {
  type Clock,
  errorOf,
  type GatehouseError,
  isoWithOffset,
  type Log,
  nothingCalled,
  type Part,
} from '@gatehouse/kit';
import type { ByteLine } from '../bus/byte-line.ts';
import { type CardRead, CardReader } from '../bus/cards/card-reader.ts';
import type { Alarm } from '../devices/alarms.ts';
import type { Journal } from '../journal/journal.ts';
import { cardKey, credentialOf } from './card-key.ts';

export interface CardAccessOptions {
  readonly readers: readonly CardReaderSpec[];
  readonly openLine: (reader: CardReaderSpec) => ByteLine;
  /** The key of this box's cards. */
  readonly keyFile: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly submit: (command: DeviceCommand) => Promise<unknown>;
  readonly alarms: (reader: string, alarms: readonly Alarm[]) => void;
  readonly commsChanged: (reader: string, comms: 'ok' | 'lost', reason: string | undefined) => void;
}

/** Time to hold a card before the reader for its enrolment, milliseconds. */
export const enrolWithinMs = 30_000;
/**
 * So many unknown cards within so long are somebody trying cards, and an alarm that ends after as long
 * without one.
 */
export const trying = { cards: 5, withinMs: 60_000 } as const;
/**
 * An adapter that is plugged in anew, or a line that blinks, is not told as lost before this, milliseconds.
 */
const lostAfterMs = 2_500;

interface Enrolment {
  readonly label: string;
  readonly by: string;
  readonly done: (card: EnrolledCard) => void;
  readonly failed: (error: unknown) => void;
}

interface ReaderEntry {
  readonly spec: CardReaderSpec;
  readonly reader: CardReader;
  readonly unknownMs: number[];
  told: 'ok' | 'lost' | undefined;
  enrolment?: Enrolment | undefined;
  stopLost: () => void;
  stopTrying: () => void;
}

/**
 * Cards held before readers: an enrolled one opens the reader's door by a command, any other is
 * told. Only the keyed hash of a card leaves this object, and neither that nor the holder's label goes
 * upstream or into a log.
 */
export class CardAccess implements Part {
  readonly #options: CardAccessOptions;
  readonly #entries = new Map<string, ReaderEntry>();
  #key: Buffer | undefined;

  constructor(options: CardAccessOptions) {
    this.#options = options;
    const { clock, log } = options;
    for (const spec of options.readers) {
      const reader = new CardReader({
        id: spec.id,
        clock,
        log,
        openLine: () => options.openLine(spec),
        onCard: (read) => this.#presented(read),
        onLink: (up, reason) => this.#link(spec.id, up, reason),
      });
      const none = () => undefined;
      this.#entries.set(spec.id, {
        spec,
        reader,
        unknownMs: [],
        told: undefined,
        stopLost: none,
        stopTrying: none,
      });
    }
  }

  start(): void {
    if (this.#entries.size > 0) this.#key = cardKey(this.#options.keyFile);
    for (const { reader } of this.#entries.values()) reader.start();
  }

  async stop(): Promise<void> {
    for (const entry of this.#entries.values()) {
      entry.stopLost();
      entry.stopTrying();
      entry.enrolment?.failed(ended());
      await entry.reader.stop();
    }
  }

  /** Readers that nobody can open a door at. */
  health(): HealthFault[] {
    const lost = [...this.#entries.values()].filter(({ told }) => told === 'lost').map(({ spec }) => spec.id);
    return faultsNaming('people', 'READERS_SILENT', lost);
  }

  /**
   * The next card before the reader is enrolled for its door. Throws `READER_UNKNOWN`, `ENROLMENT_BUSY`,
   * `ENROLMENT_ENDED`.
   */
  enrol(readerId: string, label: string, by: string): Promise<EnrolledCard> {
    const entry = this.#entries.get(readerId);
    if (!entry) throw nothingCalled('READER_UNKNOWN', readerId, [...this.#entries.keys()]);
    if (entry.enrolment) throw errorOf('ENROLMENT_BUSY', { reader: readerId });
    return new Promise<EnrolledCard>((resolve, reject) => {
      const cancel = this.#options.clock.after(enrolWithinMs, () => entry.enrolment?.failed(ended()));
      const finish = () => {
        cancel();
        entry.enrolment = undefined;
      };
      entry.enrolment = {
        label,
        by,
        done: (card) => {
          finish();
          resolve(card);
        },
        failed: (error) => {
          finish();
          reject(error);
        },
      };
    });
  }

  #presented({ reader, card }: CardRead): void {
    const entry = this.#entries.get(reader);
    if (!entry || !this.#key) return;
    const credential = credentialOf(this.#key, card);
    if (entry.enrolment) this.#enrolled(entry, entry.enrolment, credential, card.reveal().slice(-2));
    else this.#judged(entry, credential);
  }

  #enrolled(
    { spec }: ReaderEntry,
    { label, by, done, failed }: Enrolment,
    credential: string,
    tail: string,
  ): void {
    const { journal, clock } = this.#options;
    const card = { credential, reader: spec.id, label, tail, enrolledAt: isoWithOffset(clock.epochMs()) };
    try {
      journal.enrolCard(card, by);
      done(card);
    } catch (error) {
      failed(error);
    }
  }

  #judged(entry: ReaderEntry, credential: string): void {
    const { journal, clock, log } = this.#options;
    const { id, door } = entry.spec;
    const at = isoWithOffset(clock.epochMs());
    const isKnown = journal.isEnrolled(credential, id);
    const commandId = isKnown ? randomUUID() : undefined;
    const told = { at, device: id, door, credential, known: isKnown };
    const event = { type: 'card', ...told, ...(commandId ? { commandId } : {}) } as const;
    void journal.keep({ fact: 'event', event });
    log.info('card-presented', { reader: id, known: isKnown });
    if (commandId) this.#open(entry, commandId);
    else this.#unknown(entry);
  }

  #open({ spec: { id, door } }: ReaderEntry, commandId: string): void {
    const { submit, clock, log } = this.#options;
    const command: DeviceCommand = {
      commandId,
      device: door,
      action: 'open',
      expiresAt: isoWithOffset(clock.epochMs() + defaultCommandLifeMs),
      // The reader, not the person: who it was stays on the box, under the command's id.
      origin: { channel: 'reader', user: id },
    };
    // A flood is refused by throwing.
    new Promise((resolve) => resolve(submit(command))).catch((error: unknown) =>
      log.warn('card-not-served', { reader: id, door, error }),
    );
  }

  #unknown(entry: ReaderEntry): void {
    const { clock, alarms } = this.#options;
    const nowMs = clock.monotonicMs();
    entry.unknownMs.push(nowMs);
    // Bounded: no more than make an alarm are looked at.
    if (entry.unknownMs.length > trying.cards) entry.unknownMs.shift();
    const sinceMs = entry.unknownMs[0] ?? nowMs;
    if (entry.unknownMs.length < trying.cards || nowMs - sinceMs > trying.withinMs) return;
    const gate = { name: 'unknown-cards', value: trying.cards, threshold: trying.cards, passed: true };
    alarms(entry.spec.id, [{ kind: 'device-tamper', priority: 2, gates: [gate] }]);
    entry.stopTrying();
    entry.stopTrying = clock.after(trying.withinMs, () => alarms(entry.spec.id, []));
  }

  /** The state of a reader's line. A reader without a card and a reader without power sound the same. */
  #link(id: string, up: boolean, reason: string | undefined): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const tell = (comms: 'ok' | 'lost') => {
      if (entry.told === comms) return;
      entry.told = comms;
      this.#options.commsChanged(id, comms, comms === 'lost' ? reason : undefined);
    };
    entry.stopLost();
    if (up) tell('ok');
    else entry.stopLost = this.#options.clock.after(lostAfterMs, () => tell('lost'));
  }
}

function ended(): GatehouseError {
  return errorOf('ENROLMENT_ENDED');
}
