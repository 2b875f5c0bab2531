/**
 * The incidents that real clips must and must not raise: every row of the media folder's EXPECTED.md, typed
 * in by hand. They go from video through the real decoder, the default detector and, for vehicles, the
 * bundled one, tracker, search for left objects and rules. Each detector looks at a clip once, at 2 frames a
 * second, to keep it below some minutes on two cores. Its tracks then go through the rules of each row.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Camera, type Finding, type TrackFrame, Zone } from '@gatehouse/contracts';
import { IncidentEngine } from '@gatehouse/incidents';
import { modelEntry } from '@gatehouse/models';
import { analyseClip, foregroundStage, loadDetector, probeClip, Tracker } from '@gatehouse/vision';

const media = process.env.GATEHOUSE_MEDIA_DIR;
const skip =
  media && process.env.GATEHOUSE_MODEL_MIRROR
    ? false
    : 'set GATEHOUSE_MEDIA_DIR and GATEHOUSE_MODEL_MIRROR to run it';
const fps = 2;
const usual = modelEntry().id;
const bundled = 'gatehouse-compact';

type Polygon = Camera['zones'][number]['polygon'];
const z1: Polygon = [
  [0, 0.05],
  [0.32, 0.05],
  [0.32, 0.46],
  [0, 0.46],
];
const z2: Polygon = [
  [0.5, 0.1],
  [1, 0.1],
  [1, 1],
  [0.5, 1],
];
const whole: Polygon = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
const kerb: Polygon = [
  [0.4, 0.5],
  [1, 0.5],
  [1, 1],
  [0.4, 1],
];

/** Phase and the seconds between which it must come; nothing else may come. */
type Expected = readonly (readonly ['opened' | 'cleared', number, number])[];
interface Row {
  readonly clip: string;
  readonly zones: readonly Polygon[];
  readonly rules: readonly Rule[];
  readonly expected: Expected;
}
interface Rule {
  readonly kind: string;
  readonly [parameter: string]: unknown;
}
const none: Expected = [];
const stop: Expected = [
  ['opened', 36, 40],
  ['cleared', 85, 89.3],
];
const parking = (violationAfterS: number, clearAfterS?: number): Rule => ({
  kind: 'illegal-parking',
  violationAfterS,
  clearAfterS,
});
const passage = (alarmAfterS: number, clearAfterS?: number): Rule => ({
  kind: 'fire-passage',
  alarmAfterS,
  clearAfterS,
});
const crowd = (people: number, forS: number): Rule => ({ kind: 'crowd', people, forS });
const congestion: Rule = { kind: 'gate-congestion', forS: 10 };
const allAtTen = [parking(10), passage(10), crowd(2, 10), congestion];

const rows: readonly Row[] = [
  { clip: 'car_stop_75s', zones: [z1], rules: [parking(30, 3)], expected: stop },
  { clip: 'car_stop_75s', zones: [z1], rules: [passage(30, 3)], expected: stop },
  { clip: 'car_stop_75s', zones: [z1], rules: [parking(120)], expected: none },
  { clip: 'car_stop_75s', zones: [z2], rules: [parking(30)], expected: none },
  { clip: 'empty_lot_60s', zones: [z1, z2], rules: [parking(10), passage(10)], expected: none },
  { clip: 'person-bicycle-car-detection', zones: [whole], rules: [parking(10)], expected: none },
  { clip: 'car-detection', zones: [whole], rules: [parking(10)], expected: none },
  { clip: 'street_parked_static_60s', zones: [kerb], rules: [parking(30)], expected: [['opened', 28, 32]] },
  {
    clip: 'store-aisle-detection_pingpong_60s',
    zones: [whole],
    rules: [crowd(2, 20)],
    expected: [['opened', 17, 23]],
  },
  { clip: 'store-aisle-detection_pingpong_60s', zones: [whole], rules: [crowd(5, 20)], expected: none },
  { clip: 'one-by-one-person-detection', zones: [whole], rules: [crowd(2, 10)], expected: none },
  { clip: 'frigate_test_motion_video-1', zones: [whole], rules: allAtTen, expected: none },
  { clip: 'frigate_test_motion_video-2', zones: [whole], rules: allAtTen, expected: none },
  { clip: 'bottle-detection', zones: [whole], rules: [crowd(2, 10), parking(10)], expected: none },
  {
    clip: 'fruit-and-vegetable-detection_pingpong',
    zones: [whole],
    rules: [crowd(2, 10), parking(10)],
    expected: none,
  },
];

let scratch = '';
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gatehouse-clips-'));
});
after(() => rm(scratch, { recursive: true, force: true }));

