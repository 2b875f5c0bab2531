import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { systemClock as clock, GatehouseError } from '@gatehouse/kit';
import { startMosquitto } from '../../test/support/brokers.ts';
import { openLink } from '../link.ts';

const user = {
  filters: () => ['gatehouse/box-1/acks'],
  onMessage: () => undefined,
  onConfirmed: () => undefined,
};
const options = { clock, signal: new AbortController().signal };

test('a broker beyond this machine is spoken to without TLS only if the site file names it', async (t) => {
  const { url } = await startMosquitto(t);
  // Linux connects 0.0.0.0 to this machine, but the address does not say that it is this machine.
  const beyond = url.replace('127.0.0.1', '0.0.0.0');
  const login = { url: beyond, clientId: 'box-1', username: 'u', password: 'p' };
  const link = await openLink({ ...login, plaintext: '0.0.0.0' }, user, options);
  t.after(() => link.close());
  assert.equal(link.protocol, 5);
  for (const plaintext of [undefined, 'other.example'])
    await assert.rejects(openLink({ ...login, plaintext }, user, options), (error: unknown) => {
      assert.ok(error instanceof GatehouseError);
      assert.equal(error.code, 'UPLINK_PLAINTEXT');
      assert.match(error.message, /mqtt:\/\/0\.0\.0\.0:\d+: mqtt:\/\/ is taken for this machine alone/);
      assert.match(error.remedy, /mqtts:\/\/.*plaintext: 0\.0\.0\.0/);
      return true;
    });
});

test('nothing is sent to a broker that is refused', async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const login = { url: `mqtt://0.0.0.0:${port}`, clientId: 'box-1' };
  await assert.rejects(openLink(login, user, options));
  assert.equal(connections, 0);
  await assert.rejects(openLink({ ...login, plaintext: '0.0.0.0' }, user, options));
  assert.notEqual(connections, 0);
});
