import { parentPort, workerData } from 'node:worker_threads';
import { errorOf, GatehouseError } from '@gatehouse/kit';
import type { Detector } from '../detect/detector.ts';
import {
  type DetectJob,
  type DetectorRecipe,
  endOrder,
  type Failure,
  type WorkerOrder,
  type WorkerReply,
} from './protocol.ts';

/**
 * Runs one detector apart from the service's event loop: onnxruntime's run() blocks the thread that calls it.
 * It ends by itself when asked: a thread that is ended from outside within ONNX Runtime, while it loads or
 * infers, takes the process with it.
 */
const port = parentPort;
if (!port) throw new TypeError('infer/worker.ts runs as a worker thread only');
const reply = (message: WorkerReply) => port.postMessage(message);

const { module, args } = workerData as DetectorRecipe;
try {
  const loaded = await import(module);
  const detector: Detector = await loaded.createDetector(...args);
  const { width, height, fit, pad } = detector.input;
  const { providerFault } = detector;
  const slots = new Map<number, Uint8Array>();
  let work = Promise.resolve();
  port.on('message', (order: WorkerOrder) => {
    if (order !== endOrder && order.planes) slots.set(order.slot, new Uint8Array(order.planes));
    work = work.then(() => (order === endOrder ? end(detector) : detect(detector, order, slots)));
  });
  reply({
    type: 'ready',
    input: { width, height, fit, pad },
    ...(providerFault ? { providerFault: failureOf(providerFault) } : {}),
  });
} catch (error) {
  reply({ type: 'cannot-load', failure: failureOf(error) });
}

async function detect(
  on: Detector,
  { job, slot, sourceWidth, sourceHeight }: DetectJob,
  slots: ReadonlyMap<number, Uint8Array>,
): Promise<void> {
  try {
    const planes = slots.get(slot);
    if (!planes) throw new TypeError(`the memory of slot ${slot} was never given`);
    const detections = await on.detect({ planes, sourceWidth, sourceHeight });
    reply({ type: 'detections', job, detections });
  } catch (error) {
    reply({ type: 'failed', job, failure: failureOf(error) });
  }
}

/** Nothing is left for this thread to wait for then. */
async function end(detector: Detector): Promise<void> {
  try {
    await detector.close();
  } finally {
    port?.close();
  }
}

function failureOf(error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  const known = error instanceof GatehouseError ? error : errorOf('DETECTOR_FAILED', { reason });
  return { code: known.code, message: known.message, remedy: known.remedy };
}
