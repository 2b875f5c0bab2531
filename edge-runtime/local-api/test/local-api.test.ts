import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { driversForRuntime, runtimeForSync, visionForRuntime } from '@gatehouse/contracts';
import { GatehouseError, LocalClient, ManualClock, silentLog, systemClock } from '@gatehouse/kit';
import { apiClient, type Handlers, LocalApi } from '../index.ts';

type Sync = typeof runtimeForSync.routes;
type Vision = typeof visionForRuntime.routes;

/** Serves some routes of a table; a test asks no others. */
async function serve<R extends typeof driversForRuntime.routes | Sync | Vision>(
  t: TestContext,
  table: { readonly routes: R } & ConstructorParameters<typeof LocalApi<R>>[0]['table'],
  handlers: Partial<Handlers<R>>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-api-'));
  const socket = join(folder, 'a', 'api.sock');
  const api = new LocalApi<R>({ table, handlers: handlers as Handlers<R>, socket, log: silentLog });
  await api.start();
  t.after(async () => {
    await api.stop();
    rmSync(folder, { recursive: true });
  });
  return { raw: new LocalClient(table.service, socket), client: apiClient<R>(table, { socket }) };
}

const at = '2026-11-30T08:00:00.000+08:00';
const fire = { latched: false, active: [], unknown: [] };

test('a request reaches its handler with parameters, query and body as the table says', async (t) => {
  const seen: unknown[] = [];
  const { client } = await serve(t, runtimeForSync, {
    outbox: ({ query, response }) => {
      seen.push(query);
      response.type('application/x-ndjson').end('{}\n');
    },
    mediaResult: ({ params, body }) => void seen.push([params.id, body]),
  });
  const { bytes } = await client.bytes('outbox', { query: { class: 'alarm', after: 7 } });
  assert.equal(bytes.toString(), '{}\n');
  const params = { id: 'a b?c/d' };
  assert.equal(await client.call('mediaResult', { params, body: { outcome: 'stored' } }), undefined);
  assert.deepEqual(seen, [{ class: 'alarm', after: 7, limit: 200 }, ['a b?c/d', { outcome: 'stored' }]]);
});

test("what the table does not allow is refused with the route's own code before the handler sees it", async (t) => {
  const { raw } = await serve(t, driversForRuntime, {
    command: () => assert.fail('a command that is none'),
    outbox: () => assert.fail('a page that is none'),
  });
  const refused = (method: string, route: string, body?: object) =>
    raw.call(method, route, body ? { body } : {}).then(
      () => 'taken',
      (error: GatehouseError) => [error.code, error.message],
    );
  const [code, message] = await refused('POST', '/commands', { commandId: 1 });
  assert.equal(code, 'COMMAND_INVALID');
  assert.match(String(message), /^commandId: /, 'names the field');
  assert.equal((await refused('GET', '/outbox?limit=0'))[0], 'QUERY_INVALID');
  assert.equal((await refused('POST', '/commands', { note: 'x'.repeat(17_000) }))[0], 'BODY_INVALID');
  assert.equal((await refused('GET', '/commands'))[0], 'ROUTE_UNKNOWN');
  assert.equal((await refused('DELETE', '/outbox'))[0], 'ROUTE_UNKNOWN');
});

test('an error of a handler is answered once, with its status; one that says nothing of itself stays inside', async (t) => {
  const camera = new GatehouseError('CAMERA_UNKNOWN', 'input', 'no camera x.', 'Name one of the site.');
  const { raw } = await serve(t, visionForRuntime, {
    retakeBaseline: () => {
      throw camera;
    },
    cameras: () => Promise.reject(new Error('a secret')),
  });
  await assert.rejects(raw.call('POST', '/cameras/x/retake-baseline'), {
    code: 'CAMERA_UNKNOWN',
    message: 'no camera x.',
    remedy: 'Name one of the site.',
  });
  await assert.rejects(raw.call('GET', '/cameras'), { code: 'INTERNAL', fault: 'peer' });
});

