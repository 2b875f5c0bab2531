import { eventTypes } from '@gatehouse/contracts';
import type { ReceivedEvent } from './intake.ts';

/** One batch's statements about one stream (box, store epoch, class). */
export interface StreamChange {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: string;
  /** The first number of the stream. */
  readonly begins: number;
  /** The box will never again send what is at or below this number. */
  settled: number;
  /**
   * Highest sequence in the batch, and how old that event was when it came, milliseconds on the box's clock
   * against ours.
   */
  highest: number;
  lagMs: number;
}

/** Numbers that a box says it will never send. */
export interface SaidGap {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: string;
  readonly first: number;
  readonly last: number;
  readonly reason: string;
}

/**
 * Order of streams and of events within them: every receiver locks rows in this one, so that no two wait for
 * each other.
 */
export function inLockOrder(a: ReceivedEvent, b: ReceivedEvent): number {
  return (
    compare(a.box, b.box) ||
    compare(a.epoch, b.epoch) ||
    compare(a.eventclass, b.eventclass) ||
    a.sequence - b.sequence
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A stream's name in memory. No two share one: neither a box's id nor a class holds a slash. */
export function streamKey(stream: Pick<StreamChange, 'box' | 'epoch' | 'eventclass'>): string {
  return `${stream.box}/${stream.epoch}/${stream.eventclass}`;
}

/** One entry a stream, in lock order if the batch is. */
export function streamChanges(batch: readonly ReceivedEvent[], receivedAt: string): StreamChange[] {
  const receivedMs = Date.parse(receivedAt);
  const changes = new Map<string, StreamChange>();
  for (const { box, epoch, eventclass, sequence, settled, begins, time } of batch) {
    const key = streamKey({ box, epoch, eventclass });
    const change = changes.get(key) ?? { box, epoch, eventclass, begins, settled: 0, highest: 0, lagMs: 0 };
    change.settled = Math.max(change.settled, settled);
    if (sequence > change.highest) {
      change.highest = sequence;
      change.lagMs = receivedMs - Date.parse(time);
    }
    changes.set(key, change);
  }
  return [...changes.values()];
}

/**
 * The range that a gap event of this very stream stands for, without its own number, under which it came, and
 * without what was acknowledged before it was sent. A gap of a lost epoch has no numbers here.
 */
export function saidGap(event: ReceivedEvent): SaidGap | undefined {
  if (event.facts?.type !== eventTypes.gap) return undefined;
  const gap = event.facts.data;
  if (gap.lostEpoch !== undefined || gap.class !== event.eventclass || gap.firstSequence === undefined)
    return undefined;
  const last = Math.min(gap.lastSequence ?? event.sequence, event.sequence - 1);
  const first = Math.max(gap.firstSequence, event.settled + 1);
  if (last < first) return undefined;
  const { box, epoch, eventclass } = event;
  return { box, epoch, eventclass, first, last, reason: gap.reason };
}
