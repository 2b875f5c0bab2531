import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { controlServer } from '../control.ts';
import type { CameraSimulator } from '../index.ts';

test('the control takes commands of programs, and none that a web page made a browser send', async (t) => {
  const done: string[] = [];
  const simulator: CameraSimulator = {
    port: 0,
    url: (path) => `rtsp://127.0.0.1/${path}`,
    position: () => {
      throw new Error('nobody asks here');
    },
    viewers: () => 0,
    misbehave: async (path, kind) => void done.push(`${path} ${kind}`),
    heal: async (path) => void done.push(`${path} healed`),
    close: async () => undefined,
  };
  const server = controlServer(simulator, ['lot']);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const post = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/misbehave`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...headers },
      body: JSON.stringify({ stream: 'lot', kind: 'stall' }),
    });
  assert.equal((await post({ origin: 'http://evil.example' })).status, 400);
  assert.deepEqual(done, []);
  assert.equal((await post({})).status, 200);
  assert.deepEqual(done, ['lot stall']);
});
