import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { loadSite } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { demoCameras } from '../cameras.ts';
import { writeDemoSite } from '../demo-site.ts';
import { preview, upcoming } from '../preview.ts';
import { clipsFor } from './clips.ts';

const ports = { rtsp: 1, rtspControl: 2, modbus: 3, doorControl: 4, mqtt: 5 };

test('what a clip is about to show is told with its time, in this run or the next, in both languages', async (t) => {
  const cameras = (await demoCameras({ clips: clipsFor(scratchFolder(t)) })).slice(0, 2);
  const site = loadSite(writeDemoSite(scratchFolder(t), ports, cameras).site);
  const streams = cameras.map(({ path }, i) => ({
    stream: path,
    position: { clip: 0, seconds: i === 0 ? 45 : 10 },
  }));
  const server = createServer((_request, response) => response.end(JSON.stringify(streams)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  assert.deepEqual(await preview(cameras, site, port), [
    ['画面中将有', '约 30 秒后：违停，东侧消防车道，区域“路边”（此后每 90 秒一次）'],
    ['', '约 85 秒后：违停，小区内部路，区域“路边”（此后每 90 秒一次）'],
    ['In the pictures', 'in about 30 s: Illegal parking, East fire lane, zone “Kerb” (again every 90 s)'],
    ['', 'in about 85 s: Illegal parking, Inner road, zone “Kerb” (again every 90 s)'],
  ]);
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(await preview(cameras, site, port), [], 'nobody answers: nothing is promised');
});

test('an incident is never promised for the past', async (t) => {
  const [camera] = await demoCameras({ clips: clipsFor(scratchFolder(t)) });
  assert.ok(camera?.scenario);
  for (const atS of [0, 39.9, 40, 41, 89.9])
    for (const { inS } of upcoming(camera.scenario, atS)) assert.ok(inS > 0 && inS <= 90, `${inS} at ${atS}`);
});
