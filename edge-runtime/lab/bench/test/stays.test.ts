import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { Finding } from '@gatehouse/contracts';
import { quietClips } from '../stays-clips.ts';
import { drawFilm, filmOf } from '../stays-films.ts';
import { saveStill, staysIn, watchFilm } from '../stays-watch.ts';

const media = process.env.GATEHOUSE_MEDIA_DIR;
const skip = media ? false : 'set GATEHOUSE_MEDIA_DIR to run it';
const [clip, other] = quietClips;
assert.ok(clip && other);

const box = { x1: 0.1, y1: 0.1, x2: 0.3, y2: 0.3 };
function finding(phase: Finding['phase'], atS: number, parts: Partial<Finding> = {}): Finding {
  return {
    kind: 'illegal-parking',
    phase,
    camera: 'bench',
    zone: 'all',
    occupancy: 'one',
    priority: 3,
    evidence: { class: 'car', box, sinceMs: 10_000, atMs: atS * 1000, gates: [] },
    ...parts,
  };
}

test('a film is the same for one seed, clip and number, and another for any other', () => {
  const film = filmOf(clip, 31, 2, 600);
  assert.deepEqual(filmOf(clip, 31, 2, 600), film);
  for (const unlike of [filmOf(clip, 32, 2, 600), filmOf(clip, 31, 3, 600), filmOf(other, 31, 2, 600)])
    assert.notDeepEqual(unlike.passes[0], film.passes[0]);
  assert.equal(new Set(film.passes.map((pass) => JSON.stringify(pass))).size, film.passes.length);
});

test('a longer film begins with the shorter one, and is as long as asked for', () => {
  const long = filmOf(clip, 31, 0, 600);
  const short = filmOf(clip, 31, 0, 100);
  assert.deepEqual(long.passes.slice(0, short.passes.length), short.passes);
  assert.deepEqual([short.passes.length, short.lengthS], [2, 120]);
});

test('the light of a pass begins as the pass before it ended', () => {
  const { passes } = filmOf(clip, 31, 0, 600);
  for (const [n, { from }] of passes.slice(1).entries()) assert.deepEqual(from, passes[n]?.to);
});

test('one thing that both rules tell of is one stay, from its first frame to its last clearing', () => {
  const passage = { kind: 'fire-passage' } as const;
  const findings = [
    finding('opened', 40),
    finding('opened', 41, passage),
    finding('cleared', 70),
    finding('cleared', 80, passage),
  ];
  const [stay, ...more] = staysIn(findings, 90_000);
  assert.equal(more.length, 0);
  assert.deepEqual(stay?.rules, ['illegal-parking', 'fire-passage']);
  assert.deepEqual([stay.sinceS, stay.openedS, stay.clearedS, stay.dwellS], [10, 40, 80, 70]);
});

test('two things, or one thing twice, are two stays; what is still open lasts to the end of the film', () => {
  const elsewhere = { x1: 0.6, y1: 0.6, x2: 0.8, y2: 0.8 };
  const another = { ...finding('opened', 41, { kind: 'fire-passage', occupancy: 'two' }) };
  const apart = [finding('opened', 40), { ...another, evidence: { ...another.evidence, box: elsewhere } }];
  assert.equal(staysIn(apart, 90_000).length, 2);
  const doubled = [finding('opened', 40), finding('opened', 41, { occupancy: 'two' })];
  assert.equal(staysIn(doubled, 90_000).length, 2);
  const again = [finding('opened', 40), finding('cleared', 60), finding('opened', 80, { occupancy: 'two' })];
  const stays = staysIn(again, 90_000);
  assert.deepEqual(
    stays.map(({ clearedS, dwellS }) => [clearedS, dwellS]),
    [
      [60, 50],
      [null, 80],
    ],
  );
});

test('of a clip with a standing car, a film has the stay that the bench would count', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-stays-'));
  try {
    const stopping = quietClips.find(({ file }) => file === 'car_stop_75s.mp4');
    assert.ok(stopping);
    const film = await drawFilm(
      filmOf(stopping, 31, 0, 80),
      media ?? '',
      { width: 768, height: 432 },
      folder,
    );
    const leftHalf = [
      [0, 0.05],
      [0.32, 0.05],
      [0.32, 0.46],
      [0, 0.46],
    ] as const;
    const { stays, frames } = await watchFilm({
      film,
      model: 'gatehouse-compact',
      fps: 2,
      zone: leftHalf.map(([x, y]) => [x, y]),
      rules: ['illegal-parking', 'fire-passage'],
    });
    assert.ok(frames >= 175 && frames <= 181, `${frames} frames`);
    assert.deepEqual(
      stays.map((stay) => [stay.class, stay.rules.toSorted()]),
      [['car', ['fire-passage', 'illegal-parking']]],
    );
    const [stay] = stays;
    assert.ok(stay && stay.openedS >= 36 && stay.openedS <= 40, `opened at ${stay?.openedS} s`);
    const still = join(folder, 'still.png');
    await saveStill(film, stay, still);
    assert.ok((await stat(still)).size > 1000);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('every clip is as long as the list says', { skip }, async () => {
  for (const { file, lengthS } of quietClips) {
    const asked = [
      '-v',
      'error',
      '-show_entries',
      'format=duration',
      '-of',
      'csv=p=0',
      join(media ?? '', file),
    ];
    const { stdout } = await promisify(execFile)('ffprobe', asked);
    assert.ok(Math.abs(Number(stdout) - lengthS) < 0.1, `${file}: ${stdout.trim()} s, not ${lengthS} s`);
  }
});
