import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gatehouse } from './gatehouse.ts';

/** A clip of half a second, and what `replay` says of its detector for a camera of this analysis. */
function replayed(t: TestContext, size: string, analysis: string) {
  const { file, run, folder } = gatehouse(t);
  const clip = join(folder, 'clip.mp4');
  const picture = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=10:duration=0.5`];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, '-pix_fmt', 'yuv420p', clip]);
  const name = '{ zh-CN: 测试, en: Test }';
  const camera = `{ id: east, name: ${name}, url: 'rtsp://192.0.2.7/', analysis: ${analysis} }`;
  const site = `version: 1\nsite: { id: s, name: ${name} }\nbox: { id: b }\ncameras: [${camera}]\n`;
  const given = ['--site', file('site.yaml', site), '--camera', 'east', '--input', clip, '--save-tracks'];
  const { status, out, err } = run('replay', ...given);
  assert.equal(status, 0, err);
  assert.ok(out.includes('"camera":"east"'));
  return err;
}

test("a replay gives the detector the input size that the camera's longSidePx asks for, as the live box does", (t) => {
  const err = replayed(t, '640x360', '{ model: gatehouse-compact, longSidePx: 320 }');
  assert.match(err, /^model: gatehouse-compact at 320x192$/m);
});

test('a replay of a clip of another shape uses the input of the live lane, which cameras of all shapes share', (t) => {
  const err = replayed(t, '320x240', '{ model: gatehouse-compact }');
  assert.match(err, /^model: gatehouse-compact at 512x288$/m);
});
