import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { flowsForRuntime, WireFlowsDeployed } from '@gatehouse/contracts';
import { GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import { ApiClient, type ApiTransport } from '@gatehouse/local-api';
import { EventStore } from '@gatehouse/store';
import { temporaryFolder } from '../../test/fixtures.ts';
import { CommandIds } from '../../upstream/command-ids.ts';
import { FlowsAudit } from '../flows-audit.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const lin = { user: 'lin', address: '10.0.0.7' };

/** Flows that a test puts in place, and the real store's records of them. */
function bench(t: TestContext) {
  const clock = new ManualClock(Date.parse('2026-11-23T03:00:00Z'));
  const file = join(temporaryFolder(t), 'events.db');
  const open = () => {
    const store = new EventStore({ file, box: 'box-1', clock });
    store.start();
    t.after(() => store.stop());
    return store;
  };
  const flows = {
    running: 'ready flows',
    down: false,
    answer: undefined as unknown,
    async call() {
      if (flows.down) throw new GatehouseError('PEER_DOWN', 'peer', 'flows did not answer.', 'Check it.');
      const digest = hash(flows.running);
      return flows.answer ?? { digest, instance: 'i', types: [], startErrors: 0 };
    },
  };
  const client = new ApiClient(flowsForRuntime, flows as Partial<ApiTransport> as ApiTransport);
  const bench = {
    flows,
    clock,
    store: open(),
    record: undefined as unknown as FlowsAudit,
    restart() {
      bench.store.stop();
      bench.store = open();
      bench.record = new FlowsAudit({ flows: client, store: bench.store, clock, log: silentLog });
    },
    /** The platform gets this in place of a digest. */
    keyed: (text: string) => new CommandIds(() => bench.store.commandIdKey).idOf(hash(text)),
    /** Cause, who, before and after, of each event for the platform. */
    told: () =>
      bench.store
        .outboxBatch('door', 0, 100)
        .events.map(({ data }) => WireFlowsDeployed.parse(data))
        .map(({ cause, user, before, after }) => [cause, user, before, after]),
    look: async () => {
      await clock.advance(30_000);
      await bench.record.look();
    },
  };
  bench.record = new FlowsAudit({ flows: client, store: bench.store, clock, log: silentLog });
  return bench;
}

test('a deploy is told with who, and with the flows before and after, in audit and outbox at once', async (t) => {
  const { record, flows, store, told, look, keyed } = bench(t);
  await look();
  assert.deepEqual(
    told(),
    [['other', undefined, undefined, keyed('ready flows')]],
    'what a new box begins with',
  );
  const deploy = await record.begin(lin);
  const asked = store.accounts.lastAudit('flows-deploy-request');
  assert.deepEqual(
    [asked?.who, asked?.from, asked?.detail],
    ['lin', '10.0.0.7', { before: hash('ready flows') }],
  );
  flows.running = 'new flows';
  await deploy.end();
  assert.deepEqual(told().at(-1), ['editor', 'lin', keyed('ready flows'), keyed('new flows')]);
  const done = store.accounts.lastAudit('flows-deployed');
  assert.deepEqual(
    [done?.who, done?.from, done?.detail],
    ['lin', '10.0.0.7', { cause: 'editor', before: hash('ready flows'), after: hash('new flows') }],
  );
  assert.doesNotMatch(
    JSON.stringify(store.outboxBatch('door', 0, 9)),
    new RegExp(`10\\.0\\.0\\.7|${hash('new flows')}`),
    'addresses stay on the box, and digests that the flows service chose',
  );
});

test('a deploy of the same flows is asked for on record, and tells the platform nothing', async (t) => {
  const { record, told, look } = bench(t);
  await look();
  await (await record.begin(lin)).end();
  assert.equal(told().length, 1);
});

test('nothing may be deployed while it cannot be recorded', async (t) => {
  const { record, flows, store } = bench(t);
  flows.down = true;
  await assert.rejects(record.begin(lin), { code: 'PEER_DOWN' });
  flows.down = false;
  flows.answer = { digest: 'not a digest', instance: 'i', types: [], startErrors: 0 };
  await assert.rejects(record.begin(lin), { code: 'PEER_REFUSED' });
  assert.equal(store.accounts.lastAudit('flows-deploy-request'), undefined);
});

test('flows that broke off over a deploy are recorded under its name when they are back', async (t) => {
  const { record, flows, told, look, keyed } = bench(t);
  const deploy = await record.begin(lin);
  flows.running = 'deadly flows';
  flows.down = true;
  await deploy.end();
  assert.equal(told().length, 1);
  flows.down = false;
  await look();
  assert.deepEqual(told().at(-1), ['editor', 'lin', keyed('ready flows'), keyed('deadly flows')]);
});

test('flows that nobody is known to have changed are found, also over a restart of the runtime', async (t) => {
  const run = bench(t);
  await run.look();
  run.flows.running = 'changed behind our back';
  run.restart();
  await run.look();
  assert.deepEqual(run.told().at(-1), [
    'other',
    undefined,
    run.keyed('ready flows'),
    run.keyed('changed behind our back'),
  ]);
  run.restart();
  await run.look();
  assert.equal(run.told().length, 2, 'what is on record is no news');
});

test('what the platform deploys is told under its own name, and what a stranger changed before is not', async (t) => {
  const { record, flows, told, look } = bench(t);
  await look();
  flows.running = 'of the platform';
  await record.changed({ cause: 'platform', user: 'upstream city-1 li' });
  flows.running = 'changed behind our back';
  const deploy = await record.begin(lin);
  flows.running = 'of lin';
  await deploy.end();
  assert.deepEqual(
    told().map(([cause, user]) => [cause, user]),
    [
      ['other', undefined],
      ['platform', undefined],
      ['other', undefined],
      ['editor', 'lin'],
    ],
  );
});

test('answers that are none, and looks without end, cost the box nothing', async (t) => {
  const { record, flows, told, look } = bench(t);
  for (const answer of [false, 'text', { digest: '../../etc' }, []]) {
    flows.answer = answer;
    await look();
  }
  assert.deepEqual(told(), []);
  flows.answer = undefined;
  let asked = 0;
  const { call } = flows;
  flows.call = () => {
    asked++;
    return call();
  };
  for (let i = 0; i < 100; i++) await record.look();
  assert.equal(asked, 0, 'within half a minute');
});
