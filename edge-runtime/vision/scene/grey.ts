import type { DetectorFrame, InputShape } from '../detect/detector.ts';
import { fittedSize } from '../detect/fit.ts';
import type { GreyPicture } from '../track/index.ts';

/**
 * The green plane of a frame, the letterbox rest left out, without a copy: the nearest to luma that costs
 * nothing.
 */
export function greyOf({ planes, sourceWidth, sourceHeight }: DetectorFrame, input: InputShape): GreyPicture {
  return {
    pixels: planes.subarray(0, input.width * input.height),
    stride: input.width,
    ...fittedSize(input, { width: sourceWidth, height: sourceHeight }),
  };
}
