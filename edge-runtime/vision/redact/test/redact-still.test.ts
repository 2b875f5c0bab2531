import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { mediaLimits } from '@gatehouse/contracts';
import sharp from 'sharp';
import { loadRedactionModels } from '../load.ts';
import { decodeStill } from '../picture.ts';
import { type Judges, measureSet } from '../recall/measure.ts';
import { secondDetector } from '../recall/second-detector.ts';
import { atNight, portraitSet, stillSets, turnedSet } from '../recall/sets.ts';
import { type Faces, type People, redactStill } from '../redact-still.ts';
import { boxInPicture, type Turn } from '../views.ts';
import { media, noMedia, ownCache } from './models.ts';

/** Well below the 0.7 from which on the second detector is sure. */
const threshold = 0.3;
const nobody: People = { model: 'none', find: async () => [] };
const noFaces: Faces = { model: 'none', find: async () => [] };

/** Both models of redaction and the detector that judges it. */
async function judgesFor(t: TestContext): Promise<Judges> {
  const options = { env: ownCache(t) };
  return { ...(await loadRedactionModels(options)), second: await secondDetector(options), threshold };
}

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#a06030' } });

/** Markers of a JPEG's segments before its picture data, as hexadecimal digits. */
function segments(jpeg: Buffer): string[] {
  const markers: string[] = [];
  for (let at = 2; jpeg[at] === 0xff; at += 2 + jpeg.readUInt16BE(at + 2)) {
    markers.push((jpeg[at + 1] as number).toString(16));
    if (jpeg[at + 1] === 0xda) break;
  }
  return markers;
}

test('a different detector finds the faces of real pictures before redaction, and none after', {
  skip: noMedia,
}, async (t) => {
  const judges = await judgesFor(t);
  const sets = stillSets(media ?? '', { thin: 6 });
  for (const set of sets) {
    const { facesBefore, facesAfter, faces, covered, refused } = await measureSet(set, judges);
    t.diagnostic(
      `${set.name}: ${set.stills.length} pictures, ${facesBefore} faces before, ${facesAfter} after`,
    );
    assert.equal(facesAfter, 0, set.name);
    assert.equal(covered, faces, set.name);
    assert.deepEqual(refused, {}, set.name);
    if (['group', 'turning heads', 'walking', 'one face'].includes(set.name))
      assert.ok(facesBefore >= set.stills.length, `${set.name}: the check can see faces`);
  }
  const dark = { name: 'night', stills: await Promise.all((sets[0]?.stills ?? []).map(atNight)) };
  const night = await measureSet(dark, judges, sets[0]?.stills);
  assert.deepEqual([night.facesBefore > 10, night.facesAfter, night.covered], [true, 0, night.faces]);
});

for (const turn of [90, 180, 270])
  test(`the different detector finds no face after redaction in pictures turned by ${turn}°`, {
    skip: noMedia,
  }, async (t) => {
    const judges = await judgesFor(t);
    const [upright] = stillSets(media ?? '', { thin: 10, only: ['walking'] });
    assert.ok(upright);
    const turned = await turnedSet(upright, turn);
    const recall = await measureSet(turned, judges, upright.stills);
    t.diagnostic(`${recall.facesBefore} faces before, ${recall.facesAfter} after`);
    assert.ok(recall.facesBefore >= upright.stills.length, 'the check can see faces');
    assert.deepEqual([recall.facesAfter, recall.faces - recall.covered], [0, 0]);
  });

test('a still that its EXIF turns, or that is taller than wide, is redacted like others', {
  skip: noMedia,
}, async (t) => {
  const judges = await judgesFor(t);
  const [walking] = stillSets(media ?? '', { thin: 16, only: ['walking'] });
  assert.ok(walking);
  const tall = await portraitSet(walking);
  assert.equal((await measureSet(tall, judges)).facesAfter, 0);
  for (const still of walking.stills) {
    // Orientation 6: to be turned clockwise by 90 degrees for display (Exif 2.32, tag 0x0112).
    const turned = await sharp(still).rotate(270).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { jpeg, width, height } = await redactStill(turned, { ...judges, maxPeople: 20 });
    assert.ok(width > height, 'upright again');
    assert.equal((await judges.second.find(await decodeStill(jpeg), threshold)).length, 0);
  }
});

