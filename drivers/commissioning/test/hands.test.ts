import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Device } from '@gatehouse/contracts';
import { closeServer } from '@gatehouse/harness';
import { ManualClock } from '@gatehouse/kit';
import type { Task } from '../acceptance/hands.ts';
import { SimulatorHands } from '../acceptance/simulator-hands.ts';
import { TerminalHands } from '../acceptance/terminal-hands.ts';

const device = Device.parse({
  ...{ id: 'barrier', kind: 'barrier', name: { 'zh-CN': '道闸', en: 'Barrier' }, bus: 'b', unit: 2 },
  ...{ profile: 'p', outputs: { open: 0 }, inputs: { loop: 4 }, failMode: 'safe' },
  contacts: { loop: { wiring: 'normally-closed' } },
});
const task: Task = { of: device, contact: 'loop', bus: 'b', unit: 2, channel: 4, on: true };

test('a person is told what to do, and the moment of the Enter key counts', async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const answers = ['', 's', undefined, 'n', 'y', 's'];
  const hands = new TerminalHands(
    async (question) => {
      asked.push(question);
      await clock.advance(250);
      return answers.shift();
    },
    'en',
    clock,
  );
  const startMs = clock.monotonicMs();
  assert.equal(await hands.act(task), startMs + 250);
  assert.equal(await hands.act(task), undefined, 'skipped');
  assert.equal(await hands.act(task), undefined, 'no more input');
  assert.deepEqual(
    [await hands.see(device, 'open'), await hands.see(device, 'open'), await hands.see(device, 'open')],
    ['no', 'yes', 'not-asked'],
  );
  assert.match(asked[0] ?? '', /Drive onto the loop of “Barrier”.*press Enter as you do it/);
});

test('a simulator is told which contact to close, whichever way round it is wired', async (t) => {
  const bodies: unknown[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    bodies.push([request.method, request.url, JSON.parse(text)]);
    response.writeHead(status).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => closeServer(server));
  const clock = new ManualClock();
  const hands = new SimulatorHands(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, clock);
  assert.equal(await hands.act(task), clock.monotonicMs());
  assert.deepEqual(bodies, [['POST', '/contact', { bus: 'b', unit: 2, channel: 4, closed: false }]]);
  status = 400;
  assert.equal(await hands.act(task), undefined, 'what a simulator cannot do is not tested');
});
