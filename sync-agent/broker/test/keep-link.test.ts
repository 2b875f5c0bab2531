import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { freePort, startMosquitto } from '../../test/support/brokers.ts';
import { until } from '../../test/support/until.ts';
import { keepLink } from '../keep-link.ts';
import type { BrokerLink } from '../link.ts';

/** Keeps what was waited for between two attempts, in milliseconds; time passes only there, and where a test moves it. */
class PauseClock extends ManualClock {
  readonly waits: number[] = [];
  isPause = false;

  override after(delayMs: number, fn: () => void): () => void {
    if (this.isPause) this.waits.push(delayMs);
    return super.after(delayMs, fn);
  }
}

/** Holds a link with the longest jitter; `onUp` gets each. */
function hold(url: string, onUp: (link: BrokerLink, clock: ManualClock) => void) {
  const clock = new PauseClock();
  const abort = new AbortController();
  const options = { login: { url, clientId: 'box-1' }, clock, random: () => 1, log: silentLog };
  const user = { filters: () => ['a'], onMessage: () => undefined, onConfirmed: () => undefined };
  const onDown = () => {
    clock.isPause = true;
  };
  const running = keepLink(options, { ...user, onUp: (link) => onUp(link, clock), onDown }, abort.signal);
  return {
    clock,
    waits: clock.waits,
    /** Waits for real for what is asked, and lets each pause between two attempts pass at once. */
    async until(what: string, probe: () => boolean): Promise<void> {
      await until(what, async () => {
        if (clock.isPause) {
          clock.isPause = false;
          await clock.advance(clock.waits.at(-1) ?? 0);
        }
        return probe();
      });
    },
    async stop(): Promise<void> {
      abort.abort();
      await running;
    },
  };
}

const steps = [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000];

test('after a long outage and a good link of 10 s the next loss is answered within 0.25 s', async (t) => {
  const port = await freePort();
  const links: BrokerLink[] = [];
  const held = hold(`mqtt://127.0.0.1:${port}`, (link) => links.push(link));
  await held.until('a long outage', () => held.waits.length > steps.length);
  assert.deepEqual(held.waits.slice(0, steps.length), steps);
  const broker = await startMosquitto(t, [`listener ${port} 127.0.0.1`]);
  await held.until('up', () => links.length === 1);
  held.waits.length = 0;
  await held.clock.advance(10_000);
  await broker.kill();
  await held.until('tries again', () => held.waits.length > 0);
  assert.equal(held.waits[0], 250);
  await held.stop();
});

test('a link that never lasts is tried less and less often, down to once in 30 s; one that lasts 10 s costs one attempt in 10 s', async (t) => {
  const { url } = await startMosquitto(t);
  let lastsMs = 9_999;
  const held = hold(url, (link, clock) => void clock.advance(lastsMs).then(() => link.close()));
  const { waits } = held;
  await held.until('nine losses', () => waits.length >= 9);
  assert.deepEqual(waits.slice(0, 9), [...steps, 30_000]);
  lastsMs = 10_000;
  const from = waits.length + 1;
  await held.until('three more', () => waits.length >= from + 3);
  assert.deepEqual(waits.slice(from, from + 3), [250, 250, 250]);
  await held.stop();
});
