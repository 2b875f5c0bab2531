import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Playlist } from '../playlist.ts';
import { type PreparedClips, prepareClips } from '../prepare.ts';
import { ClipFolder } from './clips.ts';

const folder = new ClipFolder();
const said: string[] = [];
let prepared: PreparedClips;

before(async () => {
  const files = [
    folder.draw('b-frames.mp4'),
    folder.draw('no-b-frames.mkv', { args: ['-bf', '0'] }),
    folder.draw('other-size.mp4', { source: 'testsrc2=size=320x240:rate=25:duration=1.2' }),
  ];
  prepared = await prepareClips(files, (line) => said.push(line));
});
after(async () => {
  await prepared.close();
  folder.remove();
});

test('clips follow one another without a gap, each picture once, and sending times never fall', () => {
  const playlist = new Playlist(prepared.clips);
  const units = playlist.units();
  const pass = Array.from({ length: 180 }, () => units.next().value);
  const shown = pass.map(({ ptsS }) => Math.round(ptsS * 25)).sort((a, b) => a - b);
  assert.deepEqual(
    shown,
    Array.from({ length: 180 }, (_, i) => i),
  );
  pass.forEach(({ dueS }, i) => {
    assert.ok(dueS >= (pass[i - 1]?.dueS ?? 0), `unit ${i} is due before the one in front of it`);
  });
});

test('the position names clip and seconds, round and round', () => {
  const playlist = new Playlist(prepared.clips);
  const at = (s: number) => {
    const { clip, seconds } = playlist.positionAt(s);
    return [clip, Number(seconds.toFixed(3))];
  };
  assert.deepEqual(
    [at(0), at(1), at(1.5), at(3.5), at(3.7)],
    [
      [0, 0],
      [0, 1],
      [1, 0.3],
      [2, 1.1],
      [0, 0.1],
    ],
  );
});

test('a clip of another size is transcoded to the first one and says so; another container is only repackaged', () => {
  assert.deepEqual(
    prepared.clips.map(({ info }) => [info.codec, info.width, info.height]),
    Array.from({ length: 3 }, () => ['h264', 160, 120]),
  );
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /other-size\.mp4 is h264 320x240: transcoding to H\.264 160x120/);
});

test('a file that is missing or no video is refused by name', async () => {
  await assert.rejects(
    prepareClips(['/nowhere/a.mp4'], () => undefined),
    /\/nowhere\/a\.mp4/,
  );
  await assert.rejects(
    prepareClips([import.meta.filename], () => undefined),
    /playlist\.test\.ts/,
  );
});
