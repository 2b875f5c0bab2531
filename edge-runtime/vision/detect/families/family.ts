import type { Tensor } from '@gatehouse/onnx';
import type { Candidate } from '../candidate.ts';
import type { Size } from '../fit.ts';

/** The numbers of one output and their shape. */
export interface OutputTensor {
  readonly data: Float32Array | BigInt64Array;
  readonly dims: readonly number[];
}

/** Properties of one family of models: names of inputs and outputs, and how outputs are read. */
export interface Family {
  /** Name of the picture's input. */
  readonly picture: string;
  /** Inputs besides the picture, the same for every frame. */
  readonly constants: () => Readonly<Record<string, Tensor>>;
  /** Names of the outputs that `decode` reads. */
  readonly outputs: readonly string[];
  /**
   * Pure: reads candidates of at least `threshold` out of outputs in the order of `outputs`. Boxes in
   * fractions of the input. Throws a RangeError for outputs of a shape the family does not have.
   */
  decode(outputs: readonly OutputTensor[], input: Size, threshold: number): Candidate[];
}

/** The float numbers of an output of exactly this many values. */
export function floats(output: OutputTensor | undefined, length: number, what: string): Float32Array {
  if (!(output?.data instanceof Float32Array) || output.data.length !== length)
    throw new RangeError(
      `${what} must be ${length} float32 values, not ${output?.dims.join('x') ?? 'absent'}`,
    );
  return output.data;
}
