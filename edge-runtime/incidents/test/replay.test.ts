import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Camera, Evidence } from '@gatehouse/contracts';
import { replayTracks } from '../index.ts';
import { goldenCameras } from './golden/cameras.ts';

const name = { 'zh-CN': '东门', en: 'east gate' };
const rule = { kind: 'illegal-parking', violationAfterS: 30, clearAfterS: 5 };
const polygon = [
  [0.05, 0.3],
  [0.95, 0.3],
  [0.95, 0.95],
  [0.05, 0.95],
];
const zones = [{ id: 'lane', name, polygon, rules: [rule] }];
const cameras = [Camera.parse({ id: 'east', name, url: 'rtsp://127.0.0.1/', zones })];

/**
 * Recorded once and kept: a car parked from the start, one that arrives, a bus, a walker, an id change, a
 * pause.
 */
const recorded = readFileSync(new URL('./golden/tracks.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const golden = readFileSync(new URL('./golden/incidents.ndjson', import.meta.url), 'utf8');

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
async function replayed(lines: readonly string[]): Promise<string[]> {
  const out: string[] = [];
  for await (const line of replayTracks(each(lines), cameras)) out.push(line);
  return out;
}

test('recorded tracks replay to the same bytes as ever', async () => {
  assert.equal(`${(await replayed(recorded)).join('\n')}\n`, golden);
  assert.deepEqual(await replayed(recorded), await replayed(recorded));
});

test('the recorded log is what was scripted: two stays, one of which ends at 75 s', () => {
  const lines = golden
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const changes = lines.map(({ t, phase, zone, kind }) => `${t} ${phase} ${zone} ${kind}`);
  assert.deepEqual(changes, [
    '30 opened lane illegal-parking',
    '52 opened lane illegal-parking',
    '80 cleared lane illegal-parking',
    '112 updated lane illegal-parking',
  ]);
  assert.equal(new Set(lines.map((line) => line.incident)).size, 2);
  for (const line of lines) {
    assert.deepEqual(Object.keys(line), ['t', 'incident', 'kind', 'phase', 'zone', 'evidence']);
    Evidence.parse(line.evidence);
  }
});

/** The incidents due by the scripts behind the other rules' tracks, and their ends, seconds. */
const goldens = {
  'fire-passage': '26 opened, 36 updated, 65.5 cleared',
  'ebike-indoors': '14 opened, 40 opened, 47 cleared, 72.5 updated, 103 cleared',
  crowd: '31 opened, 56 cleared',
  'gate-congestion': '37 opened, 60.5 cleared',
} as const;
for (const rule of Object.keys(goldens) as (keyof typeof goldens)[])
  test(`recorded tracks of ${rule} replay to the same bytes as ever`, async () => {
    const read = (what: string) =>
      readFileSync(new URL(`./golden/${rule}.${what}.ndjson`, import.meta.url), 'utf8')
        .trim()
        .split('\n');
    const lines: string[] = [];
    for await (const line of replayTracks(each(read('tracks')), goldenCameras[rule])) lines.push(line);
    assert.deepEqual(lines, read('incidents'));
    const story = lines.map((line) => JSON.parse(line)).map(({ t, phase }) => `${t} ${phase}`);
    assert.equal(story.join(', '), goldens[rule]);
  });

const frame = '{"camera":"east","atMs":0,"tracks":[]}';
for (const [what, line, said] of [
  ['cut off', '{"camera":"east","atMs"', /line 3: is no JSON/],
  ['without a time', '{"camera":"east","tracks":[]}', /line 3: atMs: /],
  [
    'of a camera that the site does not have',
    '{"camera":"west","atMs":1,"tracks":[]}',
    /line 3: camera "west"/,
  ],
] as const)
  test(`a line ${what} is one error that names the line`, async () => {
    await assert.rejects(replayed([frame, '', line]), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'TRACKS_INVALID');
      assert.match(error.message, said);
      return true;
    });
  });
