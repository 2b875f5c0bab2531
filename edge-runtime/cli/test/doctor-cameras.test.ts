import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseSite } from '@gatehouse/contracts';
import { TestCa } from '../../../sync-agent/test/support/test-ca.ts';
import {
  type CameraReply,
  type CameraRequest,
  ScriptedCamera,
  sdp,
} from '../../vision/rtsp/test/scripted-camera.ts';
import { checkCameras } from '../doctor/cameras.ts';

const description: CameraReply = { headers: ['Content-Type: application/sdp'], body: sdp('trackID=1') };
const digest = 'WWW-Authenticate: Digest realm="cam", nonce="n"';
const basic = 'WWW-Authenticate: Basic realm="cam"';
/** A camera that wants a login of one of these kinds, and believes any. */
const asking =
  (...challenges: string[]) =>
  ({ headers }: CameraRequest): CameraReply =>
    headers.has('authorization') ? description : { status: '401 Unauthorized', headers: challenges };

/** Runs doctor on a site with one camera; no service runs. */
async function doctorOn(t: TestContext, url: string, more = '', file = 'cam-pw') {
  const folder = mkdtempSync(join(tmpdir(), 'gh-doctor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'cam-pw'), 'Blue-Heron-42\n');
  const name = '{ zh-CN: 东门, en: East gate }';
  const login = `username: admin, password: { file: ${file} }`;
  const camera = `{ id: east, name: ${name}, url: '${url}', ${login}${more} }`;
  const result = parseSite(
    `version: 1\nsite: { id: s, name: ${name} }\nbox: { id: b }\ncameras: [${camera}]\n`,
  );
  assert.ok(result.ok, JSON.stringify(result));
  return checkCameras(result.site, join(folder, 'site.yaml'));
}

test('a camera that accepts Basic only is reported, and does not get its password', async (t) => {
  const camera = await ScriptedCamera.start(t, asking(basic));
  const [check] = await doctorOn(t, camera.url());
  assert.deepEqual([check?.name, check?.status], ['camera east address', 'fail']);
  assert.match(check?.detail ?? '', /^CAMERA_BASIC_REFUSED: .*in clear only/);
  assert.match(check?.remedy ?? '', /digest or use rtsps:\/\/\. Or allow it: "basic: true"/);
  assert.ok(!camera.received.includes('Authorization'));
});

test('Basic that is in use, and Basic that is allowed without need, are warnings', async (t) => {
  const only = await ScriptedCamera.start(t, asking(basic));
  const [clear] = await doctorOn(t, only.url(), ', basic: true');
  assert.match(`${clear?.status} ${clear?.detail}`, /^warn its password goes out in clear/);
  const both = await ScriptedCamera.start(t, asking(digest, basic));
  const [needless] = await doctorOn(t, both.url(), ', basic: true');
  assert.match(`${needless?.status} ${needless?.detail}`, /^warn .*takes digest, "basic" is not needed/);
  const [well] = await doctorOn(t, both.url());
  assert.match(`${well?.status} ${well?.detail}`, /^ok .*login by digest/);
});

test('a wrong password is sent once and reported', async (t) => {
  const camera = await ScriptedCamera.start(t, () => ({ status: '401 Unauthorized', headers: [digest] }));
  const [check] = await doctorOn(t, camera.url());
  assert.match(`${check?.status} ${check?.detail}`, /^fail .*refuses user and password/);
  assert.equal(camera.received.match(/Authorization: /g)?.length, 1);
});

test('a camera that names another host is reported with that host and the remedy', async (t) => {
  const reply: CameraReply = { ...description, body: sdp('rtsp://10.9.8.7:554/trackID=1') };
  const camera = await ScriptedCamera.start(t, () => reply);
  const [check] = await doctorOn(t, camera.url());
  assert.match(`${check?.status} ${check?.detail}`, /^fail CAMERA_ELSEWHERE: .*rtsp:\/\/10\.9\.8\.7:554/);
  assert.match(check?.remedy ?? '', /"alsoKnownAs" in the site file/);
  const [allowed] = await doctorOn(t, camera.url(), `, alsoKnownAs: ['10.9.8.7']`);
  assert.equal(allowed?.status, 'ok');
});

test('an unknown certificate is shown as the line for the site file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-doctor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { cert, key } = new TestCa(folder).issue('cam', 'DNS:cam.example');
  const tls = { cert: readFileSync(cert), key: readFileSync(key) };
  const camera = await ScriptedCamera.start(t, asking(basic), tls);
  const [certificate, address] = await doctorOn(t, camera.url('cam', 'rtsps'));
  const line = `certificate: '${new X509Certificate(tls.cert).fingerprint256}'`;
  assert.equal(certificate?.status, 'warn');
  assert.ok(certificate?.remedy?.endsWith(line));
  assert.match(address?.detail ?? '', /^CAMERA_BASIC_REFUSED/);
  const [known] = await doctorOn(t, camera.url('cam', 'rtsps'), `, ${line}`);
  assert.match(`${known?.status} ${known?.detail}`, /^ok .*login by Basic within TLS/);
});

test('no answer, no such stream and no RTSP are told apart', async (t) => {
  const [off] = await doctorOn(t, 'rtsp://127.0.0.1:9/cam');
  assert.match(`${off?.status} ${off?.detail}`, /^fail 127\.0\.0\.1:9: ECONNREFUSED/);
  const lost = await ScriptedCamera.start(t, () => ({ status: '404 Not Found' }));
  assert.match((await doctorOn(t, lost.url()))[0]?.detail ?? '', /no such stream/);
  const web = await ScriptedCamera.start(t, () => ({
    raw: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    end: true,
  }));
  assert.match((await doctorOn(t, web.url()))[0]?.detail ?? '', /^CAMERA_GARBAGE/);
});

test('a camera that accepts Basic only is reported even if its password cannot be read', async (t) => {
  const camera = await ScriptedCamera.start(t, asking(basic));
  const [check] = await doctorOn(t, camera.url(), '', 'no-such-file');
  assert.match(check?.detail ?? '', /^CAMERA_BASIC_REFUSED/);
});
