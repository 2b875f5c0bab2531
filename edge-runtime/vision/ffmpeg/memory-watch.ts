import { readFileSync } from 'node:fs';
import { type Clock, every, type Log } from '@gatehouse/kit';

const lookEveryMs = 10_000;

/**
 * Resident memory of a process in bytes, from proc(5) status (`VmRSS` in kB); undefined when it is gone.
 */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/** A process of ours. */
export interface OwnProcess {
  readonly pid: number | undefined;
  kill(): void;
}

/**
 * Kills an ffmpeg that has grown beyond `limitBytes`; whoever runs it starts it again. Returns how to stop
 * watching.
 */
export function watchMemory(child: OwnProcess, limitBytes: number, clock: Clock, log: Log): () => void {
  return every(clock, lookEveryMs, () => {
    const bytes = child.pid === undefined ? undefined : residentBytes(child.pid);
    if (bytes === undefined || bytes <= limitBytes) return;
    log.error('child-too-large', { pid: child.pid, bytes, limitBytes });
    child.kill();
  });
}
