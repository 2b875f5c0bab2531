import { isMainThread } from 'node:worker_threads';
import { errorOf } from '@gatehouse/kit';

/**
 * Turns off the telemetry of ONNX Runtime for this process. It is on in the builds for Linux: with the first
 * session they write a device id and a database of events below `~/.cache/Microsoft` and send both to
 * Microsoft. The variable is read once, when the first session of the process is made, and holds for the
 * process. Only `1`, `true` and `yes` turn it off; calling its API comes too late.
 *
 * In a worker thread `process.env` is a copy, which ONNX Runtime does not see. So the main thread imports
 * this module before it starts the worker, and a worker only looks whether that was done. Throws
 * `ONNX_TELEMETRY_ON` if it was not.
 */
if (isMainThread) process.env.ORT_DISABLE_TELEMETRY = '1';
else if (process.env.ORT_DISABLE_TELEMETRY !== '1') throw errorOf('ONNX_TELEMETRY_ON');
