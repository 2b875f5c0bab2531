import { parentPort, workerData } from 'node:worker_threads';
import { GatehouseError } from '@gatehouse/kit';
import type { Detector } from '../detect/detector.ts';
import type { DetectJob, DetectorRecipe, Failure, WorkerReply } from './protocol.ts';

/** Runs one detector apart from the service's event loop: onnxruntime's run() blocks the thread that calls it. */
const port = parentPort;
if (!port) throw new TypeError('infer/worker.ts runs as a worker thread only');
const reply = (message: WorkerReply) => port.postMessage(message);

const { module, args } = workerData as DetectorRecipe;
try {
  const loaded = await import(module);
  const detector: Detector = await loaded.createDetector(...args);
  const { width, height, fit, pad } = detector.input;
  port.on('message', (job: DetectJob) => void detect(detector, job));
  reply({ type: 'ready', input: { width, height, fit, pad } });
} catch (error) {
  reply({ type: 'cannot-load', failure: failureOf(error) });
}

async function detect(on: Detector, { job, planes, sourceWidth, sourceHeight }: DetectJob): Promise<void> {
  try {
    const detections = await on.detect({ planes: new Uint8Array(planes), sourceWidth, sourceHeight });
    reply({ type: 'detections', job, detections });
  } catch (error) {
    reply({ type: 'failed', job, failure: failureOf(error) });
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof GatehouseError)
    return { code: error.code, message: error.message, remedy: error.remedy };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'DETECTOR_FAILED', message, remedy: 'See the log of the vision service.' };
}