/** Each clip's tracks, made when its first row asks for them. */
const tracks = new Map<string, Promise<TrackFrame[]>>();
function tracksOfClip(clip: string, model: string): Promise<TrackFrame[]> {
  const watched = rows.filter((row) => row.clip === clip).map((row) => zonesWith(row.zones, row.rules));
  const key = `${clip} ${model}`;
  const known = tracks.get(key) ?? tracksOf(join(media ?? '', `${clip}.mp4`), model, watched.flat());
  tracks.set(key, known);
  return known;
}

/** The bundled detector answers for the rows about vehicles; it finds few people. */
const cases = [
  ...rows.map((row) => ({ ...row, model: usual })),
  ...rows
    .filter(({ rules }) => rules.every(({ kind }) => kind === 'illegal-parking' || kind === 'fire-passage'))
    .map((row) => ({ ...row, model: bundled })),
];
for (const { clip, zones, rules, expected, model } of cases) {
  const where = zones.map(
    (zone) => ({ [String(z1)]: 'Z1', [String(z2)]: 'Z2', [String(kerb)]: 'kerb' })[String(zone)],
  );
  const what = rules.map(({ kind, ...own }) => `${kind} ${Object.values(own).filter(Boolean).join('/')}`);
  test(`${clip}, seen by ${model}: ${what.join(', ')} in ${where[0] ? where.join(', ') : 'the whole frame'} raises ${
    expected.map(([phase, fromS, toS]) => `${phase} in [${fromS}, ${toS}]`).join(', ') || 'nothing'
  }`, { skip }, async () => {
    assertFindings(findingsOf(await tracksOfClip(clip, model), zones, rules), expected);
  });
}

test('one scene played in turn with and without the car raises one incident a pass', { skip }, async () => {
  const file = join(scratch, 'in-turn.mp4');
  await inTurn(['car_stop_75s', 'empty_lot_60s', 'car_stop_75s', 'empty_lot_60s'], file);
  const frames = await tracksOf(file, usual);
  // A pass is 89.33 s with the car, which stands from 8 s and is gone by 85 s, then 60 s without.
  const expected = [0, 149.33].flatMap(
    (passS): Expected => [
      ['opened', passS + 36, passS + 40],
      ['cleared', passS + 89.33, passS + 149.33],
    ],
  );
  const findings = findingsOf(frames, [z1], [parking(30, 10)]);
  assertFindings(findings, expected);
  assert.equal(new Set(findings.map((finding) => finding.occupancy)).size, 2);
});

async function tracksOf(file: string, model: string, zones: Camera['zones'] = []): Promise<TrackFrame[]> {
  const env = { ...process.env, GATEHOUSE_STATE_DIR: join(scratch, 'state') };
  const detector = await loadDetector(model, { picture: await probeClip(file), env });
  try {
    const stage = foregroundStage({ zones });
    const clip = { file, camera: 'east', detector, tracker: new Tracker(), stage, fps };
    const frames: TrackFrame[] = [];
    for await (const frame of analyseClip(clip)) frames.push(frame);
    return frames;
  } finally {
    await detector.close();
  }
}

function zonesWith(polygons: readonly Polygon[], rules: readonly Rule[]): Camera['zones'] {
  const name = { 'zh-CN': '测试', en: 'test' };
  return polygons.map((polygon, n) => Zone.parse({ id: `zone-${n}`, name, polygon, rules }));
}

function findingsOf(
  frames: readonly TrackFrame[],
  polygons: readonly Polygon[],
  rules: readonly Rule[],
): Finding[] {
  const name = { 'zh-CN': '测试', en: 'test' };
  const zones = zonesWith(polygons, rules);
  const engine = new IncidentEngine([
    { ...Camera.parse({ id: 'east', name, url: 'rtsp://127.0.0.1/' }), zones },
  ]);
  return frames.flatMap((frame) => engine.step(frame));
}

function assertFindings(findings: readonly Finding[], expected: Expected): void {
  const changes = findings.filter((finding) => finding.phase !== 'updated');
  const story = changes.map(({ phase, evidence }) => `${phase} ${evidence.atMs / 1000}`).join(', ');
  assert.deepEqual(
    changes.map((finding) => finding.phase),
    expected.map(([phase]) => phase),
    story,
  );
  expected.forEach(([phase, fromS, toS], i) => {
    const t = (changes[i]?.evidence.atMs ?? Number.NaN) / 1000;
    assert.ok(t >= fromS && t <= toS, `${phase} at ${t}, due ${fromS} to ${toS} (${story})`);
  });
}

/** Joins clips of one format without touching their pictures. */
async function inTurn(clips: readonly string[], file: string): Promise<void> {
  const list = join(scratch, 'in-turn.txt');
  await writeFile(list, clips.map((clip) => `file '${join(media ?? '', clip)}.mp4'\n`).join(''));
  const concat = ['-v', 'error', '-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', file];
  await promisify(execFile)('ffmpeg', concat);
}
