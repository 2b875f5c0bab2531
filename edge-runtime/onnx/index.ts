// The order matters: modules are run in the order in which they are imported.
import './telemetry-off.ts';

/**
 * ONNX Runtime. The tree imports it here only, because only here is its telemetry off before it is loaded.
 */
export { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
