import { type Box, iou } from '@gatehouse/contracts';
import { describeError, errorOf } from '@gatehouse/kit';
import { type ResolvedModel, readModelFile } from '@gatehouse/models';
import { InferenceSession, Tensor } from '@gatehouse/onnx';
import { yunet } from '../detect/families/yunet.ts';
import { inputSizeFor } from '../detect/fit.ts';
import { sessionOptions } from '../detect/onnx-detector.ts';
import { type FillTensor, tensorFiller } from '../detect/planes.ts';
import type { Picture } from './picture.ts';
import { boxInPicture, ScaledPicture, type View } from './views.ts';

/**
 * Longer sides at which a picture is looked at, pixels. A face of 10 pixels shows at the largest only, one
 * that fills the picture at the smallest only.
 */
const looksPx = [320, 640, 1280] as const;
export const largestLookPx = Math.max(...looksPx);
/** Two boxes that overlap by more are one face; for the count alone, since all of them are filled. */
const sameFaceIou = 0.3;

/** A face model that looks at a picture in several sizes and views, for the one end of missing none. */
export class FaceFinder {
  readonly model: string;
  readonly #session: InferenceSession;
  readonly #entry: ResolvedModel['entry'];
  readonly #fill: FillTensor;
  readonly #tensors = new Map<number, Float32Array>();

  private constructor(entry: ResolvedModel['entry'], session: InferenceSession) {
    this.model = entry.id;
    this.#entry = entry;
    this.#session = session;
    this.#fill = tensorFiller(entry.input);
  }

  /** Throws `MODEL_CORRUPT`, `MODEL_MISSING` or `MODEL_UNLOADABLE`. */
  static async load({ entry, file }: ResolvedModel): Promise<FaceFinder> {
    const bytes = await readModelFile(entry, file);
    try {
      return new FaceFinder(entry, await InferenceSession.create(bytes, sessionOptions()));
    } catch (cause) {
      throw errorOf('MODEL_UNLOADABLE', { model: entry.id, file, reason: describeError(cause) }, { cause });
    }
  }

  /**
   * Every box that scores `threshold` or more at any size in any of the views, doubles included; in fractions
   * of the picture, clamped to it.
   */
  async find(picture: Picture, threshold: number, views: readonly View[]): Promise<Box[]> {
    const found: Box[] = [];
    for (const longSidePx of looksPx) {
      const { fit, pad } = this.#entry.input;
      const input = { ...inputSizeFor(this.#entry, picture, longSidePx), fit, pad };
      const scaled = await ScaledPicture.of(picture, input);
      for (const view of views) found.push(...(await this.#look(scaled, view, threshold)));
    }
    return found;
  }

  async #look(scaled: ScaledPicture, view: View, threshold: number): Promise<Box[]> {
    const input = scaled.shape(view);
    const tensor = this.#tensorOf(3 * input.width * input.height);
    this.#fill(tensor, scaled.planes(view));
    const feeds = { [yunet.picture]: new Tensor('float32', tensor, [1, 3, input.height, input.width]) };
    const results = await this.#session.run(feeds, yunet.outputs);
    const outputs = yunet.outputs.map((name) => {
      const { data, dims } = results[name] as Tensor;
      return { data: data as Float32Array, dims };
    });
    const { across, down } = scaled.reach(view);
    return yunet.decode(outputs, input, threshold).flatMap(({ x1, y1, x2, y2 }) => {
      const seen = { x1: x1 * across, y1: y1 * down, x2: x2 * across, y2: y2 * down };
      const box = boxInPicture(seen, view);
      const inside = { x1: unit(box.x1), y1: unit(box.y1), x2: unit(box.x2), y2: unit(box.y2) };
      return inside.x1 < inside.x2 && inside.y1 < inside.y2 ? [inside] : [];
    });
  }

  /** The input of one size, filled anew for each look: 11 MB for the largest. */
  #tensorOf(length: number): Float32Array {
    const known = this.#tensors.get(length);
    if (known) return known;
    const tensor = new Float32Array(length);
    this.#tensors.set(length, tensor);
    return tensor;
  }
}

/** How many faces a list of boxes with doubles is about. */
export function countApart(boxes: readonly Box[]): number {
  const apart: Box[] = [];
  for (const box of boxes) if (!apart.some((other) => iou(other, box) > sameFaceIou)) apart.push(box);
  return apart.length;
}

/** Infinities and NaN become NaN, which no comparison lets pass. */
function unit(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : Number.NaN;
}
