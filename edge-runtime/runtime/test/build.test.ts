import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { driversForRuntime, flowsForRuntime, visionForRuntime } from '@gatehouse/contracts';
import {
  GatehouseError,
  LocalClient,
  ManualClock,
  type PartTable,
  silentLog,
  startAll,
  stopAll,
} from '@gatehouse/kit';
import { ApiClient } from '@gatehouse/local-api';
import { z } from 'zod';
import { buildRuntime } from '../build.ts';
import { temporaryFolder, testSite } from './fixtures.ts';

/** A service that answers about its health, and is asked nothing else in these tests. */
class FakeService extends LocalClient {
  readonly asked: string[] = [];
  constructor() {
    super('fake', '/nowhere');
  }
  override async call(method: string, route: string): Promise<unknown> {
    this.asked.push(`${method} ${route}`);
    if (route === '/health') return { status: 'ok' };
    throw down();
  }
  override async callRaw(): Promise<never> {
    throw down();
  }
  override async open(): Promise<never> {
    throw down();
  }
}

function down(): GatehouseError {
  return new GatehouseError('PEER_DOWN', 'environment', 'the fake does not serve this.', 'Nothing to do.');
}

/**
 * The runtime's table on fakes, with the starts and stops of its parts in order: `+store` is started,
 * `-store` is stopped.
 */
function build(t: TestContext, folder = temporaryFolder(t), port = 0) {
  const siteFile = join(folder, 'site.yaml');
  writeFileSync(siteFile, 'none of the tests edits it');
  const sockets = { sync: socket('sync'), flows: socket('flows'), cli: socket('cli') };
  function socket(caller: string): string {
    return join(folder, 'run', caller, 'api.sock');
  }
  const services = { vision: new FakeService(), drivers: new FakeService(), flows: new FakeService() };
  const clock = new ManualClock();
  const table = buildRuntime({
    site: testSite(),
    siteFile,
    stateDir: folder,
    clock,
    log: silentLog,
    random: () => 0.5,
    clients: {
      vision: () => new ApiClient(visionForRuntime, services.vision),
      drivers: new ApiClient(driversForRuntime, services.drivers),
      flows: new ApiClient(flowsForRuntime, services.flows),
    },
    sockets,
    listeners: { port, editorPort: 0 },
  });
  const done: string[] = [];
  const parts: PartTable = table.map(([name, part]) => [
    name,
    {
      async start(signal) {
        done.push(`+${name}`);
        await part.start(signal);
      },
      async stop() {
        done.push(`-${name}`);
        await part.stop();
      },
    },
  ]);
  const names = table.map(([name]) => name);
  return { folder, clock, services, cli: new LocalClient('runtime', sockets.cli), parts, names, done };
}

const Health = z.object({ services: z.record(z.string(), z.object({ status: z.string() })) });

test('the runtime starts in the written order without any other service, and stops in reverse', async (t) => {
  const { folder, clock, services, cli, parts, names, done } = build(t);
  await startAll(parts, silentLog, new AbortController().signal);
  const stopped = async () => stopAll(parts, silentLog);
  try {
    assert.deepEqual(
      done,
      names.map((name) => `+${name}`),
    );
    await clock.advance(2_000);
    const { services: healths } = Health.parse(await cli.call('GET', '/health'));
    const told = ['runtime', 'vision', 'drivers', 'sync'].map((name) => healths[name]?.status);
    assert.deepEqual(told, ['ok', 'ok', 'ok', 'down'], 'what the fakes say is what it tells');
    assert.ok(services.drivers.asked.includes('GET /outbox?after=0&limit=200'));
  } finally {
    await stopped();
  }
  assert.deepEqual(
    done.slice(names.length),
    names.toReversed().map((name) => `-${name}`),
  );
  await assert.rejects(cli.call('GET', '/health'), { code: 'PEER_DOWN' });
  const again = build(t, folder);
  await startAll(again.parts, silentLog, new AbortController().signal);
  await stopAll(again.parts, silentLog);
});

test('nothing asks the runtime before what answers is running, and nothing uses the store before it is open', (t) => {
  const { names } = build(t);
  const apis = ['sync api', 'flows api', 'cli api', 'console'];
  assert.deepEqual(names.slice(-apis.length), apis);
  assert.deepEqual(names.slice(0, 2), ['processor', 'store']);
  const before = (first: string, second: string) => names.indexOf(first) < names.indexOf(second);
  // Listeners of incidents and frames subscribe before the first can come.
  for (const listener of ['incidents', 'evidence', 'media', 'camera health'])
    assert.ok(before(listener, 'cameras'), listener);
  assert.ok(before('incidents', 'devices'), 'a fire alarm reaches the rules');
  assert.ok(before('retention', 'clock watch'), 'a step of the clock reaches retention');
});

test('a runtime that cannot start stops what it has started, in reverse', async (t) => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as AddressInfo).port));
  });
  t.after(() => taken.close());
  const { folder, parts, names, done } = build(t, temporaryFolder(t), port);
  await assert.rejects(startAll(parts, silentLog, new AbortController().signal), /\bport\b|EADDRINUSE/);
  assert.deepEqual(
    done.slice(names.length),
    names.toReversed().map((name) => `-${name}`),
  );
  const again = build(t, folder);
  await startAll(again.parts, silentLog, new AbortController().signal);
  await stopAll(again.parts, silentLog);
});
