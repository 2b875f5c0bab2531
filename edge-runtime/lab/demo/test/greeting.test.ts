import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ManualClock } from '@gatehouse/kit';
import { askHealth, type BoxHealth } from '../box-health.ts';
import { Greeting } from '../greeting.ts';

const well: BoxHealth = { status: 'ok', services: { runtime: { status: 'ok' } } };
const unwell: BoxHealth = {
  status: 'degraded',
  services: { runtime: { status: 'ok' }, vision: { status: 'down' } },
};

/** Gives one answer after the other, the last for ever, and returns the printed lines. */
async function greet(answers: readonly (BoxHealth | undefined)[], code?: string): Promise<string> {
  const clock = new ManualClock();
  let asked = 0;
  let printed = '';
  const greeting = new Greeting({
    clock,
    consoleUrl: 'http://127.0.0.1:8080',
    askHealth: async () => answers[Math.min(asked++, answers.length - 1)],
    setupCode: () => code,
    notes: async () => [
      ['日志', '/state/logs'],
      ['Logs', '/state/logs'],
    ],
    print: (text) => {
      printed += text;
    },
  });
  const started = greeting.start(new AbortController().signal);
  await clock.advance(61_000);
  await started;
  return printed;
}

test('it waits for a console that is well, then shows address, set-up code and notes', async () => {
  const text = await greet([undefined, unwell, well], 'ABCD-EFGH');
  assert.match(text, /^\n已就绪，用时 1\.0 秒。 · Ready after 1\.0 s\.\n/);
  assert.ok(text.includes('  控制台 Console            http://127.0.0.1:8080\n'));
  assert.ok(text.includes('  一次性代码 One-time code  ABCD-EFGH '));
  assert.ok(text.includes('Logs                      /state/logs\n'));
  assert.ok(
    text.includes('日志                      /state/logs\n'),
    'in line: a Chinese character takes two columns',
  );
});

test('a box with users shows no set-up code', async () => {
  assert.ok(!(await greet([well])).includes('One-time code'));
});

test('after a minute it says which service is not well, or that the console does not answer', async () => {
  assert.match(
    await greet([unwell]),
    /有服务不正常：vision down。.* not all is well after 60\.0 s: vision down\. The logs say why/,
  );
  assert.match(await greet([undefined]), /The console does not answer after 60\.0 s/);
});

test('a box that runs without a model or camera does not keep anyone waiting for its address', async () => {
  const degraded: BoxHealth = { status: 'degraded', services: { vision: { status: 'degraded' } } };
  const text = await greet([undefined, unwell, degraded], 'ABCD-EFGH');
  assert.match(text, /not all is well after 11\.0 s: vision degraded/);
  assert.ok(text.includes('  一次性代码 One-time code  ABCD-EFGH '));
});

test('health is what the console answers, and unknown when that is no health or nobody answers', async () => {
  let body = JSON.stringify(unwell);
  const server = createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  assert.deepEqual(await askHealth(url), unwell);
  body = '{"hello":1}';
  assert.equal(await askHealth(url), undefined);
  body = 'oops';
  assert.equal(await askHealth(url), undefined);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await askHealth(url), undefined);
});
