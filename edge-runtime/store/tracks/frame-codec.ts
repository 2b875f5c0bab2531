import type { Box, ObjectClass, StoodAt, Track, TrackFrame } from '@gatehouse/contracts';
import { ByteReader, ByteWriter } from './varint.ts';

/** A box corner in steps of the picture: 0.06 pixel in 4K, far below what a detector knows. */
const boxSteps = 65_535;
const scoreSteps = 255;

/**
 * A frame as it is stored: times in whole milliseconds, boxes in 65,535ths of the picture, scores in 255ths.
 * The rules step on this form, so that running them again over stored frames gives the same results. Rounding
 * twice changes nothing.
 */
export function asStored(frame: TrackFrame): TrackFrame {
  return {
    ...frame,
    atMs: Math.round(frame.atMs),
    tracks: frame.tracks.map((track) => ({
      ...track,
      score: Math.round(track.score * scoreSteps) / scoreSteps,
      box: mapBox(track.box, (v) => Math.round(v * boxSteps) / boxSteps),
    })),
    ...(frame.places ? { places: frame.places.map(placeAsStored) } : {}),
  };
}

/** Its box goes as text: four decimals are enough, and short. */
function placeAsStored(place: StoodAt): StoodAt {
  return { ...place, box: mapBox(place.box, (v) => Math.round(v * 10_000) / 10_000) };
}

/** The part of a frame that describes the scene: everything except camera and time. */
interface SceneOf {
  readonly tracks: readonly Track[];
  /** Fields that this codec has no short form for, as JSON; `{}` if there are none. */
  readonly rest: string;
}

/** First byte of a payload. */
const payload = { frame: 1, heartbeat: 2 } as const;
/** The order in which score and corners of a track are written. */
const order = ['score', 'x1', 'y1', 'x2', 'y2'] as const;
/** One bit for each part of a track that differs from its last appearance. */
const flag = { seen: 1, still: 2, fresh: 4, reclassed: 8, moved: 16, rest: 32 } as const;
const frameFlag = { rest: 1 } as const;

const emptyScene: SceneOf = { tracks: [], rest: '{}' };

/**
 * Writes frames of one camera as differences to the frame before. An unchanged scene is a heartbeat: a byte
 * and the difference of its time step, 2 bytes in all at a steady rate.
 */
export class FrameEncoder {
  readonly #classes: readonly ObjectClass[];
  readonly #writer = new ByteWriter();
  #scene = emptyScene;
  #sceneKey = '';
  #atMs: number;
  #stepMs = 0;
  /**
   * @param fromMs the origin of the first frame's time, ms
   * @param classes the table that class numbers point into; the decoder needs the same one
   */
  constructor(fromMs: number, classes: readonly ObjectClass[]) {
    this.#atMs = fromMs;
    this.#classes = classes;
  }

  /** The payload of the next frame; the frame must be `asStored`. */
  encode(frame: TrackFrame): Buffer {
    const { camera: _, atMs, tracks, ...rest } = frame;
    const scene = { tracks, rest: JSON.stringify(rest) };
    const key = JSON.stringify(scene);
    const same = key === this.#sceneKey;
    this.#writer.byte(same ? payload.heartbeat : payload.frame);
    this.#writer.signed(atMs - this.#atMs - this.#stepMs);
    this.#stepMs = atMs - this.#atMs;
    this.#atMs = atMs;
    if (!same) this.#write(scene);
    this.#scene = scene;
    this.#sceneKey = key;
    return this.#writer.take();
  }

  #write({ tracks, rest }: SceneOf): void {
    const restChanged = rest !== this.#scene.rest;
    this.#writer.byte(restChanged ? frameFlag.rest : 0);
    if (restChanged) this.#writer.text(rest);
    this.#writer.varint(tracks.length);
    const before = byId(this.#scene.tracks);
    let lastId = 0;
    for (const track of tracks) {
      this.#writer.signed(track.id - lastId);
      lastId = track.id;
      this.#track(track, before.get(track.id));
    }
  }

  #track(track: Track, before: Track | undefined): void {
    const writer = this.#writer;
    const steps = stepsOf(track);
    const was = before ? stepsOf(before) : newcomer;
    const moved = order.some((name) => steps[name] !== was[name]);
    const { rest, ...flags } = traits(track, before);
    writer.byte(flags.bits | (moved ? flag.moved : 0));
    if (flags.bits & (flag.fresh | flag.reclassed)) writer.byte(this.#classes.indexOf(track.class));
    if (moved) for (const name of order) writer.signed(steps[name] - was[name]);
    if (flags.bits & flag.rest) writer.text(rest);
  }
}

