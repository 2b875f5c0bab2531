import { type Box, iou } from '@gatehouse/contracts';
import { describeError, GatehouseError } from '@gatehouse/kit';
import { type ResolvedModel, readModelFile } from '@gatehouse/models';
import { InferenceSession, Tensor } from '@gatehouse/onnx';
import { yunet } from '../detect/families/yunet.ts';
import { fittedSize, inputSizeFor } from '../detect/fit.ts';
import { sessionOptions } from '../detect/onnx-detector.ts';
import { tensorFiller } from '../detect/planes.ts';
import { type Picture, planesFor } from './picture.ts';

/**
 * Longer sides at which a picture is looked at, pixels. A face of 10 pixels shows at the largest only, one that fills the picture at
 * the smallest only.
 */
const looksPx = [320, 640, 1280] as const;
/** Two boxes that overlap by more are one face; for the count alone, since all of them are filled. */
const sameFaceIou = 0.3;

/** A face model that looks at a picture in several sizes and mirrored, for the one end of missing none. */
export class FaceFinder {
  readonly model: string;
  readonly #session: InferenceSession;
  readonly #entry: ResolvedModel['entry'];

  private constructor(entry: ResolvedModel['entry'], session: InferenceSession) {
    this.model = entry.id;
    this.#entry = entry;
    this.#session = session;
  }

  /** Throws `MODEL_CORRUPT`, `MODEL_MISSING` or `MODEL_UNLOADABLE`. */
  static async load({ entry, file }: ResolvedModel): Promise<FaceFinder> {
    const bytes = await readModelFile(entry, file);
    try {
      return new FaceFinder(entry, await InferenceSession.create(bytes, sessionOptions()));
    } catch (cause) {
      throw new GatehouseError(
        'MODEL_UNLOADABLE',
        'environment',
        `ONNX Runtime cannot load ${entry.id} from ${file} (${describeError(cause)}).`,
        'Check free memory and that the installed onnxruntime-node is the locked version.',
        { cause },
      );
    }
  }

  /** Every box that scores `threshold` or more at any size, doubles included; in fractions of the picture, clamped to it. */
  async find(picture: Picture, threshold: number): Promise<Box[]> {
    const found: Box[] = [];
    for (const longSidePx of looksPx)
      for (const mirrored of [false, true])
        found.push(...(await this.#look(picture, longSidePx, mirrored, threshold)));
    return found;
  }

  async #look(picture: Picture, longSidePx: number, mirrored: boolean, threshold: number): Promise<Box[]> {
    const { fit, pad } = this.#entry.input;
    const input = { ...inputSizeFor(this.#entry, picture, longSidePx), fit, pad };
    const tensor = new Float32Array(3 * input.width * input.height);
    tensorFiller(this.#entry.input)(tensor, await planesFor(picture, input, mirrored));
    const feeds = { [yunet.picture]: new Tensor('float32', tensor, [1, 3, input.height, input.width]) };
    const results = await this.#session.run(feeds, yunet.outputs);
    const outputs = yunet.outputs.map((name) => {
      const { data, dims } = results[name] as Tensor;
      return { data: data as Float32Array, dims };
    });
    const fitted = fittedSize(input, picture);
    const [across, down] = [input.width / fitted.width, input.height / fitted.height];
    return yunet.decode(outputs, input, threshold).flatMap(({ x1, y1, x2, y2 }) => {
      const [left, right] = mirrored ? [1 - x2 * across, 1 - x1 * across] : [x1 * across, x2 * across];
      const box = { x1: unit(left), y1: unit(y1 * down), x2: unit(right), y2: unit(y2 * down) };
      return box.x1 < box.x2 && box.y1 < box.y2 ? [box] : [];
    });
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
