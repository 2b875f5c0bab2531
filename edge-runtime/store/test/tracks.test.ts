import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ObjectClass, TrackFrame } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { type Log, type LogLevel, ManualClock, silentLog } from '@gatehouse/kit';
import { asStored, readSegment, TrackStore } from '@gatehouse/store';
import fc from 'fast-check';
import { SegmentWriter } from '../tracks/segment.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const track = fc.record({
  id: fc.integer({ min: 1, max: 400 }),
  class: fc.constantFrom(...ObjectClass.options),
  score: unit,
  box: fc.record({ x1: unit, y1: unit, x2: unit, y2: unit }),
  seen: fc.boolean(),
  still: fc.boolean(),
});
const tracks = fc.uniqueArray(track, { maxLength: 12, selector: ({ id }) => id });
/** Frames whose times mostly rise, with repeated scenes between new ones, as a camera gives them. */
const frames = fc
  .array(
    fc.record({
      tracks,
      repeat: fc.nat(3),
      stepMs: fc.oneof(fc.constant(200), fc.double({ min: -90_000, max: 4_000_000, noNaN: true })),
    }),
    { maxLength: 25 },
  )
  .map((scenes): TrackFrame[] => {
    let atMs = 1_700_000_000_000.25;
    return scenes.flatMap(({ tracks: seen, repeat, stepMs }) =>
      Array.from({ length: repeat + 1 }, () => {
        atMs += stepMs;
        return { camera: 'east', atMs, tracks: seen };
      }),
    );
  });

const opening = {
  camera: 'east',
  fromMs: 1_700_000_000_000,
  zones: [],
  state: { version: 1 },
  resumed: false,
};

function segmentOf(stored: readonly TrackFrame[]): Buffer {
  const writer = new SegmentWriter(opening, ObjectClass.options);
  return Buffer.concat([writer.head, ...stored.map((frame) => writer.append(frame))]);
}