test('bytes go both ways as they are; a body of another type is refused', async (t) => {
  const { client, raw } = await serve(t, visionForRuntime, {
    redact: ({ body, query }) => ({
      bytes: Buffer.concat([body, Buffer.of(query.maxPeople)]),
      headers: { 'x-redacted': '{}' },
    }),
  });
  const jpeg = Uint8Array.of(0xff, 0xd8, 0);
  const { bytes, headers } = await client.bytes('redact', { query: { maxPeople: 6 }, bytes: jpeg });
  assert.deepEqual([...bytes], [0xff, 0xd8, 0, 6]);
  assert.deepEqual([headers['content-type'], headers['x-redacted']], ['image/jpeg', '{}']);
  const text = { type: 'text/plain', bytes: jpeg };
  await assert.rejects(raw.callRaw('POST', '/redactions?maxPeople=6', { raw: text }), {
    code: 'REDACTION_REQUEST',
  });
});

test('an answer that is not as agreed is an error of the peer and never a value; nothing is nothing', async (t) => {
  const { client } = await serve(t, driversForRuntime, { fire: () => ({ ...fire, latched: 1 }) as never });
  await assert.rejects(client.call('fire'), {
    code: 'PEER_REFUSED',
    fault: 'peer',
    message: /^drivers answered \/fire with something else than agreed \(latched: /,
  });
  const sync = await serve(t, runtimeForSync, { nextMedia: () => undefined });
  assert.equal(await sync.client.call('nextMedia'), undefined);
});

test('one bad item of a list hides no other', async (t) => {
  const input = {
    id: 'help',
    kind: 'help',
    name: { 'zh-CN': '求助', en: 'Help' },
    state: 'unknown',
    comms: 'ok',
  };
  const { client } = await serve(t, driversForRuntime, { inputs: () => [{ id: 7 }, input] as never });
  const refused: string[] = [];
  const items = await client.items('inputs', (detail) => refused.push(detail));
  assert.deepEqual(
    items.map(({ id }) => id),
    ['help'],
  );
  assert.match(refused.join(), /^0\.id: /);
});

test('events come as the table says; one that is not is told, one of a newer peer is passed over', async (t) => {
  const told: unknown[] = [];
  const log = { ...silentLog, error: (event: string, facts?: object) => told.push([event, facts]) };
  const { client } = await serve(t, driversForRuntime, {
    events: ({ events }) => {
      const writer = events(systemClock);
      writer.send({ event: 'fire', data: { ...fire, latched: 'yes' } as never });
      writer.send({ event: 'moon', data: {} } as never);
      writer.send({ id: '3', event: 'fire', data: { ...fire, latched: true, since: at } });
    },
  });
  const heard = await new Promise((resolve) => {
    const keeper = client.keeper('events', {
      clock: new ManualClock(),
      log,
      onLink: () => undefined,
      onEvent: resolve,
    });
    keeper.start();
    t.after(() => keeper.stop());
  });
  assert.deepEqual(heard, { id: '3', event: 'fire', data: { ...fire, latched: true, since: at } });
  const [[event, facts]] = told as [[string, { route: string; event: string }]];
  assert.deepEqual([event, facts.route, facts.event], ['stream-event-refused', '/events', 'fire']);
  assert.equal(told.length, 1);
});

test('a server that lacks a route of its table, or has one more, does not compile; nor does a wrong answer', () => {
  type Accepts<Given> = Given extends Handlers<Pick<Sync, 'nextMedia' | 'acknowledge'>> ? true : false;
  const whole: Accepts<{ nextMedia: () => undefined; acknowledge: () => { outcome: 'known' } }> = true;
  const lacking: Accepts<{ nextMedia: () => undefined }> = false;
  const wrong: Accepts<{ nextMedia: () => undefined; acknowledge: () => { outcome: 'lost' } }> = false;
  type Extra = keyof Handlers<Pick<Sync, 'nextMedia'>>;
  const extra: 'acknowledge' extends Extra ? true : false = false;
  assert.deepEqual([whole, lacking, wrong, extra], [true, false, false, false]);
});
