import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { systemCode } from '@gatehouse/kit';
import { type ReadSegment, readSegment } from '@gatehouse/store';
import { atMoment } from './at-moment.ts';
import { runOver } from './dry-run.ts';
import type { LookBackAnswer, LookBackTask } from './protocol.ts';

/** Runs rules over stored tracks in a thread of its own: the console and the live rules never wait for it. */
function answer(task: LookBackTask, tell: (answer: LookBackAnswer) => void): void {
  if (task.type === 'moment') {
    const [segment] = [...readAll(task.files)].slice(-1);
    tell({ type: 'moment', view: atMoment(task.camera, task.calendar, segment, task.atMs) });
    return;
  }
  let done = 0;
  const result = runOver(task.camera, task.calendar, readAll(task.files), () => {
    done++;
    tell({ type: 'progress', share: done / task.files.length });
  });
  tell({ type: 'run', result });
}

/** A file that has just been dropped for its age is left out. */
function* readAll(files: readonly string[]): Generator<ReadSegment> {
  for (const file of files) {
    const segment = readIfThere(file);
    if (segment) yield segment;
  }
}

function readIfThere(file: string): ReadSegment | undefined {
  try {
    return readSegment(readFileSync(file));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const port = parentPort;
if (!port) throw new Error('look-back/worker.ts runs as a worker thread only');
answer(workerData as LookBackTask, (message) => port.postMessage(message));
