import type { Box } from '@gatehouse/contracts';
import { chooseModel, type ModelEntry, type ResolveOptions } from '@gatehouse/models';
import type { Detector } from '../detect/detector.ts';
import { createDetector, inputSizeFor, type Size } from '../detect/index.ts';
import type { Picture } from './picture.ts';
import { ScaledPicture, type Turn, turnedSize } from './views.ts';

/** Someone in a picture that was turned; the box is in fractions of the turned picture. */
export interface Person {
  readonly box: Box;
  readonly score: number;
}

/** People are looked for in a larger picture than a live camera's: one still has the time. */
const longSidePx = 640;
/** Lowest score that the detector gives out. */
const doubtfulFrom = 0.1;
const landscape: Size = { width: 16, height: 9 };
const portrait: Size = { width: 9, height: 16 };

/** A detector of objects that looks for people in pictures of either orientation. */
export class PeopleFinder {
  readonly model: string;
  readonly #entry: ModelEntry;
  readonly #file: string;
  /** One session for each orientation that was needed; a model of one size has one. */
  readonly #detectors = new Map<string, Detector>();

  private constructor(entry: ModelEntry, file: string) {
    this.model = entry.id;
    this.#entry = entry;
    this.#file = file;
  }

  /**
   * The model that a box without a named one would run, the bundled one in the last resort. Throws what
   * choosing throws.
   */
  static async load(options: ResolveOptions = {}): Promise<PeopleFinder> {
    const { entry, file } = await chooseModel(undefined, options);
    return new PeopleFinder(entry, file);
  }

  /**
   * People of at least `threshold` in the picture as it is after a turn. `fitted`: in the input that fits the
   * turned picture best; else in the one that fits the picture as it came, which costs no second session but
   * shows quarter turns at half the size. The first look loads the model: throws what `createDetector`
   * throws.
   */
  async find(picture: Picture, threshold: number, turn: Turn = 0, fitted = true): Promise<Person[]> {
    const seen = turnedSize(picture, turn);
    const detector = await this.#detectorFor(fitted ? seen : picture);
    const scaled = await ScaledPicture.of(picture, turnedSize(detector.input, turn));
    const all = await detector.detect({
      planes: scaled.planes({ turn, mirrored: false }),
      sourceWidth: seen.width,
      sourceHeight: seen.height,
    });
    return all.filter(({ class: name, score }) => name === 'person' && score >= threshold);
  }

  async #detectorFor({ width, height }: Size): Promise<Detector> {
    const size = inputSizeFor(this.#entry, width < height ? portrait : landscape, longSidePx);
    const key = `${size.width}x${size.height}`;
    const known = this.#detectors.get(key);
    if (known) return known;
    const detector = await createDetector(this.#entry, this.#file, { ...size, doubtfulFrom });
    this.#detectors.set(key, detector);
    return detector;
  }
}
