import type { WireAck } from '@gatehouse/contracts';
import type { ReceivedEvent } from './intake.ts';

/** The platform's database as the receiver needs it; SQLite here, PostgreSQL behind the same port later. */
export interface ReceiverStore {
  /**
   * Takes a batch in one durable transaction. An event seen before (`source` + `id`) changes nothing but its count of
   * deliveries. Returns, for every stream in the batch, up to where it is complete: what may be acknowledged.
   */
  apply(batch: readonly ReceivedEvent[], receivedAt: string): readonly WireAck[];
  /** Up to where every known stream is complete. */
  positions(): readonly WireAck[];
  /** Counts a message that was no event. */
  refuse(why: string, receivedAt: string): void;
  close(): void;
}
