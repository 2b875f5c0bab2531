import { InferenceSession, Tensor } from '@gatehouse/onnx';
import type { OnnxGraph, OnnxNode } from './onnx-graph.ts';
import { dataType, editGraph, floatsOf, node, tensor } from './onnx-graph.ts';

/** Operators that run on bytes in ONNX Runtime when all around them does. */
const trunkTypes: ReadonlySet<string> = new Set(['Conv', 'Relu', 'Add', 'MaxPool', 'Resize', 'Concat']);
/** These give values that they were given, so they keep the scale. */
const passThrough: ReadonlySet<string> = new Set(['MaxPool', 'Resize']);
/** Weights use 7 of 8 bits: without VNNI, x86 adds two products in 16 bits, which 8 would overflow. */
const greatestWeight = 63;

interface Range {
  readonly low: number;
  readonly high: number;
}

/** Pictures for calibration: bytes R, G, B of each pixel in turn. */
export interface Pictures {
  readonly width: number;
  readonly height: number;
  readonly bytes: readonly Uint8Array[];
}

/**
 * Static quantisation of the detector to INT8 (QDQ form): activations asymmetric bytes over the range that
 * `pictures` give them, weights symmetric for each output channel. The last convolution of each head and the
 * box decoding stay in float: their numbers are pixels.
 */
export async function quantise(model: Uint8Array, pictures: Pictures): Promise<Uint8Array> {
  let observed: string[] = [];
  const watched = editGraph(model, (graph) => {
    observed = quantisedTensors(graph);
    const inner = observed.filter((name) => graph.node.some(({ output }) => output[0] === name));
    graph.output.push(
      ...inner.map((name) => ({ name, type: { tensor_type: { elem_type: dataType.float } } })),
    );
  });
  const ranges = await rangesOf(watched, observed, pictures);
  return editGraph(model, (graph) => rewrite(graph, ranges));
}

/** Nodes that compute on bytes: all of their inputs do, and something after them does. */
function trunkOf(graph: OnnxGraph): OnnxNode[] {
  const constants = new Set(graph.initializer.map(({ name }) => name));
  for (const { op_type: type, output } of graph.node) if (type === 'Constant') constants.add(output[0] ?? '');
  const within = new Set(['picture']);
  const trunk: OnnxNode[] = [];
  for (const one of graph.node) {
    const fed = one.input.filter((name) => name !== '' && !constants.has(name));
    if (fed.length === 0 || !trunkTypes.has(one.op_type) || !fed.every((name) => within.has(name))) continue;
    within.add(one.output[0] ?? '');
    trunk.push(one);
  }
  const read = new Set(trunk.flatMap(({ input }) => input));
  return trunk.filter(({ output }) => read.has(output[0] ?? ''));
}

/** A convolution or sum that only feeds a ReLU is computed together with it. */
function feedsRelu(graph: OnnxGraph, name: string): boolean {
  const readers = graph.node.filter(({ input }) => input.includes(name));
  return readers.length === 1 && readers[0]?.op_type === 'Relu';
}

function quantisedTensors(graph: OnnxGraph): string[] {
  const outputs = trunkOf(graph).map(({ output }) => output[0] ?? '');
  return ['picture', ...outputs.filter((name) => !feedsRelu(graph, name))];
}

async function rangesOf(model: Uint8Array, names: readonly string[], pictures: Pictures) {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const ranges = new Map<string, Range>([['picture', { low: 0, high: 255 }]]);
  const inner = names.filter((name) => name !== 'picture');
  for (const bytes of pictures.bytes) {
    const results = await session.run({ picture: pictureTensor(bytes, pictures) }, inner);
    for (const name of inner) {
      let { low, high } = ranges.get(name) ?? { low: 0, high: 0 };
      for (const value of (results[name] as Tensor).data as Float32Array) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
      ranges.set(name, { low, high });
    }
  }
  await session.release();
  return ranges;
}

function pictureTensor(bytes: Uint8Array, { width, height }: Pictures): Tensor {
  const values = new Float32Array(bytes.length);
  const pixels = width * height;
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let channel = 0; channel < 3; channel++)
      values[channel * pixels + pixel] = bytes[pixel * 3 + channel] as number;
  return new Tensor('float32', values, [1, 3, height, width]);
}

