import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ManualClock } from '@gatehouse/kit';
import { startMosquitto } from '../../test/support/brokers.ts';
import { LinkProxy } from '../../test/support/link-proxy.ts';
import { until } from '../../test/support/until.ts';
import { type LinkUser, openLink } from '../link.ts';
import { SilenceTimer } from '../silence-timer.ts';

/** People must know within this. */
const toldWithinMs = 30_000;
const pingRequest = Buffer.from([0xc0, 0x00]);

const user = (changes: Partial<LinkUser> = {}): LinkUser => ({
  filters: () => ['gatehouse/box-1/acks'],
  onMessage: () => undefined,
  onConfirmed: () => undefined,
  ...changes,
});

async function linkThroughProxy(t: TestContext, changes: Partial<LinkUser> = {}) {
  const broker = await startMosquitto(t);
  const proxy = await LinkProxy.start(t, broker.port);
  const clock = new ManualClock();
  const { signal } = new AbortController();
  const link = await openLink({ url: proxy.mqttUrl, clientId: 'box-1' }, user(changes), { clock, signal });
  t.after(() => link.close());
  return { broker, proxy, clock, link };
}

/** Moves the clock second by second until the link has ended. Returns its reason and how long that took. */
async function endOf(
  closed: Promise<{ code: string }>,
  clock: ManualClock,
  eachSecond: () => void = () => undefined,
) {
  let reason: { code: string } | undefined;
  void closed.then((why) => {
    reason = why;
  });
  const fromMs = clock.monotonicMs();
  while (!reason && clock.monotonicMs() - fromMs <= toldWithinMs) {
    eachSecond();
    await clock.advance(1_000);
  }
  return { code: reason?.code, tookMs: clock.monotonicMs() - fromMs };
}

test('a broker that falls silent with its connection open is asked, and then given up as silent', async (t) => {
  const { proxy, clock, link } = await linkThroughProxy(t);
  proxy.fallSilent();
  const { code, tookMs } = await endOf(link.closed, clock);
  assert.equal(code, 'BROKER_SILENT');
  assert.ok(tookMs < toldWithinMs, `${tookMs} ms`);
  assert.ok(Buffer.concat(proxy.swallowed).includes(pingRequest), 'it was asked before it was given up');
});

test('events that go out all the time do not hide that nothing comes back', async (t) => {
  const { proxy, clock, link } = await linkThroughProxy(t);
  proxy.fallSilent();
  const { code } = await endOf(link.closed, clock, () =>
    link.publish('gatehouse/box-1/events/door', '{}', 'a/b'),
  );
  assert.equal(code, 'BROKER_SILENT');
});

test('a quiet broker that answers when it is asked keeps its link for as long as it does', async (t) => {
  const { proxy, clock, link } = await linkThroughProxy(t);
  let ended = false;
  void link.closed.then(() => {
    ended = true;
  });
  for (let round = 0; round < 12; round++) {
    const before = proxy.down;
    await until('it was asked and has answered', async () => {
      await clock.advance(500);
      assert.equal(ended, false);
      return proxy.down > before;
    });
  }
  assert.ok(clock.monotonicMs() > 100_000, 'a ping is due every ten seconds, not more often');
});

test('a process that was stopped for a minute gives an answer that has come meanwhile its time', () => {
  const timers: (() => void)[] = [];
  const clock = {
    monotonicMs: () => 0,
    epochMs: () => 0,
    after: (_ms: number, fn: () => void) => {
      timers.push(fn);
      return () => undefined;
    },
  };
  const said: string[] = [];
  const watch = new SilenceTimer({
    clock,
    ask: () => said.push('asked'),
    onSilent: () => said.push('silent'),
  });
  watch.start();
  const look = (times: number) => {
    for (let n = 0; n < times; n++) timers.shift()?.();
  };
  look(10);
  assert.deepEqual(said, ['asked']);
  // Stopped here for a minute: one timer fires late, and only then what has come is read.
  look(1);
  watch.heard();
  look(9);
  assert.deepEqual(said, ['asked']);
  look(11);
  assert.deepEqual(said, ['asked', 'asked', 'silent']);
});

test('what this side does not take in does not make the broker silent', async (t) => {
  let resolve: () => void = () => undefined;
  const held = new Promise<void>((done) => {
    resolve = done;
  });
  let messages = 0;
  const { broker, clock, link } = await linkThroughProxy(t, {
    onMessage: () => {
      messages++;
    },
    room: () => (messages === 1 ? held : undefined),
  });
  const { signal } = new AbortController();
  const other = await openLink({ url: broker.url, clientId: 'platform' }, user({ filters: () => ['none'] }), {
    clock: new ManualClock(),
    signal,
  });
  t.after(() => other.close());
  for (let n = 0; n < 50; n++) other.publish('gatehouse/box-1/acks', 'x'.repeat(60_000), 'a/b');
  await until('the first is there', () => messages === 1);
  const { code } = await endOf(link.closed, clock);
  assert.equal(code, undefined);
  resolve();
  await until('the rest comes', () => messages > 10);
});

/** A TCP server that says these bytes once something comes, and nothing more. */
async function talker(t: TestContext, talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

const connack = Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]);
for (const [name, talk] of [
  ['takes the connection and says nothing', () => undefined],
  ['answers CONNECT and no SUBSCRIBE', (socket) => socket.once('data', () => socket.write(connack))],
] as const satisfies readonly (readonly [string, (socket: Socket) => unknown])[])
  test(`a program that ${name} is silent, too`, async (t) => {
    const url = await talker(t, talk);
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const attempt = openLink({ url, clientId: 'box-1' }, user(), { clock, signal });
    const failed = attempt.then(
      () => ({ code: 'UP' }),
      (error: { code: string }) => error,
    );
    const { code, tookMs } = await endOf(failed, clock);
    assert.equal(code, 'BROKER_SILENT');
    assert.ok(tookMs < toldWithinMs, `${tookMs} ms`);
  });
