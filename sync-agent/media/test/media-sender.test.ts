import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder, until } from '@gatehouse/harness';
import { ManualClock, readBounded } from '@gatehouse/kit';
import sharp from 'sharp';
import { FakeRuntime } from '../../test/support/fake-runtime.ts';
import { LinkProxy } from '../../test/support/link-proxy.ts';
import { noisyJpeg, startMediaServer, startSender } from '../../test/support/media.ts';
import { startService } from '../../test/support/services.ts';
import { TestCa } from '../../test/support/test-ca.ts';
import { readClientTls } from '../../tls/client-tls.ts';
import { Throttle } from '../../uplink/throttle.ts';

const stored = (folder: string, sha256: string) => readFileSync(join(folder, 'box-1', `${sha256}.jpg`));
const ended = (runtime: FakeRuntime, count = 1) =>
  until('the picture has ended', () => runtime.pictureEnds.length === count && runtime.pictureEnds);

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** A media server of this test's making, with what it was asked. */
async function startServer(t: TestContext, handler: Handler) {
  const asked: { method: string; url: string; range: string | undefined; bytes: number }[] = [];
  const server = createServer(async (request, response) => {
    const body = await readBounded(request, 1e6).catch(() => Buffer.alloc(0));
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, range: headers['content-range'], bytes: body.length });
    handler(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const digestOf = (sha256: string) => `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;

test('a picture arrives whole, is confirmed, and only then the runtime hears that it is stored', async (t) => {
  const server = await startMediaServer(t);
  const { runtime, sender } = await startSender(t, server.url);
  const jpeg = await noisyJpeg();
  const { id, sha256 } = runtime.addPicture(jpeg);
  assert.deepEqual(await ended(runtime), [{ id, outcome: 'stored' }]);
  assert.ok(stored(server.folder, sha256).equals(jpeg));
  assert.deepEqual(sender.health(), []);
});

test('a link that is cut in the middle of a picture goes on where it stopped', async (t) => {
  const server = await startMediaServer(t);
  const link = await LinkProxy.start(t, server.port);
  const jpeg = await noisyJpeg();
  link.cutAfter(90_000);
  const { runtime } = await startSender(t, link.httpUrl);
  const { sha256 } = runtime.addPicture(jpeg);
  await ended(runtime);
  assert.equal(link.cuts, 1);
  assert.ok(stored(server.folder, sha256).equals(jpeg));
  assert.ok(
    link.bytes < jpeg.length + 8_000,
    `${link.bytes} bytes for ${jpeg.length}: nothing was sent twice`,
  );
});

test('a sync service that is killed in the middle goes on where it stopped', async (t) => {
  const server = await startMediaServer(t);
  const link = await LinkProxy.start(t, server.port);
  const dir = scratchFolder(t);
  const runtime = await FakeRuntime.start(t, 'box-1', dir);
  const site = join(dir, 'site.yaml');
  writeFileSync(
    site,
    `version: 1
site: {id: compound, name: {zh-CN: 小区, en: Compound}}
box: {id: box-1}
uplink: {url: "mqtt://127.0.0.1:1", maxKbps: 400, media: {url: "${link.httpUrl}", kinds: [illegal-parking]}}
`,
  );
  const jpeg = await noisyJpeg(3);
  const { sha256 } = runtime.addPicture(jpeg);
  const agent = startService(t, 'main.ts', [], { GATEHOUSE_SITE: site, GATEHOUSE_RUN_DIR: dir });
  const begun = await until('a part is there', async () => {
    const found = await server.pictures.find('box-1', sha256);
    return found && found.bytes > 20_000 && found;
  });
  await agent.kill();
  assert.equal(begun.whole, false);
  assert.equal(runtime.pictureEnds.length, 0);
  agent.start();
  await ended(runtime);
  assert.ok(stored(server.folder, sha256).equals(jpeg));
  assert.ok(link.bytes < jpeg.length + 24_000, `${link.bytes} bytes went up for ${jpeg.length}`);
});

test('what the platform has already is not sent again', async (t) => {
  const server = await startMediaServer(t);
  const jpeg = await noisyJpeg();
  const first = await startSender(t, server.url);
  first.runtime.addPicture(jpeg);
  await ended(first.runtime);
  const link = await LinkProxy.start(t, server.port);
  const { runtime } = await startSender(t, link.httpUrl);
  runtime.addPicture(jpeg);
  await ended(runtime);
  assert.ok(link.bytes < 1000, `${link.bytes}`);
});

test('a server that knows of no parts gets the whole, and again after a cut', async (t) => {
  const jpeg = await noisyJpeg();
  let whole: Buffer | undefined;
  let puts = 0;
  const server = await startServer(t, (request, response, body) => {
    if (request.method === 'PUT' && puts++ === 0) return void response.destroy();
    if (request.method === 'PUT') whole = body;
    else if (!whole) response.statusCode = 404;
    else response.setHeader('repr-digest', digestOf(request.url?.split('/').at(-1) ?? ''));
    response.end();
  });
  const { runtime } = await startSender(t, `${server.url}/media`);
  const { sha256 } = runtime.addPicture(jpeg);
  await ended(runtime);
  assert.ok(whole?.equals(jpeg));
  assert.deepEqual(
    server.asked.filter(({ method }) => method === 'PUT'),
    [0, 1].map(() => ({
      method: 'PUT',
      url: `/media/box-1/${sha256}`,
      range: undefined,
      bytes: jpeg.length,
    })),
  );
});

test('redirects are not followed, and a login page that answers 200 stores nothing', async (t) => {
  const elsewhere = await startServer(t, (_request, response) => void response.end());
  let answer: Handler = (_request, response) =>
    void response.writeHead(307, { location: `${elsewhere.url}/box-1/x` }).end();
  const server = await startServer(t, (request, response, body) => answer(request, response, body));
  const { runtime, sender } = await startSender(t, server.url);
  runtime.addPicture(await noisyJpeg());
  await until('told', () => sender.health()[0]?.code.startsWith('MEDIA_REDIRECT'));
  answer = (_request, response) => void response.end('<html>log in</html>');
  await until('told', () => sender.health()[0]?.code.startsWith('MEDIA_NO_DIGEST'));
  answer = (_request, response) => void response.writeHead(401).end();
  await until('told', () => sender.health()[0]?.code.startsWith('MEDIA_LOGIN_REFUSED'));
  answer = (_request, response) => void response.writeHead(503).end();
  await until('told', () => sender.health()[0]?.code.startsWith('MEDIA_BUSY'));
  assert.deepEqual([elsewhere.asked.length, runtime.pictureEnds.length], [0, 0]);
  assert.ok(server.asked.every(({ method }) => method === 'HEAD'));
});

test('a picture that the platform refuses three times is given up; the next one goes', async (t) => {
  const next = await noisyJpeg(2);
  let taken: Buffer | undefined;
  const server = await startServer(t, (request, response, body) => {
    if (request.method === 'PUT' && body.length !== next.length) response.statusCode = 422;
    else if (request.method === 'PUT') taken = body;
    else if (taken) response.setHeader('repr-digest', digestOf(request.url?.split('/').at(-1) ?? ''));
    else response.statusCode = 404;
    response.end();
  });
  const { runtime } = await startSender(t, server.url);
  const refused = runtime.addPicture(await noisyJpeg(1));
  const second = runtime.addPicture(next);
  assert.deepEqual(await ended(runtime, 2), [
    { id: refused.id, outcome: 'refused' },
    { id: second.id, outcome: 'stored' },
  ]);
  assert.equal(server.asked.filter(({ method }) => method === 'PUT').length, 4);
});

test('a server that goes in circles is left alone for a while and said', async (t) => {
  const server = await startServer(t, (request, response) => {
    response.writeHead(request.method === 'HEAD' ? 404 : 202, { 'upload-offset': '0' }).end();
  });
  const { runtime, sender } = await startSender(t, server.url);
  runtime.addPicture(await noisyJpeg());
  await until('told', () => sender.health()[0]?.code.startsWith('MEDIA_STUCK'));
  assert.ok(server.asked.length < 12, `${server.asked.length}`);
});

test('the sender lets out only a plain JPEG of the announced hash and size, whatever the runtime hands it', async (t) => {
  const server = await startMediaServer(t);
  const link = await LinkProxy.start(t, server.port);
  const plain = await noisyJpeg(1, 64);
  const canary = 'CANARY-EXIF';
  const exif = await sharp(plain)
    .withExif({ IFD0: { Copyright: canary } })
    .jpeg()
    .toBuffer();
  const { runtime } = await startSender(t, link.httpUrl);
  runtime.addPicture(exif);
  runtime.addPicture(Buffer.concat([plain, Buffer.from(canary)]));
  runtime.addPicture(plain, { sha256: 'a'.repeat(64) });
  runtime.addPicture(plain, { bytes: plain.length - 1 });
  runtime.addPicture(Buffer.from(`${canary} no picture at all`));
  const ends = await ended(runtime, 5);
  assert.deepEqual(new Set(ends.map(({ outcome }) => outcome)), new Set(['refused']));
  assert.equal(link.bytes, 0);
  runtime.addPicture(plain);
  await ended(runtime, 6);
  const up = Buffer.concat(link.sent);
  assert.ok(up.includes(plain), 'the search sees what goes up');
  for (const trace of [canary, 'Exif', 'ICC_PROFILE']) assert.ok(!up.includes(trace), trace);
});

test('https with the right authority, a client certificate and a token works; without them it is refused and named', async (t) => {
  const ca = new TestCa(scratchFolder(t));
  const server = ca.issue('server', 'IP:127.0.0.1');
  const box = ca.issue('box-1', 'DNS:box-1');
  const seen: (string | undefined)[] = [];
  const pem = (file: string) => readFileSync(file, 'utf8');
  const https = createHttps(
    {
      cert: pem(server.cert),
      key: pem(server.key),
      ca: pem(ca.ca),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader('repr-digest', digestOf(request.url?.split('/').at(-1) ?? '')).end();
    },
  );
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  t.after(() => https.close());
  const url = `https://127.0.0.1:${(https.address() as AddressInfo).port}`;
  const tls = (own: boolean) => () =>
    readClientTls(
      { ca: { file: ca.ca }, ...(own ? { cert: { file: box.cert }, key: { file: box.key } } : {}) },
      '/s.yaml',
    );
  const jpeg = await noisyJpeg(1, 64);
  const good = await startSender(t, url, { tls: tls(true), token: 'secret' });
  good.runtime.addPicture(jpeg);
  await ended(good.runtime);
  assert.deepEqual(seen, ['Bearer secret']);
  const nameless = await startSender(t, url, { tls: tls(false) });
  nameless.runtime.addPicture(jpeg);
  await until('refused', () => nameless.sender.health()[0]?.code.startsWith('UPLINK_CERTIFICATE_REFUSED'));
  const distrusting = await startSender(t, url);
  distrusting.runtime.addPicture(jpeg);
  await until('refused', () => distrusting.sender.health()[0]?.code.startsWith('UPLINK_CERTIFICATE'));
  assert.equal(seen.length, 1);
});

