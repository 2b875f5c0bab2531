import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSite } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { demoCameras, scenarioOf } from '../cameras.ts';
import { writeDemoSite } from '../demo-site.ts';
import { clipsFor, sidecar } from './clips.ts';

const ports = { rtsp: 20_001, rtspControl: 20_002, modbus: 20_003, doorControl: 20_004, mqtt: 20_005 };

test('without a media folder the cameras of the simulated compound play their clips, zones and all', async (t) => {
  const clips = clipsFor(scratchFolder(t));
  const cameras = await demoCameras({ clips });
  assert.deepEqual(
    cameras.map(({ id, clips }) => [id, ...clips]),
    Object.entries(scenarioOf).map(([id, name]) => [id, join(clips, `${name}.mp4`)]),
  );
  const site = loadSite(writeDemoSite(scratchFolder(t), ports, cameras).site);
  assert.deepEqual(
    site.cameras.map(({ id, url }) => [id, url]),
    cameras.map(({ id }) => [id, `rtsp://127.0.0.1:20001/${id}`]),
  );
  const [zone] = sidecar('any').zones;
  for (const camera of site.cameras) {
    assert.deepEqual(camera.zones[0]?.polygon, zone?.polygon);
    assert.equal(camera.zones[0]?.rules[0]?.kind, 'illegal-parking');
  }
});

test('with a media folder the real clips play in turn on one more camera, and a missing one is named', async (t) => {
  const [clips, media] = [clipsFor(scratchFolder(t)), scratchFolder(t)];
  writeFileSync(join(media, 'car_stop_75s.mp4'), '');
  const missing = { code: 'DEMO_CLIP_MISSING', message: /empty_lot_60s\.mp4/, remedy: /GATEHOUSE_MEDIA_DIR/ };
  await assert.rejects(demoCameras({ media, clips }), missing);
  writeFileSync(join(media, 'empty_lot_60s.mp4'), '');
  const cameras = await demoCameras({ media, clips });
  const real = cameras.at(-1);
  assert.deepEqual(
    [real?.id, real?.path, real?.clips.length, real?.scenario],
    ['east-lane', 'lot', 2, undefined],
  );
  const site = loadSite(writeDemoSite(scratchFolder(t), ports, cameras).site);
  assert.deepEqual(
    site.cameras.at(-1)?.zones.map(({ id }) => id),
    ['lane-1'],
  );
});

test('a camera whose clip is missing is left out and named; without any clip there is nothing to start', async (t) => {
  const clips = clipsFor(scratchFolder(t));
  const [first = '', second = '', third = ''] = Object.values(scenarioOf);
  rmSync(join(clips, `${first}.json`));
  rmSync(join(clips, `${second}.mp4`));
  const said: string[] = [];
  const cameras = await demoCameras({ clips }, (text) => said.push(text));
  assert.deepEqual(
    cameras.map(({ scenario }) => scenario?.scenario),
    [third],
  );
  assert.match(said.join('\n'), new RegExp(`${first}\\.json[^]*${second}\\.mp4`));
  rmSync(join(clips, `${third}.mp4`));
  await assert.rejects(demoCameras({ clips }), { code: 'DEMO_CLIP_MISSING', message: new RegExp(third) });
});

test('a damaged description is an error that names what is wrong in it', async (t) => {
  const clips = clipsFor(scratchFolder(t));
  const [name = ''] = Object.values(scenarioOf);
  writeFileSync(join(clips, `${name}.json`), JSON.stringify({ ...sidecar(name), durationS: 'long' }));
  await assert.rejects(demoCameras({ clips }), { code: 'DEMO_CLIP_WRONG', message: /durationS: / });
});