function rewrite(graph: OnnxGraph, ranges: ReadonlyMap<string, Range>): void {
  const trunk = new Set(trunkOf(graph));
  const scales = new Map<string, { scale: number; zero: number }>();
  for (const [name, { low, high }] of ranges) {
    const scale = Math.max(high - low, 1e-6) / 255;
    scales.set(name, { scale, zero: Math.round(-low / scale) });
  }
  for (const { op_type: type, input, output } of trunk)
    if (passThrough.has(type))
      scales.set(output[0] ?? '', scales.get(input[0] ?? '') ?? { scale: 1, zero: 0 });
  const nodes: OnnxNode[] = [];
  const renamed = new Map<string, string>();
  const quantised = (name: string) => {
    const known = scales.get(name);
    if (!known) return;
    nodes.push(...roundTrip(graph, name, known.scale, known.zero));
    renamed.set(name, `${name}/bytes/float`);
  };
  quantised('picture');
  for (const one of graph.node) {
    const scale = scales.get(one.input[0] ?? '')?.scale;
    one.input = one.input.map((name) => renamed.get(name) ?? name);
    if (trunk.has(one) && one.op_type === 'Conv' && scale !== undefined)
      nodes.push(...weights(graph, one, scale));
    nodes.push(one);
    quantised(one.output[0] ?? '');
  }
  graph.node = nodes;
}

/** Float to bytes and back: ONNX Runtime computes what lies between two such pairs on the bytes. */
function roundTrip(graph: OnnxGraph, name: string, scale: number, zero: number): OnnxNode[] {
  graph.initializer.push(
    tensor(`${name}/scale`, [], dataType.float, Float32Array.of(scale)),
    tensor(`${name}/zero`, [], dataType.uint8, Uint8Array.of(zero)),
  );
  const parameters = [`${name}/scale`, `${name}/zero`];
  return [
    node('QuantizeLinear', [name, ...parameters], `${name}/bytes`),
    node('DequantizeLinear', [`${name}/bytes`, ...parameters], `${name}/bytes/float`),
  ];
}

/** Puts a convolution's weights and biases in the graph as integers, a scale for each output channel. */
function weights(graph: OnnxGraph, convolution: OnnxNode, inputScale: number): OnnxNode[] {
  const [picture = '', weightName = '', biasName = ''] = convolution.input;
  const named = (name: string) => {
    const found = graph.initializer.find((one) => one.name === name);
    if (!found) throw new RangeError(`convolution ${convolution.name} has no constant ${name}`);
    return found;
  };
  const weight = named(weightName);
  const dims = weight.dims.map(Number);
  const values = floatsOf(weight);
  const each = values.length / (dims[0] ?? 1);
  const scales = Float32Array.from({ length: dims[0] ?? 1 }, (_, channel) => {
    const row = values.subarray(channel * each, (channel + 1) * each);
    return Math.max(1e-8, ...row.map(Math.abs)) / greatestWeight;
  });
  const integers = Int8Array.from(values, (value, at) =>
    Math.round(value / (scales[Math.floor(at / each)] as number)),
  );
  const biasScales = scales.map((scale) => scale * inputScale);
  const biases = Int32Array.from(floatsOf(named(biasName)), (value, channel) =>
    Math.round(value / (biasScales[channel] as number)),
  );
  graph.initializer = graph.initializer.filter(({ name }) => name !== weightName && name !== biasName);
  const channels = [scales.length];
  const zeros = (length: number) => new Int8Array(length);
  graph.initializer.push(
    tensor(`${weightName}/integers`, dims, dataType.int8, integers),
    tensor(`${weightName}/scale`, channels, dataType.float, scales),
    tensor(`${weightName}/zero`, channels, dataType.int8, zeros(scales.length)),
    tensor(`${biasName}/integers`, channels, dataType.int32, biases),
    tensor(`${biasName}/scale`, channels, dataType.float, biasScales),
    tensor(`${biasName}/zero`, channels, dataType.int32, new Int32Array(scales.length)),
  );
  convolution.input = [picture, weightName, biasName];
  return [weightName, biasName].map((name) =>
    node('DequantizeLinear', [`${name}/integers`, `${name}/scale`, `${name}/zero`], name, { axis: 0 }),
  );
}