describe('the track codec', () => {
  it('gives back what it was given, frame by frame', () => {
    fc.assert(
      fc.property(frames, (given) => {
        const stored = given.map(asStored);
        const read = readSegment(segmentOf(stored));
        assert.deepEqual(read?.frames, stored);
        assert.deepEqual(read?.opening.state, opening.state);
      }),
      { numRuns: 1_000, seed: 4 },
    );
  });

  it('rounds by less than a tenth of a pixel in 4K, and a second time not at all', () => {
    fc.assert(
      fc.property(frames, (given) => {
        for (const frame of given) {
          const once = asStored(frame);
          assert.deepEqual(asStored(once), once);
          TrackFrame.parse(once);
          assert.ok(Math.abs(once.atMs - frame.atMs) <= 0.5);
          for (const [i, { box }] of once.tracks.entries())
            assert.ok(Math.abs(box.x1 - (frame.tracks[i]?.box.x1 ?? 2)) * 3840 < 0.1);
        }
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it('keeps fields it has no short form for', () => {
    const odd = { ...frame(0), light: { gain: 1.5 }, tracks: [{ ...car, colour: 'red' }] };
    const later = { ...odd, atMs: odd.atMs + 200 };
    assert.deepEqual(readSegment(segmentOf([odd, later]))?.frames, [odd, later]);
  });

  it('reads a file that was cut anywhere up to the last whole frame, and never throws', () => {
    fc.assert(
      fc.property(frames, unit, (given, where) => {
        const stored = given.map(asStored);
        const whole = segmentOf(stored);
        const cut = whole.subarray(0, Math.floor(where * whole.length));
        const read = readSegment(cut);
        if (read) assert.deepEqual(read.frames, stored.slice(0, read.frames.length));
        if (read) assert.ok(read.goodBytes <= cut.length);
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  it('takes nothing behind a flipped bit for a frame', () => {
    fc.assert(
      fc.property(frames, unit, fc.nat(7), (given, where, bit) => {
        const stored = given.map(asStored);
        const bytes = segmentOf(stored);
        const at = Math.min(bytes.length - 1, Math.floor(where * bytes.length));
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        const read = readSegment(bytes);
        if (read) assert.deepEqual(read.frames, stored.slice(0, read.frames.length));
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  it('writes an unchanged scene as 5 bytes', () => {
    const stored = [0, 1, 2, 3].map((i) => asStored(frame(i * 200)));
    assert.equal(segmentOf(stored).length - segmentOf(stored.slice(0, 3)).length, 5);
  });
});

const car = {
  id: 7,
  class: 'car',
  score: 1,
  box: { x1: 0.2, y1: 0.4, x2: 0.6, y2: 1 },
  seen: true,
  still: true,
} as const;

function frame(ms: number, camera = 'east'): TrackFrame {
  return { camera, atMs: 1_700_000_000_000 + ms, tracks: [{ ...car, box: { x1: 0, y1: 0, x2: 1, y2: 1 } }] };
}

interface Bench {
  readonly store: TrackStore;
  readonly folder: string;
  readonly clock: ManualClock;
  readonly lines: string[];
  readonly asked: () => number;
  put(frame: TrackFrame): void;
  read(fromMs?: number, toMs?: number): TrackFrame[];
}

function openTracks(
  t: TestContext,
  options: { folder?: string; keepMs?: number; maxBytes?: number } = {},
): Bench {
  const folder = options.folder ?? join(scratchFolder(t), 'tracks');
  const lines: string[] = [];
  const write = (_level: LogLevel) => (event: string) => void lines.push(event);
  const log: Log = { ...silentLog, warn: write('warn'), error: write('error') };
  const clock = new ManualClock();
  const store = new TrackStore({ ...options, folder, clock, log });
  store.start();
  t.after(() => store.stop());
  let asked = 0;
  const rules = () => {
    asked++;
    return { zones: [], state: { asked }, fireAlarm: false };
  };
  return {
    store,
    folder,
    clock,
    lines,
    asked: () => asked,
    put: (given) => store.append(asStored(given), rules),
    read: (fromMs = 0, toMs = Number.MAX_SAFE_INTEGER) =>
      store
        .segments('east', fromMs, toMs)
        .flatMap(({ file }) => readSegment(readFileSync(file))?.frames ?? []),
  };
}

describe('the track store', () => {
  it('gives back a camera’s frames in order, over many segments', (t) => {
    const bench = openTracks(t);
    const given = Array.from({ length: 400 }, (_, i) => frame(i * 10_000));
    for (const one of given) {
      bench.put(one);
      bench.put({ ...one, camera: 'west' });
    }
    assert.deepEqual(bench.read(), given.map(asStored));
    assert.equal(bench.store.segments('east', 0, Number.MAX_SAFE_INTEGER).length, 7);
    assert.equal(bench.asked(), 14, 'the rules are asked once a segment');
  });

  it('finds the one segment that holds a moment', (t) => {
    const bench = openTracks(t);
    for (let i = 0; i < 400; i++) bench.put(frame(i * 10_000));
    const at = 1_700_000_000_000 + 2_000_000;
    const found = bench.store.segments('east', at, at);
    assert.equal(found.length, 1);
    assert.ok(found[0] && found[0].fromMs <= at && found[0].toMs >= at);
  });

  it('drops the oldest segments by hours', (t) => {
    const bench = openTracks(t, { keepMs: 3_600_000 });
    for (let i = 0; i < 2_000; i++) bench.put(frame(i * 10_000));
    const oldest = bench.read()[0]?.atMs ?? 0;
    const newest = bench.read().at(-1)?.atMs ?? 0;
    assert.ok(newest - oldest >= 3_600_000 && newest - oldest <= 3_600_000 + 2 * 600_000);
    assert.equal(readdirSync(join(bench.folder, 'east')).length, 7);
  });

  it('drops the oldest segments by bytes, over all cameras', (t) => {
    const bench = openTracks(t, { maxBytes: 4_000 });
    for (let i = 0; i < 3_000; i++) bench.put(frame(i * 10_000, i % 2 === 0 ? 'east' : 'west'));
    const onDisk = ['east', 'west'].flatMap((camera) =>
      readdirSync(join(bench.folder, camera)).map((name) => statSync(join(bench.folder, camera, name)).size),
    );
    const sum = onDisk.reduce((a, b) => a + b, 0);
    assert.equal(sum, bench.store.bytes());
    assert.ok(sum < 4_000 + 2 * 600, `${sum} bytes`);
  });

  it('goes on after a restart in a new segment that says so', (t) => {
    const first = openTracks(t);
    for (let i = 0; i < 10; i++) first.put(frame(i * 200));
    first.store.stop();
    const second = openTracks(t, { folder: first.folder });
    for (let i = 10; i < 20; i++) second.put(frame(i * 200));
    assert.equal(second.read().length, 20);
    const openings = second.store
      .segments('east', 0, Number.MAX_SAFE_INTEGER)
      .map(({ file }) => readSegment(readFileSync(file))?.opening.resumed);
    assert.deepEqual(openings, [false, true]);
  });

  it('cuts a torn tail with one log line and loses nothing before it', (t) => {
    const first = openTracks(t);
    for (let i = 0; i < 10; i++) first.put({ ...frame(i * 200), tracks: [{ ...car, id: i + 1 }] });
    const [segment] = first.store.segments('east', 0, Number.MAX_SAFE_INTEGER);
    assert.ok(segment);
    first.store.stop();
    truncateSync(segment.file, statSync(segment.file).size - 3);
    const second = openTracks(t, { folder: first.folder });
    assert.deepEqual(second.lines, ['tracks-torn-tail-cut']);
    assert.equal(second.read().length, 9);
    const third = openTracks(t, { folder: first.folder });
    assert.deepEqual(third.lines, [], 'it is cut once');
  });

  it('survives a file of rubbish', (t) => {
    const first = openTracks(t);
    first.put(frame(0));
    first.store.stop();
    writeFileSync(join(first.folder, 'east', '00000002.tracks'), 'rubbish');
    appendFileSync(join(first.folder, 'east', 'notes.txt'), 'not ours');
    const second = openTracks(t, { folder: first.folder });
    assert.deepEqual(second.lines, ['tracks-unreadable']);
    assert.equal(second.read().length, 1);
  });

  it('never stops the rules when the disk refuses, says so, and goes on when it can', async (t) => {
    const bench = openTracks(t);
    bench.put(frame(0));
    const blocked = join(bench.folder, 'west');
    writeFileSync(blocked, 'a file where a folder should be');
    bench.put(frame(200, 'west'));
    assert.equal(bench.store.health().length, 1);
    assert.match(bench.store.health()[0]?.detail ?? '', /TRACKS_NOT_WRITABLE/);
    assert.deepEqual(bench.lines, ['tracks-refused']);
    bench.put(frame(400));
    assert.equal(bench.read().length, 1, 'dropped while it waits');
    await bench.clock.advance(10_001);
    bench.put(frame(600));
    assert.deepEqual(bench.store.health(), []);
    assert.equal(bench.read().length, 2);
  });

  it('begins a segment with the new zones when they are edited', (t) => {
    const bench = openTracks(t);
    bench.put(frame(0));
    bench.store.rollOver();
    bench.put(frame(200));
    assert.equal(bench.asked(), 2);
    assert.equal(bench.store.segments('east', 0, Number.MAX_SAFE_INTEGER).length, 2);
  });
});
