import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, silentLog } from '@gatehouse/kit';
import { freePort, startMosquitto } from '../../test/support/brokers.ts';
import { until } from '../../test/support/until.ts';
import { keepLink } from '../keep-link.ts';
import type { BrokerLink } from '../link.ts';

/** Time passes at once: keeps what was waited for, in milliseconds. */
function hastyClock() {
  const waits: number[] = [];
  let nowMs = 0;
  const clock: Clock = {
    monotonicMs: () => nowMs,
    epochMs: () => nowMs,
    after(delayMs, fn) {
      waits.push(delayMs);
      nowMs += delayMs;
      const soon = setImmediate(fn);
      return () => clearImmediate(soon);
    },
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { clock, waits, pass };
}

/** Holds a link with the longest jitter; `onUp` gets each. */
function hold(url: string, clock: Clock, onUp: (link: BrokerLink) => void) {
  const abort = new AbortController();
  const options = { login: { url, clientId: 'box-1' }, clock, random: () => 1, log: silentLog };
  const user = { filters: () => ['a'], onMessage: () => undefined, onConfirmed: () => undefined };
  const running = keepLink(options, { ...user, onUp, onDown: () => undefined }, abort.signal);
  return async () => {
    abort.abort();
    await running;
  };
}

const steps = [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000];

test('after a long outage and a good link of 10 s the next loss is answered within 0.25 s', async (t) => {
  const { clock, waits, pass } = hastyClock();
  const port = await freePort();
  const links: BrokerLink[] = [];
  const stop = hold(`mqtt://127.0.0.1:${port}`, clock, (link) => links.push(link));
  await until('a long outage', () => waits.length > steps.length);
  assert.deepEqual(waits.slice(0, steps.length), steps);
  const broker = await startMosquitto(t, [`listener ${port} 127.0.0.1`]);
  await until('up', () => links.length === 1);
  waits.length = 0;
  pass(10_000);
  await broker.kill();
  await until('tries again', () => waits.length > 0);
  assert.equal(waits[0], 250);
  await stop();
});

test('a link that never lasts is tried less and less often, down to once in 30 s; one that lasts 10 s costs one attempt in 10 s', async (t) => {
  const { clock, waits, pass } = hastyClock();
  const { url } = await startMosquitto(t);
  let lastsMs = 9_999;
  const stop = hold(url, clock, (link) => {
    pass(lastsMs);
    link.close();
  });
  await until('nine losses', () => waits.length >= 9);
  assert.deepEqual(waits.slice(0, 9), [...steps, 30_000]);
  lastsMs = 10_000;
  const from = waits.length + 1;
  await until('three more', () => waits.length >= from + 3);
  assert.deepEqual(waits.slice(from, from + 3), [250, 250, 250]);
  await stop();
});
