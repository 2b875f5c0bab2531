import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DesiredMessage, maxDesiredBytes, runtimeForSync } from '@gatehouse/contracts';
import { GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import { ApiClient, type ApiTransport } from '@gatehouse/local-api';
import { Handover } from '../handover.ts';

/** A runtime that answers what the test says, and a hand-over that runs against it. */
function start(answers: (unknown | Error)[]) {
  const clock = new ManualClock();
  const abort = new AbortController();
  const got: string[] = [];
  const runtime = {
    call: async (_method: string, _route: string, options: { body?: unknown } = {}) => {
      const body = options.body as DesiredMessage;
      got.push('bytes' in body ? Buffer.from(body.bytes, 'base64').toString() : body.turnedAway);
      const answer = answers.shift() ?? { taken: true };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const handover = new Handover(
    new ApiClient(runtimeForSync, runtime as Partial<ApiTransport> as ApiTransport),
    clock,
    () => 0.5,
    silentLog,
  );
  const running = handover.run(abort.signal);
  const take = (payload: string) =>
    handover.take({ topic: 't', payload: Buffer.from(payload), retained: true });
  const stop = () => {
    abort.abort();
    return running;
  };
  return { clock, got, take, stop };
}

const down = new GatehouseError('PEER_DOWN', 'peer', 'runtime did not answer.', 'Check that it runs.');
const wrong = new GatehouseError('REQUEST_INVALID', 'input', 'no.', 'No.');

test('a message is handed over until the runtime has taken it, and of several the last', async () => {
  const { clock, got, take, stop } = start([down, down]);
  take('first');
  await clock.advance(0);
  take('second');
  take('third');
  await clock.advance(5_000);
  assert.deepEqual(got, ['first', 'third', 'third']);
  await clock.advance(600_000);
  assert.equal(got.length, 3, 'and then no more');
  await stop();
});

test('what cannot be judged yet comes again each minute, what is refused does not, and a newer one does not wait', async () => {
  const again = { taken: false, refusal: 'CLOCKS_DISAGREE', again: true };
  const { clock, got, take, stop } = start([again, again, again]);
  take('early');
  await clock.advance(119_000);
  assert.equal(got.length, 2);
  take('newer');
  await clock.advance(0);
  assert.deepEqual(got, ['early', 'early', 'newer']);
  await clock.advance(61_000);
  assert.equal(got.length, 4);
  take('unreadable');
  await clock.advance(600_000);
  assert.equal(got.length, 5);
  await stop();
});

test('a request that the runtime will never read is let go', async () => {
  const { clock, got, take, stop } = start([wrong]);
  take('odd');
  await clock.advance(600_000);
  assert.deepEqual(got, ['odd']);
  await stop();
});

test('too long a message is only told of, and an empty one, which clears the topic, asks for nothing', async () => {
  const { clock, got, take, stop } = start([]);
  take('x'.repeat(maxDesiredBytes + 1));
  await clock.advance(0);
  take('');
  await clock.advance(0);
  assert.deepEqual(got, ['MESSAGE_TOO_LONG']);
  await stop();
});
