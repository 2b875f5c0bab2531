import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { systemCode } from './errors.ts';

/** A thread's time on a processor and its time waiting for one since it began, milliseconds. */
export interface ThreadTimes {
  readonly ranMs: number;
  readonly waitedMs: number;
}

/** The system's figures about its processors at one moment. */
export interface ProcessorReading {
  /** Threads of the watched processes, by thread id. Empty if the kernel does not count. */
  readonly threads: ReadonlyMap<string, ThreadTimes>;
  /** Threads of the whole machine that run or wait for a processor. */
  readonly runnable: number | undefined;
  readonly processors: number;
}

/**
 * Reads proc(5). A service reads its own processes and the machine's run queue. Every user may do that, also
 * within a container or with systemd's ProtectProc=invisible. Event-loop delay is not used: at a load of 33
 * on two processors it was 25 to 75 ms, while a decoder beside it waited 70 to 99 % of the time.
 */
export function readProcessor(pids: readonly number[]): ProcessorReading {
  const threads = new Map(['self', ...pids].flatMap(threadsOf));
  const runnable = /^(?:\S+ ){3}(\d+)\//.exec(textOf('/proc/loadavg') ?? '')?.[1];
  return {
    threads,
    runnable: runnable === undefined ? undefined : Number(runnable),
    processors: Math.max(1, cpus().length),
  };
}

function threadsOf(pid: string | number): [string, ThreadTimes][] {
  return taskIds(pid).flatMap((id): [string, ThreadTimes][] => {
    // Nanoseconds on a processor, nanoseconds in the run queue, number of time slices.
    const [ran, waited] = (textOf(`/proc/${pid}/task/${id}/schedstat`) ?? '').split(' ').map(Number);
    const isSaid = Number.isFinite(ran) && Number.isFinite(waited);
    return isSaid ? [[id, { ranMs: (ran ?? 0) / 1e6, waitedMs: (waited ?? 0) / 1e6 }]] : [];
  });
}

function taskIds(pid: string | number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (systemCode(error) !== undefined) return [];
    throw error;
  }
}

/** Undefined if the process is gone, or the kernel does not have the file. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}
