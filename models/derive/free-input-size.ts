import { errorOf, type GatehouseError } from '@gatehouse/kit';
import protobuf from 'protobufjs';

/**
 * The part of onnx.proto (ONNX IR, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that holds shapes,
 * written with its field numbers. Nodes, weights and all else are unknown fields here and pass through byte
 * for byte.
 */
const schema = `
  syntax = "proto2";
  message ModelProto { optional GraphProto graph = 7; }
  message GraphProto {
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
    repeated ValueInfoProto value_info = 13;
  }
  message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
  message TypeProto { optional Tensor tensor_type = 1; }
  message Tensor { optional TensorShapeProto shape = 2; }
  message TensorShapeProto { repeated Dimension dim = 1; }
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
`;
const ModelProto = protobuf.parse(schema, { keepCase: true }).root.lookupType('ModelProto');

interface Dimension {
  dim_value?: number | { toNumber(): number };
  dim_param?: string;
}
interface ValueInfo {
  readonly name?: string;
  readonly type?: { readonly tensor_type?: { readonly shape?: { dim: Dimension[] } } };
}
interface Graph {
  readonly input: ValueInfo[];
  readonly output: ValueInfo[];
  value_info: ValueInfo[];
}

/**
 * Makes height and width of a fully convolutional model free: `[1, 3, H, W]` in becomes `[1, 3, height,
 * width]`, and the count of anchors out, which follows from them, becomes `anchors`. The shapes of
 * intermediate values are dropped, because they were inferred for the one size; the runtime infers them anew.
 * Nothing else changes, so the weights stay those that the licence and the measurements are about. Works
 * where the graph holds no size as a constant (YOLOX reshapes to -1). The same input gives the same bytes.
 * Throws `MODEL_DERIVE_FAILED` for a model of another shape.
 */
export function freeInputSize(model: Uint8Array): Uint8Array {
  const reader = protobuf.Reader.create(model);
  reader.discardUnknown = false;
  const message = decode(reader);
  const graph = 'graph' in message ? (message.graph as Graph | undefined) : undefined;
  const [input, output] = [shapeOf(graph?.input), shapeOf(graph?.output)];
  if (!graph || input?.length !== 4 || output?.length !== 3 || sizeOf(input[1]) !== 3)
    throw failed('it must have one input [1, 3, height, width] and one output [1, anchors, values].');
  input[2] = { dim_param: 'height' };
  input[3] = { dim_param: 'width' };
  output[1] = { dim_param: 'anchors' };
  graph.value_info = [];
  return ModelProto.encode(message).finish();
}

function decode(reader: protobuf.Reader): protobuf.Message {
  try {
    return ModelProto.decode(reader);
  } catch (cause) {
    throw failed('it is no ONNX file.', cause);
  }
}

function shapeOf(values: readonly ValueInfo[] | undefined): Dimension[] | undefined {
  return values?.length === 1 ? values[0]?.type?.tensor_type?.shape?.dim : undefined;
}

function sizeOf(dimension: Dimension | undefined): number | undefined {
  const value = dimension?.dim_value;
  return typeof value === 'object' ? value.toNumber() : value;
}

function failed(why: string, cause?: unknown): GatehouseError {
  return errorOf('MODEL_DERIVE_FAILED', { reason: why }, { cause });
}
