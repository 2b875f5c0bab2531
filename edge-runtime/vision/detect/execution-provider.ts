import type { VisionHardware } from '@gatehouse/contracts';
import { describeError, errorOf, type GatehouseError } from '@gatehouse/kit';
import { listSupportedBackends } from '@gatehouse/onnx';

/** Where ONNX Runtime computes. */
export type ExecutionProvider = VisionHardware['executionProvider'];

/**
 * onnxruntime-node only prints a line about a provider that its build does not know, such as cuda on arm64,
 * and takes the CPU.
 */
export function assertListed(provider: ExecutionProvider): void {
  const names = listSupportedBackends().map(({ name }) => name);
  if (!names.includes(provider))
    throw new Error(`this build of onnxruntime-node knows ${names.join(', ')} only`);
}

/** The fault if a model runs on the CPU instead. `cause` may be text that ONNX Runtime gave. */
export function providerUnavailable(provider: ExecutionProvider, cause: unknown): GatehouseError {
  const why = (typeof cause === 'string' ? cause : describeError(cause)).split('\n')[0]?.slice(0, 100);
  return errorOf('PROVIDER_UNAVAILABLE', { provider, reason: why }, { cause });
}
