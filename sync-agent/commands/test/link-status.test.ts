import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import { scratchFolder, until } from '@gatehouse/harness';
import { LocalClient, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { startBox, startReceiver } from '../../test/support/box.ts';
import { startMosquitto } from '../../test/support/brokers.ts';
import { comms } from '../../test/support/events.ts';
import { FakeRuntime } from '../../test/support/fake-runtime.ts';
import { Commands } from '../commands.ts';

test('a lost command connection is reported at once, since when and why, while events go up as before', async (t) => {
  // Two brokers, so that one connection can be lost without the other.
  const [up, down] = [await startMosquitto(t), await startMosquitto(t)];
  startReceiver(t, up);
  const runtime = await FakeRuntime.start(t, 'box-1', scratchFolder(t));
  const commands = new Commands({
    ...{ box: 'box-1', topicPrefix: 'gatehouse' },
    ...{ clock: systemClock, random: seededRandom(5), log: silentLog },
    login: { url: down.url, clientId: 'gatehouse-box-1-commands' },
    runtime: new LocalClient('runtime', runtime.socket),
  });
  assert.equal(commands.status().state, 'connecting');
  await startBox(t, up, { runtime, commands });
  commands.start();
  t.after(() => commands.stop());
  const told = () => runtime.statuses.at(-1);
  await until('both up', () => told()?.state === 'connected' && told()?.commands?.state === 'connected');

  const lostMs = systemClock.epochMs();
  await down.kill();
  const first = await until('told', () => (told()?.commands?.state === 'down' ? told() : undefined));
  assert.equal(first.state, 'connected');
  await until('why', () => told()?.commands?.detail?.startsWith('BROKER_UNREACHABLE: '));
  const since = Date.parse(told()?.commands?.since ?? '');
  assert.ok(Math.abs(since - lostMs) < 2_000, 'failed attempts do not make it younger');
  runtime.append('door', eventTypes.comms, { ...comms('d-1') });
  await until('acknowledged', () => runtime.acked('door') === 1);

  await down.restart();
  await until('up again', () => told()?.commands?.state === 'connected');
  assert.equal(told()?.commands?.detail, undefined);
});
