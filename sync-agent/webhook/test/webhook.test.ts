import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { eventTypes } from '@gatehouse/contracts';
import fc from 'fast-check';
import { startBox } from '../../test/support/box.ts';
import { comms, incident } from '../../test/support/events.ts';
import { scratchDir } from '../../test/support/scratch.ts';
import { TestCa } from '../../test/support/test-ca.ts';
import { until } from '../../test/support/until.ts';
import { startWebhook, startWebhookBox } from '../../test/support/webhook.ts';
import { readClientTls } from '../../tls/client-tls.ts';
import { judgeAnswer, retryAfterMs } from '../batch-answer.ts';

const epochMs = Date.parse('2026-11-26T12:00:00Z');
const answer = (status: number, body = '', retryAfter?: string) => ({
  status,
  body: Buffer.from(body),
  retryAfter,
  certEndsMs: undefined,
});
const ack = { boxid: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm', upTo: 7 };

test('a request is a batch of CloudEvents with token, key and a signature that the secret proves', async (t) => {
  const secret = Buffer.from('a secret of the platform');
  const { platform, runtime } = await startWebhookBox(t, {
    token: 'tok',
    signingSecret: `whsec_${secret.toString('base64')}`,
  });
  runtime.append('alarm', eventTypes.incident, { ...incident(1) });
  await until('gone', () => runtime.waiting('alarm') === 0);
  const [{ headers, body } = { headers: {}, body: '' }] = platform.requests;
  assert.equal(headers['content-type'], 'application/cloudevents-batch+json; charset=utf-8');
  assert.equal(headers.authorization, 'Bearer tok');
  assert.match(String(headers['idempotency-key']), /^"[0-9a-f]{32}"$/);
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  assert.equal(
    headers['webhook-signature'],
    `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
  );
});

test('the same batch sent again has the same idempotency key', async (t) => {
  const { platform, runtime } = await startWebhookBox(t);
  platform.answer = (_request, response) =>
    platform.requests.length < 3 && Boolean(response.writeHead(503).end());
  runtime.append('door', eventTypes.comms, { ...comms('d') });
  await until('gone', () => runtime.waiting('door') === 0);
  const keys = new Set(platform.requests.map(({ headers }) => headers['idempotency-key']));
  assert.deepEqual([platform.requests.length, keys.size], [3, 1]);
});

test('one event that the platform never takes is found, recorded and stood in for; all others arrive', async (t) => {
  const { platform, runtime } = await startWebhookBox(t);
  platform.answer = ({ body }, response) => body.includes('"d-37"') && Boolean(response.writeHead(400).end());
  for (let n = 1; n <= 100; n++) runtime.append('door', eventTypes.comms, { ...comms(`d-${n}`) });
  await until('gone', () => runtime.waiting('door') === 0);
  const types = [...platform.events.values()].map(({ type, sequence }) =>
    type === eventTypes.withheld ? sequence : 0,
  );
  assert.deepEqual(
    types.filter((n) => n > 0),
    [37],
  );
  assert.equal(platform.events.size, 100);
  assert.deepEqual(
    runtime.refusals.map(({ sequence, reason }) => [sequence, reason]),
    [[37, 'refused-by-platform']],
  );
});

test('a platform that refuses everything makes the box give up on three events of a class and keep the others', async (t) => {
  const { platform, runtime } = await startWebhookBox(t);
  platform.answer = ({ body }, response) =>
    body.includes('"device"') && Boolean(response.writeHead(422).end());
  for (let n = 1; n <= 20; n++) runtime.append('door', eventTypes.comms, { ...comms(`d-${n}`) });
  const ill = await until('told', () =>
    runtime.statuses.find((s) => s.detail?.startsWith('WEBHOOK_REFUSES_ALL')),
  );
  assert.equal(ill.state, 'down');
  await until('three stood in for', () => runtime.waiting('door') === 17);
  assert.equal(runtime.refusals.length, 3);
  platform.answer = () => false;
  await until('gone', () => runtime.waiting('door') === 0);
});

test('redirects are not followed, and a 200 that acknowledges nothing deletes nothing', async (t) => {
  const { platform, runtime } = await startWebhookBox(t);
  const elsewhere = await startWebhook(t);
  platform.answer = (_request, response) =>
    Boolean(response.writeHead(307, { location: elsewhere.url }).end());
  runtime.append('alarm', eventTypes.incident, { ...incident(1) });
  await until('told', () => runtime.statuses.find((s) => s.detail?.startsWith('WEBHOOK_REDIRECT')));
  platform.answer = (_request, response) => Boolean(response.end('<html>log in</html>'));
  await until('told', () => runtime.statuses.find((s) => s.detail?.startsWith('WEBHOOK_NO_ACKNOWLEDGEMENT')));
  assert.deepEqual([elsewhere.platform.requests.length, runtime.waiting('alarm')], [0, 1]);
});

test('an answer that never ends, comes too late or is cut off is said, and the event stays', async (t) => {
  const { platform, runtime } = await startWebhookBox(t, { timeoutMs: 150 });
  let written = 0;
  platform.answer = (_request, response) => {
    const pour = () => {
      if (response.destroyed) return;
      written += 65_536;
      response.write(Buffer.alloc(65_536, 32), pour);
    };
    pour();
    return true;
  };
  runtime.append('alarm', eventTypes.incident, { ...incident(1) });
  await until('too long', () => runtime.statuses.find((s) => s.detail?.startsWith('WEBHOOK_ANSWER')));
  assert.ok(written < 20e6, `${written} bytes were taken`);
  platform.answer = () => true;
  await until('silent', () => runtime.statuses.find((s) => s.detail?.startsWith('WEBHOOK_SILENT')));
  platform.answer = (_request, response) => Boolean(response.destroy());
  await until('cut', () => runtime.statuses.find((s) => s.detail?.startsWith('WEBHOOK_UNREACHABLE')));
  assert.equal(runtime.waiting('alarm'), 1);
});

test('a compressed answer counts, whether or not it was asked for; one that cannot be read or grows too long is said', async (t) => {
  const { platform, runtime } = await startWebhookBox(t);
  const codings = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync };
  const answers = Object.entries(codings);
  platform.answer = ({ body }, response) => {
    const [name, compress] = answers[platform.requests.length % answers.length] ?? ['gzip', gzipSync];
    response.setHeader('content-encoding', name);
    response.end(compress(JSON.stringify({ acks: platform.store(JSON.parse(body)) })));
    return true;
  };
  for (const n of [1, 2, 3]) {
    runtime.append('alarm', eventTypes.incident, { ...incident(n) });
    await until('gone', () => runtime.waiting('alarm') === 0);
  }
  platform.answer = (_request, response) =>
    Boolean(response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(1024 * 1024, 32))));
  runtime.append('alarm', eventTypes.incident, { ...incident(4) });
  const tooLong = await until('too long', () =>
    runtime.statuses.find((s) => s.detail?.startsWith('WEBHOOK_ANSWER')),
  );
  assert.match(tooLong.detail ?? '', /more than 16 KiB/);
  platform.answer = (_request, response) =>
    Boolean(response.setHeader('content-encoding', 'compress').end('whatever'));
  await until('unknown', () => runtime.statuses.find((s) => s.detail?.includes('coding "compress"')));
  assert.equal(runtime.waiting('alarm'), 1);
});

test('a slow request of the backlog keeps no alarm waiting', async (t) => {
  const { platform, runtime } = await startWebhookBox(t, { timeoutMs: 20_000 });
  platform.answer = ({ body }) => body.includes('"health"');
  for (let n = 1; n <= 50; n++) runtime.append('health', eventTypes.comms, { ...comms(`d-${n}`) });
  await until('the backlog is out', () => platform.requests.length > 0);
  runtime.append('alarm', eventTypes.incident, { ...incident(1) });
  await until('alarm', () => runtime.waiting('alarm') === 0, 3000);
  assert.equal(runtime.waiting('health'), 50);
});

test('https with the right authority works; with another it is refused and named', async (t) => {
  const ca = new TestCa(scratchDir(t));
  const server = ca.issue('server', 'IP:127.0.0.1');
  const pem = { cert: readFileSync(server.cert, 'utf8'), key: readFileSync(server.key, 'utf8') };
  const trusting = await startWebhook(
    t,
    { tls: () => readClientTls({ ca: { file: ca.ca } }, '/s.yaml') },
    pem,
  );
  const one = await startBox(t, trusting, { sink: trusting.sink });
  one.runtime.append('alarm', eventTypes.incident, { ...incident(1) });
  await until('gone', () => one.runtime.waiting('alarm') === 0);
  const wary = await startWebhook(t, {}, pem);
  const two = await startBox(t, wary, { sink: wary.sink });
  two.runtime.append('alarm', eventTypes.incident, { ...incident(1) });
  const down = await until('told', () => two.runtime.statuses.find((s) => s.state === 'down'));
  assert.match(down.detail ?? '', /^UPLINK_CERTIFICATE: .*authority that this box does not know/);
  assert.equal(two.runtime.waiting('alarm'), 1);
});

test('Retry-After is taken as seconds or a date, within an hour', () => {
  assert.equal(retryAfterMs('7', epochMs), 7000);
  assert.equal(retryAfterMs('Thu, 26 Nov 2026 12:00:30 GMT', epochMs), 30_000);
  assert.equal(retryAfterMs('999999', epochMs), 3_600_000);
  for (const none of [undefined, 'soon', '-5']) assert.equal(retryAfterMs(none, epochMs), 0);
  const busy = judgeAnswer('https://p', answer(429, '', '9'), epochMs);
  assert.deepEqual([busy.kind, busy.kind === 'later' && busy.waitMs], ['later', 9000]);
});

test('whatever a platform answers, only a 2xx with sound acknowledgements acknowledges', () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constant(JSON.stringify({ acks: [ack] })),
    fc.constant('{"acks":[]}'),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      body,
      fc.option(fc.string(), { nil: undefined }),
      (status, text, retryAfter) => {
        const told = judgeAnswer('https://p', answer(status, text, retryAfter), epochMs);
        const sound = status >= 200 && status < 300 && text === JSON.stringify({ acks: [ack] });
        assert.equal(told.kind === 'acknowledged', sound);
        if (told.kind === 'later') assert.ok(told.waitMs >= 0 && told.waitMs <= 3_600_000);
      },
    ),
    { seed: 9, numRuns: 1000 },
  );
});
