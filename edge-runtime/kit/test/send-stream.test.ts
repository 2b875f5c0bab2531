import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { closeServer } from '@gatehouse/harness';
import { sendStream } from '@gatehouse/kit';

/** A request whose answer the test holds; `go` resets it from the reader's side. */
async function answerOf(t: TestContext): Promise<{ response: ServerResponse; go: () => Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => closeServer(server));
  const call = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false });
  call.on('error', () => undefined);
  call.on('response', (answer) => answer.on('error', () => undefined).resume());
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  const go = async () => {
    const closed = once(response, 'close');
    call.destroy();
    await closed;
  };
  return { response, go };
}

test('a reader that has gone before is no error, and the source is closed, though it could not be opened', async (t) => {
  const { response, go } = await answerOf(t);
  await go();
  const source = createReadStream('/nonexistent/events.db.copy');
  await sendStream(source, response);
  if (!source.closed) await new Promise<void>((resolve) => source.once('close', resolve));
  assert.equal(source.destroyed, true);
});

test('a reader that goes meanwhile is no error, and the source is closed', async (t) => {
  const { response, go } = await answerOf(t);
  const source = new Readable({ read: () => undefined });
  const sent = sendStream(source, response);
  source.push('some');
  await go();
  await sent;
  assert.equal(source.destroyed, true);
});

test('a source that fails says why, and ends the answer', async (t) => {
  const { response } = await answerOf(t);
  await assert.rejects(sendStream(createReadStream('/nonexistent/file'), response), { code: 'ENOENT' });
  assert.equal(response.destroyed, true);
});
