import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSite, parseSite, readSecret } from '@gatehouse/contracts';
import { effectiveSite, writeDemoSite } from '../demo-site.ts';
import { freePorts, listenProblem } from '../free-ports.ts';

const template = readFileSync(join(import.meta.dirname, '..', 'site.yaml'), 'utf8');
const ports = { rtsp: 20_001, rtspControl: 20_002, modbus: 20_003, doorControl: 20_004, mqtt: 20_005 };

test('the committed site file is a valid site as it stands', () => {
  const result = parseSite(template);
  assert.deepEqual(result.ok ? [] : result.problems, []);
});

test('the effective site differs in addresses and in the cameras that have clips; comments stay', () => {
  const playing = ['inner-road', 'fire-lane', 'plaza'].map((id) => ({
    id,
    path: `${id}-path`,
    clips: ['a.mp4'],
  }));
  const text = effectiveSite(template, ports, '/state/demo/yard-bus', playing);
  const [before, after] = [parseSite(template), parseSite(text)];
  assert.ok(before.ok && after.ok);
  const { cameras, buses, uplink } = after.site;
  assert.deepEqual(
    cameras.map(({ id, url }) => [id, url]),
    playing.map(({ id, path }) => [id, `rtsp://127.0.0.1:20001/${path}`]),
  );
  assert.equal(uplink?.url, 'mqtt://127.0.0.1:20005');
  const [gate, yard] = buses;
  assert.ok(gate?.kind === 'modbus-tcp' && gate.port === 20_003);
  assert.ok(yard?.kind === 'modbus-rtu' && yard.path === '/state/demo/yard-bus');
  assert.deepEqual(after.site.devices, before.site.devices);
  const comments = (yaml: string) => yaml.split('\n').flatMap((line) => /#.*/.exec(line) ?? []);
  const ofTheRealCamera = /real clips|Fractions of the picture|short for the demo/;
  assert.deepEqual(
    comments(text),
    comments(template).filter((line) => !ofTheRealCamera.test(line)),
  );
});

test('the camera password is random, kept over starts, and for its owner only', () => {
  const dir = mkdtempSync(join(tmpdir(), 'demo-site-'));
  try {
    const password = () => {
      const camera = { id: 'east-lane', path: 'lot', clips: ['a.mp4'] };
      const files = writeDemoSite(dir, ports, [camera]);
      assert.equal(statSync(files.cameraPassword).mode & 0o777, 0o600);
      const source = loadSite(files.site).cameras[0]?.password;
      assert.ok(source);
      return readSecret(source, files.site);
    };
    const first = password();
    assert.match(first, /^[\w-]{24}$/);
    assert.equal(password(), first);
    rmSync(join(dir, 'demo', 'camera-password'));
    assert.notEqual(password(), first);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a wished port is taken where it is free, else another, and never one twice', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  const taken = typeof address === 'object' && address ? address.port : 0;
  try {
    const { free } = await freePorts({ free: 0 });
    const found = await freePorts({ a: free, b: free, c: taken });
    assert.equal(found.a, free);
    assert.equal(new Set([taken, ...Object.values(found)]).size, 4);
    assert.equal(await listenProblem(taken, '127.0.0.1'), 'EADDRINUSE');
    assert.equal(await listenProblem(found.c, '127.0.0.1'), undefined);
  } finally {
    blocker.close();
  }
});
