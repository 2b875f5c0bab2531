import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freePort, until } from '@gatehouse/harness';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { startAedes, startMosquitto } from '../../test/support/brokers.ts';
import { keepLink } from '../keep-link.ts';
import { type BrokerLink, openLink } from '../link.ts';

/**
 * Keeps what was waited for between two attempts, in milliseconds; time passes only there, and where a test
 * moves it.
 */
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
  const reasons: string[] = [];
  const onDown = ({ code }: { readonly code: string }) => {
    reasons.push(code);
    clock.isPause = true;
  };
  const running = keepLink(options, { ...user, onUp: (link) => onUp(link, clock), onDown }, abort.signal);
  return {
    clock,
    waits: clock.waits,
    /** Codes of what each link ended by. */
    reasons,
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

/**
 * A broker of MQTT 5 in bytes: it takes the login and the subscription, and says that another client has the
 * id.
 */
async function startTeller(t: TestContext): Promise<string> {
  const server = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .on('data', (packet: Buffer) => {
        if (packet[0] === 0x10) socket.write(Buffer.from('2003000000', 'hex'));
        if (packet[0] === 0x82)
          socket.end(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 0, 0xe0, 1, 0x8e]));
      }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * Another client takes the id each time that the link is up, after it has lasted so long; the next attempt
 * takes it back.
 */
function holdWithRival(url: string, lastsMs: () => number) {
  const user = { filters: () => ['a'], onMessage: () => undefined, onConfirmed: () => undefined };
  const rivals: Promise<BrokerLink>[] = [];
  const { signal } = new AbortController();
  const rival = async (clock: ManualClock) => {
    await clock.advance(lastsMs());
    return openLink({ url, clientId: 'box-1' }, user, { clock: new ManualClock(), signal });
  };
  const held = hold(url, (_link, clock) => rivals.push(rival(clock)));
  const stop = async () => {
    await held.stop();
    for (const link of await Promise.all(rivals)) await link.close();
  };
  return { ...held, stop };
}

test('a broker that says with MQTT 5 that another client took the id is believed at once', async (t) => {
  const held = hold(await startTeller(t), () => undefined);
  await held.until('taken twice', () => held.reasons.length >= 2);
  assert.deepEqual(new Set(held.reasons), new Set(['BROKER_ID_TAKEN']));
  await held.stop();
});

test('mosquitto 2.0.11 does not say it with MQTT 5 either: three links in a row look like it', async (t) => {
  const { url } = await startMosquitto(t);
  const held = holdWithRival(url, () => 0);
  await held.until('three short ones', () => held.reasons.length >= 3);
  assert.deepEqual(held.reasons.slice(0, 3), ['BROKER_CLOSED', 'BROKER_CLOSED', 'BROKER_KICKS']);
  await held.stop();
});

test('MQTT 3.1.1 does not say it: three links in a row that are closed within a minute look like it, longer ones do not', async (t) => {
  const { url } = await startAedes(t);
  let lastsMs = 60_000;
  const held = holdWithRival(url, () => lastsMs);
  await held.until('four long ones', () => held.reasons.length >= 4);
  lastsMs = 59_999;
  const from = held.reasons.length + 1;
  assert.deepEqual(new Set(held.reasons), new Set(['BROKER_CLOSED']));
  await held.until('short ones', () => held.reasons.length >= from + 3);
  assert.deepEqual(held.reasons.slice(from, from + 3).at(-1), 'BROKER_KICKS');
  await held.stop();
});
