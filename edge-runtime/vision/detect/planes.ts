import type { ModelInput } from '@gatehouse/models';

/** Where ffmpeg's `gbrp` keeps each colour: plane 0 is green, 1 blue, 2 red. */
const planeOf = { g: 0, b: 1, r: 2 };

/** Fills a float32 NCHW tensor (batch 1, three channels) from `gbrp` planes of the same size. */
export type FillTensor = (tensor: Float32Array, planes: Uint8Array) => void;

/**
 * The filler for a model's channel order and scale. Unscaled models copy whole planes (0.24 ms at 416x256); scaled ones go
 * through a table of 256 values (0.55 ms), which is exact: (byte - mean) / divisor rounded once to float32.
 */
export function tensorFiller(input: ModelInput): FillTensor {
  const order = [...input.channels].map((colour) => planeOf[colour as keyof typeof planeOf]);
  if (input.mean === 0 && input.divisor === 1)
    return (tensor, planes) => {
      const pixels = planes.length / 3;
      order.forEach((plane, channel) => {
        tensor.set(planes.subarray(plane * pixels, (plane + 1) * pixels), channel * pixels);
      });
    };
  const table = Float32Array.from({ length: 256 }, (_, byte) => (byte - input.mean) / input.divisor);
  return (tensor, planes) => {
    const pixels = planes.length / 3;
    let out = 0;
    for (const plane of order)
      for (let at = plane * pixels, end = at + pixels; at < end; at++)
        tensor[out++] = table[planes[at] as number] as number;
  };
}
