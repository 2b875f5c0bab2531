import type { Box } from '@gatehouse/contracts';
import { iou } from '@gatehouse/contracts';
import { type ResolveOptions, readModelFile, resolveModel } from '@gatehouse/models';
import { InferenceSession, Tensor } from '@gatehouse/onnx';
import { sessionOptions } from '../../detect/onnx-detector.ts';
import { tensorFiller } from '../../detect/planes.ts';
import type { Picture } from '../picture.ts';
import { asItIs, ScaledPicture } from '../views.ts';

export interface FoundFace {
  /** Fractions of the picture. */
  readonly box: Box;
  readonly score: number;
}

/**
 * A face detector of another make than the one that redacts: another network, trained by others, read by
 * other code. It judges what is left; the product never runs it. (Ultra-Light-Fast-Generic-Face-Detector:
 * scores [1, n, 2], of which the second is "face", and boxes [1, n, 4] in fractions of the input.)
 */
export async function secondDetector(options: ResolveOptions = {}) {
  const { entry, file } = await resolveModel('ulfg-rfb-640', options);
  const session = await InferenceSession.create(await readModelFile(entry, file), sessionOptions());
  const { width, height, fit, pad } = entry.input;
  const tensor = new Float32Array(3 * width * height);
  const fill = tensorFiller(entry.input);
  return {
    model: entry.id,
    /** Faces of at least this score, without doubles, best first. */
    async find(picture: Picture, threshold: number): Promise<FoundFace[]> {
      const scaled = await ScaledPicture.of(picture, { width, height, fit, pad });
      fill(tensor, scaled.planes(asItIs));
      const results = await session.run({ input: new Tensor('float32', tensor, [1, 3, height, width]) });
      const scores = results.scores?.data as Float32Array;
      const boxes = results.boxes?.data as Float32Array;
      const all: FoundFace[] = [];
      for (let i = 0; i < scores.length / 2; i++) {
        const score = scores[2 * i + 1] as number;
        if (score < threshold) continue;
        const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as number[];
        all.push({ score, box: { x1: x1 ?? 0, y1: y1 ?? 0, x2: x2 ?? 0, y2: y2 ?? 0 } });
      }
      all.sort((a, b) => b.score - a.score);
      const apart: FoundFace[] = [];
      for (const face of all)
        if (!apart.some((other) => iou(other.box, face.box) > entry.nmsIou)) apart.push(face);
      return apart;
    },
  };
}
