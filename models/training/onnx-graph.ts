import protobuf from 'protobufjs';

/**
 * The part of onnx.proto (ONNX IR, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that the quantiser
 * reads and writes, with its field numbers; all else are unknown fields here and pass through byte for byte.
 */
const schema = `
  syntax = "proto2";
  message ModelProto { optional GraphProto graph = 7; }
  message GraphProto {
    repeated NodeProto node = 1;
    repeated TensorProto initializer = 5;
    repeated ValueInfoProto output = 12;
  }
  message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    optional string name = 3;
    optional string op_type = 4;
    repeated AttributeProto attribute = 5;
  }
  message AttributeProto { optional string name = 1; optional int64 i = 3; optional int32 type = 20; }
  message TensorProto {
    repeated int64 dims = 1;
    optional int32 data_type = 2;
    optional string name = 8;
    optional bytes raw_data = 9;
  }
  message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
  message TypeProto { optional Tensor tensor_type = 1; }
  message Tensor { optional int32 elem_type = 1; }
`;
const ModelProto = protobuf.parse(schema, { keepCase: true }).root.lookupType('ModelProto');

export interface OnnxNode {
  input: string[];
  output: string[];
  name: string;
  op_type: string;
  attribute: { name: string; i: number; type: number }[];
}

export interface OnnxTensor {
  dims: (number | { toNumber(): number })[];
  data_type: number;
  name: string;
  raw_data: Uint8Array;
}

export interface OnnxGraph {
  node: OnnxNode[];
  initializer: OnnxTensor[];
  output: { name: string; type: { tensor_type: { elem_type: number } } }[];
}

/** TensorProto.DataType of what is used here. */
export const dataType = { float: 1, uint8: 2, int8: 3, int32: 6 } as const;
/** AttributeProto.AttributeType.INT. */
const intAttribute = 2;

/** Reads a model, lets `change` edit its graph in place, and gives the bytes of the outcome. */
export function editGraph(model: Uint8Array, change: (graph: OnnxGraph) => void): Uint8Array {
  const reader = protobuf.Reader.create(model);
  reader.discardUnknown = false;
  const message = ModelProto.decode(reader);
  change((message as unknown as { graph: OnnxGraph }).graph);
  return ModelProto.encode(message).finish();
}

/** A constant of the graph. */
export function tensor(
  name: string,
  dims: number[],
  type: number,
  data: Float32Array | Int32Array | Int8Array | Uint8Array,
): OnnxTensor {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims, data_type: type, raw_data: raw };
}

/** The float values of a constant. */
export function floatsOf({ raw_data: raw }: OnnxTensor): Float32Array {
  return new Float32Array(Uint8Array.from(raw).buffer);
}

export function node(
  type: string,
  input: string[],
  output: string,
  integers: Record<string, number> = {},
): OnnxNode {
  const attribute = Object.entries(integers).map(([name, i]) => ({ name, i, type: intAttribute }));
  return { op_type: type, name: `${output}/${type}`, input, output: [output], attribute };
}