test('pictures take what events leave of the link: half a burst is never theirs, and under load they get nothing', async () => {
  const clock = new ManualClock();
  const throttle = new Throttle(80, clock);
  let spare = 0;
  while (throttle.takeSpare(1000) === 0) spare += 1000;
  assert.ok(spare <= 5_120, `${spare}`);
  assert.equal(throttle.take(5_000, false), 0, 'an event goes at once');
  let [events, pictures] = [0, 0];
  for (let ms = 0; ms < 60_000; ms += 50) {
    await clock.advance(50);
    while (throttle.take(500, false) === 0) events += 500;
    if (throttle.takeSpare(500) === 0) pictures += 500;
  }
  assert.equal(pictures, 0);
  assert.ok(events > 590_000);
  for (let ms = 0; ms < 60_000; ms += 50) {
    await clock.advance(50);
    while (throttle.takeSpare(500) === 0) pictures += 500;
  }
  assert.ok(pictures > 590_000 && pictures <= 605_200, `${pictures}`);
});

test('under a limit a picture takes its time', async (t) => {
  const server = await startMediaServer(t);
  const { runtime } = await startSender(t, server.url, { maxKbps: 800 });
  const jpeg = await noisyJpeg();
  const began = performance.now();
  runtime.addPicture(jpeg);
  await ended(runtime);
  const tookMs = performance.now() - began;
  // Half a burst goes at once: 50 kB.
  assert.ok(tookMs > (jpeg.length - 50_000) / 100, `${tookMs} ms`);
});
