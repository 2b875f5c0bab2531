import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import {
  accepts,
  closeServer,
  freePort,
  listen,
  Mosquitto,
  Program,
  scratchFolder,
  until,
} from '../index.ts';

test('a wait gives what it found, and one in vain says what for', async () => {
  let looks = 0;
  assert.equal(await until('the third look', () => ++looks === 3 && 'found', { everyMs: 1 }), 'found');
  assert.equal(await until('zero', () => 0), 0);
  await assert.rejects(
    until('the door opens', () => false, { withinMs: 1, everyMs: 1 }),
    { message: 'waited 0.001 s in vain: the door opens' },
  );
  await assert.rejects(
    until('a throw', () => Promise.reject(new Error('no such board'))),
    { message: 'no such board' },
  );
});

test('a free port is free, a server that listens is heard, and its open streams do not hold up its end', async () => {
  const free = await freePort();
  assert.equal(await accepts(free), false);
  const server = createServer((_request, response) => void response.write('a stream without end'));
  const port = await listen(server);
  assert.equal(await accepts(port), true);
  const answer = await fetch(`http://127.0.0.1:${port}`);
  await closeServer(server);
  assert.equal(await accepts(port), false);
  await assert.rejects(answer.text());
});

const script = (text: string) => Program.ofNode(['--eval', text]);
const steady = "console.log('up'); console.error('as well'); setInterval(() => 0, 1000);";

test('a program is killed and started again, and says only what is new', async (t) => {
  const program = script(steady);
  t.after(() => program.kill());
  assert.equal(program.ended, true);
  await program.start().said(/as well/);
  const { pid } = program;
  await program.kill();
  assert.equal(program.ended, true);
  assert.equal(await program.end(), null, 'a signal ended it');
  program.start();
  assert.doesNotMatch(program.output, /up/);
  await program.said(/up/);
  assert.notEqual(program.pid, pid);
});

test('a program that ends, or cannot start, does not keep anybody waiting', async () => {
  await assert.rejects(
    script("console.error('no such bus'); process.exit(3)").start().said(/up/),
    /no such bus/,
  );
  const ending = script('process.exitCode = 4').start();
  assert.equal(await ending.exited(), 4);
  await assert.rejects(
    new Program(['gatehouse-no-such-program']).start().said(/up/),
    /cannot start .*ENOENT/,
  );
});

test('mosquitto listens when it has started, and again after a kill', async (t) => {
  const broker = await Mosquitto.start(scratchFolder(t));
  t.after(() => broker.kill());
  assert.equal(await accepts(broker.port), true);
  await broker.kill();
  assert.equal(await accepts(broker.port), false);
  await broker.restart();
  assert.equal(await accepts(broker.port), true);
});

test('a scratch folder is gone after its test', async (t) => {
  let folder = '';
  await t.test('uses one', (inner) => {
    folder = scratchFolder(inner);
    assert.ok(existsSync(folder));
  });
  assert.ok(!existsSync(folder));
});