test('faces are looked for in a turn only if somebody is seen better in it than upright', async () => {
  const still = await plain(320, 180).jpeg().toBuffer();
  const box = { x1: 0.2, y1: 0.2, x2: 0.6, y2: 0.6 };
  /** The turns in which faces are looked for where these people are seen, each with a score by turn. */
  const turnsFor = async (...scores: readonly Partial<Record<Turn, number>>[]) => {
    const looked = new Set<Turn>();
    const faces: Faces = {
      model: 'none',
      find: async (_picture, _threshold, views) => {
        for (const { turn } of views) looked.add(turn);
        return [];
      },
    };
    const inPicture = (turn: Turn) =>
      boxInPicture(box, { turn: ((360 - turn) % 360) as Turn, mirrored: false });
    const people: People = {
      model: 'some',
      find: async (_picture, least, turn = 0) =>
        scores.flatMap((one) => {
          const score = one[turn] ?? 0;
          return score >= least ? [{ box: inPicture(turn), score }] : [];
        }),
    };
    await redactStill(still, { faces, people, maxPeople: 9 });
    return [...looked];
  };
  assert.deepEqual(await turnsFor(), [0]);
  assert.deepEqual(await turnsFor({ 0: 0.8, 90: 0.5, 180: 0.7, 270: 0.3 }), [0], 'all of them upright');
  assert.deepEqual(await turnsFor({ 270: 0.9 }), [0, 270], 'a camera on its side');
  assert.deepEqual(await turnsFor({ 0: 0.4, 180: 0.9 }), [0, 180], 'a camera upside down');
  assert.deepEqual(await turnsFor({ 90: 0.15 }), [0, 90], 'somebody in a dark picture');
  assert.deepEqual(await turnsFor({ 90: 0.14 }), [0], 'something that is hardly a person');
});

test('head and shoulders of a turned person are covered where they are', async () => {
  const still = await plain(200, 200).jpeg().toBuffer();
  // In a picture turned upside down somebody stands on the left; in the picture itself on the right, head
  // down.
  const standing = { x1: 0.1, y1: 0.1, x2: 0.3, y2: 0.9 };
  const people: People = {
    model: 'one',
    find: async (_picture, _least, turn) => (turn === 180 ? [{ box: standing, score: 0.9 }] : []),
  };
  const { jpeg } = await redactStill(still, { faces: noFaces, people, maxPeople: 5 });
  const { rgb } = await decodeStill(jpeg);
  const redAt = (x: number, y: number) => rgb[3 * (Math.round(200 * y) * 200 + Math.round(200 * x))] ?? 0;
  assert.ok(redAt(0.8, 0.85) < 80, 'the head is filled');
  assert.ok(redAt(0.8, 0.15) > 120, 'the feet are not');
  assert.ok(redAt(0.2, 0.15) > 120 && redAt(0.2, 0.85) > 120, 'nor is the other side');
});

test('with the redaction switched off the same check finds faces: it can fail', {
  skip: noMedia,
}, async (t) => {
  const options = { env: ownCache(t) };
  const [set] = stillSets(media ?? '', { only: ['group'] });
  assert.ok(set);
  const second = await secondDetector(options);
  const off = await measureSet(set, { faces: noFaces, people: nobody, second, threshold });
  assert.ok(off.facesAfter > 10, `${off.facesAfter}`);
});

test('each of the two kinds of filling covers faces by itself', { skip: noMedia }, async (t) => {
  const options = { env: ownCache(t) };
  const { faces, people } = await loadRedactionModels(options);
  const second = await secondDetector(options);
  const walking = stillSets(media ?? '', { thin: 8, only: ['walking'] });
  for (const set of walking) {
    const byPeople = await measureSet(set, { faces: noFaces, people, second, threshold });
    const byFaces = await measureSet(set, { faces, people: nobody, second, threshold });
    assert.ok(byPeople.facesAfter < byPeople.facesBefore / 2, JSON.stringify(byPeople));
    assert.equal(byFaces.facesAfter, 0, JSON.stringify(byFaces));
  }
});