/** Reads the payloads of a `FrameEncoder` with the same start and class table, in the same order. */
export class FrameDecoder {
  readonly #camera: string;
  readonly #classes: readonly ObjectClass[];
  /** The scene of the frame before, with the steps that the next one is counted from. */
  #tracks: readonly Decoded[] = [];
  /** Fields without a short form. */
  #rest: object = {};
  #atMs: number;
  #stepMs = 0;
  constructor(camera: string, fromMs: number, classes: readonly ObjectClass[]) {
    this.#camera = camera;
    this.#atMs = fromMs;
    this.#classes = classes;
  }

  /** Throws `RangeError` for bytes that no encoder wrote. */
  decode(bytes: Buffer): TrackFrame {
    const reader = new ByteReader(bytes);
    const kind = reader.byte();
    this.#stepMs += reader.signed();
    this.#atMs += this.#stepMs;
    if (kind === payload.frame) this.#read(reader);
    else if (kind !== payload.heartbeat) throw new RangeError(`no payload has the kind ${kind}`);
    if (!reader.done) throw new RangeError('a payload with a tail');
    return {
      camera: this.#camera,
      atMs: this.#atMs,
      tracks: this.#tracks.map(({ track }) => track),
      ...this.#rest,
    };
  }

  #read(reader: ByteReader): void {
    if (reader.byte() & frameFlag.rest) this.#rest = JSON.parse(reader.text());
    const tracks: Decoded[] = [];
    let id = 0;
    for (let left = reader.varint(), i = 0; left > 0; left--, i++) {
      id += reader.signed();
      tracks.push(this.#track(reader, id, this.#before(id, i)));
    }
    this.#tracks = tracks;
  }

  /** The same track in the frame before; most tracks keep their place in the list. */
  #before(id: number, i: number): Decoded | undefined {
    const there = this.#tracks[i];
    return there?.track.id === id ? there : this.#tracks.find(({ track }) => track.id === id);
  }

  #track(reader: ByteReader, id: number, before: Decoded | undefined): Decoded {
    const bits = reader.byte();
    const named = bits & (flag.fresh | flag.reclassed) ? this.#classes[reader.byte()] : before?.track.class;
    if (!named) throw new RangeError('a track of no known class');
    const was = before?.steps ?? newcomer;
    const steps = bits & flag.moved ? moved(was, reader) : was;
    const track: Track = {
      id,
      class: named,
      score: steps.score / scoreSteps,
      box: {
        x1: steps.x1 / boxSteps,
        y1: steps.y1 / boxSteps,
        x2: steps.x2 / boxSteps,
        y2: steps.y2 / boxSteps,
      },
      seen: (bits & flag.seen) !== 0,
      still: (bits & flag.still) !== 0,
    };
    return { track: bits & flag.rest ? { ...track, ...JSON.parse(reader.text()) } : track, steps };
  }
}

/** Score and corners in steps. */
type Steps = Box & Pick<Track, 'score'>;

interface Decoded {
  readonly track: Track;
  readonly steps: Steps;
}

/** Object fields are evaluated in the order in which they are written here: that of `order`. */
function moved(was: Steps, reader: ByteReader): Steps {
  return {
    score: was.score + reader.signed(),
    x1: was.x1 + reader.signed(),
    y1: was.y1 + reader.signed(),
    x2: was.x2 + reader.signed(),
    y2: was.y2 + reader.signed(),
  };
}

/** Score and corners of a track that was not there before. */
const newcomer: Steps = { score: 0, x1: 0, y1: 0, x2: 0, y2: 0 };

function stepsOf({ score, box }: Track): Steps {
  return { score: Math.round(score * scoreSteps), ...mapBox(box, (v) => Math.round(v * boxSteps)) };
}

function traits(track: Track, before: Track | undefined): { readonly bits: number; readonly rest: string } {
  const { id: _id, class: name, score: _score, box: _box, seen, still, ...others } = track;
  const rest = JSON.stringify(others);
  const bits =
    (seen ? flag.seen : 0) |
    (still ? flag.still : 0) |
    (before ? 0 : flag.fresh) |
    (before && before.class !== name ? flag.reclassed : 0) |
    (rest === '{}' ? 0 : flag.rest);
  return { bits, rest };
}

function byId(tracks: readonly Track[]): ReadonlyMap<number, Track> {
  return new Map(tracks.map((track) => [track.id, track]));
}

function mapBox({ x1, y1, x2, y2 }: Box, change: (v: number) => number): Box {
  return { x1: change(x1), y1: change(y1), x2: change(x2), y2: change(y2) };
}
