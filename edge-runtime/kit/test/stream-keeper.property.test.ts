import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import {
  type CallOptions,
  GatehouseError,
  keepStream,
  ManualClock,
  type StreamClient,
  seededRandom,
  silentLog,
} from '@gatehouse/kit';
import fc from 'fast-check';
import { eventText, MemoryCursor } from './kept-stream.ts';

type Bytes = 'event' | 'beat' | 'half-event';
type Attempt =
  | { readonly kind: 'refused' | 'no-event-stream'; readonly afterMs: number }
  | { readonly kind: 'hangs' }
  | {
      readonly kind: 'stream';
      readonly steps: readonly { readonly afterMs: number; readonly send: Bytes }[];
      readonly end: 'ends' | 'breaks' | 'falls-silent';
    };

/** The peer's view of one attempt. */
interface Seen {
  readonly kind: Attempt['kind'];
  readonly atMs: number;
  firstByteMs?: number;
  lastByteMs?: number;
  endMs?: number;
  silent?: boolean;
}

/** A peer that plays a script and has endless numbered events; after the script it refuses. */
class ScriptedPeer implements StreamClient {
  readonly seen: Seen[] = [];
  readonly #script: readonly Attempt[];
  readonly #clock: ManualClock;
  constructor(script: readonly Attempt[], clock: ManualClock) {
    this.#script = script;
    this.#clock = clock;
  }

  async open(_method: string, _route: string, { headers, signal }: CallOptions) {
    assert.ok(signal);
    const attempt = this.#script[this.seen.length] ?? { kind: 'refused', afterMs: 0 };
    const seen: Seen = { kind: attempt.kind, atMs: this.#clock.monotonicMs() };
    this.seen.push(seen);
    const over = () => {
      seen.endMs ??= this.#clock.monotonicMs();
    };
    signal.addEventListener('abort', over, { once: true });
    if (attempt.kind === 'hangs') return await aborted(signal);
    if (attempt.kind === 'stream') {
      const after = Number(headers?.['last-event-id'] ?? 0);
      return this.#play(attempt.steps, attempt.end, after, seen, signal, over);
    }
    const answered = new Promise<void>((resolve) => this.#clock.after(attempt.afterMs, resolve));
    await Promise.race([answered, aborted(signal)]);
    over();
    if (attempt.kind === 'refused') throw new GatehouseError('BUSY', 'peer', 'busy.', 'Wait.');
    return Object.assign(new PassThrough(), { headers: { 'content-type': 'text/html' }, statusCode: 200 });
  }

  #play(
    steps: Extract<Attempt, { kind: 'stream' }>['steps'],
    end: 'ends' | 'breaks' | 'falls-silent',
    after: number,
    seen: Seen,
    signal: AbortSignal,
    over: () => void,
  ) {
    const stream = new PassThrough();
    signal.addEventListener('abort', () => stream.destroy(new Error('aborted')), { once: true });
    let sent = after;
    let next = 0;
    const step = () => {
      const now = steps[next++];
      if (stream.destroyed) return;
      if (!now) {
        seen.silent = end === 'falls-silent';
        if (!seen.silent) over();
        if (end === 'ends') stream.end();
        if (end === 'breaks') stream.destroy(new Error('reset'));
        return;
      }
      seen.firstByteMs ??= this.#clock.monotonicMs();
      seen.lastByteMs = this.#clock.monotonicMs();
      if (now.send === 'beat') stream.write(': beat\n\n');
      else if (now.send === 'event') stream.write(eventText(String(++sent)));
      else {
        // Nothing whole can follow it on this connection.
        stream.write(eventText(String(sent + 1)).slice(0, -2));
        next = steps.length;
      }
      this.#clock.after(steps[next]?.afterMs ?? 0, step);
    };
    this.#clock.after(steps[0]?.afterMs ?? 0, step);
    return Object.assign(stream, {
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      statusCode: 200,
    });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(new Error('aborted'));
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

const attempt: fc.Arbitrary<Attempt> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('refused' as const, 'no-event-stream' as const),
    afterMs: fc.nat(4_000),
  }),
  fc.constant<Attempt>({ kind: 'hangs' }),
  fc.record({
    kind: fc.constant('stream' as const),
    steps: fc.array(
      fc.record({
        afterMs: fc.oneof(fc.nat(100), fc.nat(20_000)),
        send: fc.constantFrom<Bytes>('event', 'event', 'beat', 'half-event'),
      }),
      { maxLength: 8 },
    ),
    end: fc.constantFrom('ends' as const, 'breaks' as const, 'falls-silent' as const),
  }),
);

/**
 * The next attempt begins within the jitter of its step. Only a stream that stood 5 s starts the steps anew.
 */
function assertPace(seen: readonly Seen[]): void {
  let failures = 0;
  for (const [n, { firstByteMs, endMs = Number.NaN }] of seen.slice(0, -1).entries()) {
    if (firstByteMs !== undefined && endMs - firstByteMs >= 5_000) failures = 0;
    const full = Math.min(2_000, 100 * 2 ** failures);
    const waited = (seen[n + 1]?.atMs ?? 0) - endMs;
    assert.ok(waited >= full / 2 && waited <= full, `attempt ${n + 1} came after ${waited} of ${full} ms`);
    failures++;
  }
}

/** No attempt is waited for longer than it may be, and none is given up earlier. */
function assertPatience(seen: readonly Seen[]): void {
  for (const { kind, atMs, firstByteMs, lastByteMs, endMs, silent } of seen.slice(0, -1)) {
    const took = (endMs ?? Number.NaN) - atMs;
    if (kind === 'hangs' || (kind === 'stream' && silent && firstByteMs === undefined))
      assert.equal(took, 5_000);
    if (firstByteMs === undefined) assert.ok(took <= 5_000, `no byte for ${took} ms`);
    else assert.ok(firstByteMs - atMs <= 5_000);
    const quietMs = (endMs ?? Number.NaN) - (lastByteMs ?? Number.NaN);
    if (silent && lastByteMs !== undefined) assert.ok(quietMs >= 45_000 && quietMs < 60_000, `${quietMs} ms`);
  }
}

test('whatever a peer does: each event once and in order, links in turns, paced attempts, and an end when asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(attempt, { minLength: 1, maxLength: 8 }),
      fc.integer(),
      fc.nat(400_000),
      async (script, seed, stopAtMs) => {
        const clock = new ManualClock();
        const peer = new ScriptedPeer(script, clock);
        const cursor = new MemoryCursor();
        const heard: string[] = [];
        const links: boolean[] = [];
        const stop = new AbortController();
        const running = keepStream(
          {
            client: peer,
            route: '/events',
            clock,
            log: silentLog,
            random: seededRandom(seed),
            cursor,
            onEvent: ({ id }) => void heard.push(id ?? 'none'),
            onLink: (up) => void links.push(up),
          },
          stop.signal,
        );
        await clock.advance(stopAtMs);
        stop.abort();
        await running;
        assert.deepEqual(
          heard,
          heard.map((_, n) => String(n + 1)),
        );
        assert.equal(cursor.id, heard.at(-1));
        assert.deepEqual(
          links,
          links.map((_, n) => n % 2 === 0),
        );
        assert.equal(links.length % 2, 0, 'what was up is told to be down');
        assert.ok(
          links.length / 2 <= peer.seen.filter(({ firstByteMs }) => firstByteMs !== undefined).length,
        );
        assertPace(peer.seen);
        assertPatience(peer.seen);
      },
    ),
    { numRuns: 150, endOnFailure: true },
  );
});
