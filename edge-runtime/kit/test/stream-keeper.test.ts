import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { until } from '@gatehouse/harness';
import { apiErrorAnswer, GatehouseError, type Log, resumePointInvalid, silentLog } from '@gatehouse/kit';
import { eventText, keptStream, MemoryCursor, openStream } from './kept-stream.ts';

const growing = [100, 200, 400, 800, 1_600, 2_000, 2_000];

const noStreams: Readonly<Record<string, RequestListener>> = {
  'a 503 with its error': (_request, response) =>
    void response
      .writeHead(503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { code: 'MODEL_LOADING', message: 'm.', remedy: 'r.' } })),
  'a 404': (_request, response) => void response.writeHead(404).end('no'),
  'a 204': (_request, response) => void response.writeHead(204).end(),
  'a 202 of an event stream': (_request, response) =>
    void response.writeHead(202, { 'content-type': 'text/event-stream' }).write(': open\n\n'),
  'a 200 that is no event stream': (_request, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end('[]'),
  'an error body without end': (_request, response) => {
    response.writeHead(500);
    const pour = () => {
      while (response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', pour);
    pour();
  },
  'a reset before any answer': (request) => void request.socket.destroy(),
  'an end before the first byte': (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
};

for (const [name, answer] of Object.entries(noStreams))
  test(`${name} is no open stream: never up, and asked ever more rarely`, async (t) => {
    const { links, clock, resumes, passBackoff } = await keptStream(t, answer);
    for (const n of growing.keys()) await passBackoff(n + 1);
    await until('asked again', () => resumes.length === growing.length + 1);
    assert.deepEqual(clock.backoffs.slice(0, growing.length), growing);
    assert.deepEqual(links, []);
  });

test('a peer that takes the request and says nothing is given 5 s, whether or not it has sent its head', async (t) => {
  const answers: RequestListener[] = [
    () => undefined,
    (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
  ];
  const { links, clock, resumes, passBackoff } = await keptStream(t, (request, response) =>
    answers[resumes.length - 1]?.(request, response),
  );
  for (const n of answers.keys()) {
    await until('asked', () => resumes.length === n + 1);
    await clock.advance(4_999);
    assert.equal(clock.backoffs.length, n, 'it still waits');
    await clock.advance(1);
    await passBackoff(n + 1);
  }
  assert.deepEqual(links, []);
});

test('a stream that brings an event and ends at once does not shorten the wait; one that stood 5 s does', async (t) => {
  let standing: ServerResponse | undefined;
  const { links, clock, events, resumes, passBackoff } = await keptStream(t, (_request, response) => {
    openStream(response).write(eventText(String(resumes.length)));
    if (resumes.length <= 4) response.end();
    else standing = response;
  });
  for (const n of [1, 2, 3, 4]) await passBackoff(n);
  await until('it stands', () => events.length === 5);
  assert.deepEqual(clock.backoffs, growing.slice(0, 4));
  await clock.advance(5_000);
  standing?.end();
  await until('it is lost', () => clock.backoffs.length === 5);
  assert.equal(clock.backoffs[4], 100);
  assert.deepEqual(
    links,
    [1, 2, 3, 4, 5].flatMap(() => [true, false]),
  );
});

test('beats keep a stream, and the third that is missing ends it', async (t) => {
  let stream: ServerResponse | undefined;
  const { links, clock, events, passBackoff, resumes } = await keptStream(t, (_request, response) => {
    stream = openStream(response);
  });
  await until('it is up', () => links.length === 1);
  for (let minute = 0; minute < 4; minute++) {
    stream?.write(`: beat\n\nevent: marker\ndata: ${minute}\n\n`);
    await until('the beat was read', () => events.length === minute + 1);
    await clock.advance(44_000);
    assert.deepEqual(links, [true]);
  }
  await clock.advance(4_050);
  await until('it is silent', () => links.length === 2);
  await passBackoff(1);
  await until('it is asked again', () => resumes.length === 2);
});

test('what was handed over is not asked for again, and half an event is none', async (t) => {
  const cursor = new MemoryCursor('4');
  const { events, resumes, passBackoff } = await keptStream(
    t,
    (_request, response) => {
      const stream = openStream(response);
      if (resumes.length === 1) {
        stream.write(`${eventText('5')}${eventText('6').slice(0, -1)}`);
        stream.write('', () => response.socket?.destroy());
      } else stream.write(eventText('6'));
    },
    { cursor },
  );
  await passBackoff(1);
  await until('the second event', () => events.length === 2);
  assert.deepEqual(resumes, ['4', '5']);
  assert.deepEqual(
    events.map(({ id }) => id),
    ['5', '6'],
  );
});

test('a place that the peer does not know is given up, any other refusal keeps it', async (t) => {
  const cursor = new MemoryCursor('7');
  const refuse = (code: string) => apiErrorAnswer(new GatehouseError(code, 'input', 'm.', 'r.'));
  const { events, resumes, passBackoff } = await keptStream(
    t,
    (_request, response) => {
      const code = ['REQUEST_INVALID', resumePointInvalid][resumes.length - 1];
      if (code === undefined) return void openStream(response).write(eventText('1'));
      const { status, body } = refuse(code);
      response.writeHead(status).end(JSON.stringify(body));
    },
    { cursor },
  );
  await passBackoff(1);
  await passBackoff(2);
  await until('the stream', () => events.length === 1);
  assert.deepEqual(resumes, ['7', '7', undefined]);
  assert.equal(cursor.forgotten, 1);
});

test('a held stream hands over nothing, is not taken for silent, and forgets nothing at a stop', async (t) => {
  const cursor = new MemoryCursor();
  const gates: (() => void)[] = [];
  const mayTake = () => new Promise<void>((resolve) => gates.push(resolve));
  const { keeper, clock, events, links } = await keptStream(
    t,
    (_request, response) => void openStream(response).write(`${eventText('1')}${eventText('2')}`),
    { cursor, mayTake },
  );
  await until('the first waits', () => gates.length === 1);
  await clock.advance(120_000);
  assert.deepEqual([links, events.length], [[true], 0]);
  gates[0]?.();
  await until('the second waits', () => gates.length === 2);
  assert.deepEqual([events.map(({ id }) => id), cursor.id], [['1'], '1']);
  const stopped = keeper.stop();
  gates[1]?.();
  await stopped;
  assert.deepEqual([events.length, cursor.id, links], [1, '1', [true, false]]);
  assert.equal(clock.pendingTimers, 0);
});

test('a reader that throws at one event hears the next', async (t) => {
  const heard: (string | undefined)[] = [];
  const cursor = new MemoryCursor();
  const { links } = await keptStream(
    t,
    (_request, response) => void openStream(response).write(`${eventText('1')}${eventText('2')}`),
    {
      cursor,
      onEvent: ({ id }) => {
        if (id === '1') throw new Error('not this one');
        heard.push(id);
      },
    },
  );
  await until('the second', () => heard.length === 1);
  assert.deepEqual([heard, cursor.id, links], [['2'], '2', [true]]);
});

test('an outage is told once a reason, a start that takes some attempts not at all, and its end is told', async (t) => {
  const told: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (event, fields) => told.push(`${event} ${codeOf(fields?.error)}`),
    info: (event) => told.push(event),
  };
  let stream: ServerResponse | undefined;
  const refused = (code: string) => JSON.stringify({ error: { code, message: 'm.', remedy: 'r.' } });
  const { clock, passBackoff, resumes, links } = await keptStream(
    t,
    (_request, response) => {
      if (resumes.length <= 3) response.writeHead(503).end(refused('STARTING'));
      else if (resumes.length === 4) stream = openStream(response);
      else if (resumes.length <= 8) response.writeHead(503).end(refused('BROKEN'));
      else openStream(response);
    },
    { log },
  );
  for (const n of [1, 2, 3]) await passBackoff(n);
  await until('it is up', () => links.length === 1);
  await clock.advance(5_000);
  assert.deepEqual(told, []);
  stream?.end();
  for (const n of [4, 5, 6, 7, 8]) await passBackoff(n);
  await until('it is up again', () => links.length === 3);
  await clock.advance(5_000);
  assert.deepEqual(told, ['stream-lost STREAM_ENDED', 'stream-lost BROKEN', 'stream-back']);
});

function codeOf(error: unknown): string {
  return error instanceof GatehouseError ? error.code : String(error);
}