test('what leaves is within the limits and holds no metadata, whatever the still held', async () => {
  const exif = { IFD0: { Copyright: 'CANARY-EXIF', ImageDescription: 'gate of compound 7' } };
  const still = await plain(1900, 1000).withExif(exif).withIccProfile('p3').jpeg().toBuffer();
  assert.ok(still.includes('CANARY-EXIF') && still.includes('ICC_PROFILE'), 'the still holds both');
  const { jpeg, width, height } = await redactStill(still, { faces: noFaces, people: nobody, maxPeople: 0 });
  assert.deepEqual([width, height], [960, 505]);
  assert.ok(jpeg.length <= mediaLimits.bytes);
  for (const trace of ['CANARY', 'Exif', 'ICC_PROFILE', 'http://ns.adobe.com'])
    assert.ok(!jpeg.includes(trace), trace);
  // Quantisation, start of frame, Huffman tables, start of scan: no application segment but JFIF's, no
  // comment.
  assert.deepEqual(
    segments(jpeg).filter((marker) => !['e0', 'db', 'c0', 'c2', 'c4', 'da', 'dd'].includes(marker)),
    [],
  );
});

test('a noisy picture is made small enough by its quality', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const still = await sharp({
    create: { width: 960, height: 540, channels: 3, background: '#808080', noise },
  })
    .jpeg({ quality: 98 })
    .toBuffer();
  assert.ok(still.length > 2 * mediaLimits.bytes);
  const { jpeg } = await redactStill(still, { faces: noFaces, people: nobody, maxPeople: 0 });
  assert.ok(jpeg.length <= mediaLimits.bytes, `${jpeg.length}`);
});

test('more faces or people than are allowed is a crowd, of which no picture goes', async () => {
  const still = await plain(200, 100).jpeg().toBuffer();
  const box = (n: number) => ({ x1: n / 10, y1: 0.1, x2: n / 10 + 0.05, y2: 0.2 });
  let looks = 0;
  const three: Faces = { model: 'three', find: async () => (looks++ === 0 ? [box(1), box(3), box(5)] : []) };
  const redact = (maxPeople: number) => {
    looks = 0;
    return redactStill(still, { faces: three, people: nobody, maxPeople });
  };
  await assert.rejects(redact(2), { code: 'REDACTION_CROWD' });
  assert.equal((await redact(3)).redaction.faces, 3);
});

test('what is found in the covered picture is covered as well, and what never ends keeps the picture here', async () => {
  const still = await plain(200, 200).jpeg().toBuffer();
  const late = { x1: 0.5, y1: 0.5, x2: 0.6, y2: 0.6 };
  // Two looks at the still, as it is and levelled; the third is the first at the covered picture.
  let looks = 0;
  const second: Faces = { model: 'late', find: async () => (looks++ === 2 ? [late] : []) };
  const { jpeg, redaction } = await redactStill(still, { faces: second, people: nobody, maxPeople: 5 });
  assert.equal(redaction.faces, 1);
  const { rgb, width } = await decodeStill(jpeg);
  const middle = 3 * (Math.round(0.55 * width) * width + Math.round(0.55 * width));
  assert.ok((rgb[middle] as number) < 80, 'filled');
  const always: Faces = { model: 'always', find: async () => [late] };
  await assert.rejects(redactStill(still, { faces: always, people: nobody, maxPeople: 5 }), {
    code: 'REDACTION_INCOMPLETE',
  });
});

test('what is no picture, or half of one, is refused', async () => {
  const still = await plain(300, 300).jpeg().toBuffer();
  const redact = (bytes: Uint8Array) => redactStill(bytes, { faces: noFaces, people: nobody, maxPeople: 5 });
  for (const bytes of [Buffer.from('no picture'), still.subarray(0, still.length / 2), Buffer.alloc(0)])
    await assert.rejects(redact(bytes), { code: 'STILL_UNREADABLE' });
});
