import { describeError } from './errors.ts';
import type { Log } from './log.ts';

/**
 * A part of a service. The constructor only assigns. `start` acts; `stop` undoes it and may be called after a
 * failed start.
 */
export interface Part {
  start(signal: AbortSignal): Promise<void> | void;
  stop(): Promise<void> | void;
}

/** A composition root's table: name and part, in start order. */
export type PartTable = readonly (readonly [name: string, part: Part])[];

/** Starts parts in order. If one fails, stops the started ones in reverse order and rethrows. */
export async function startAll(parts: PartTable, log: Log, signal: AbortSignal): Promise<void> {
  const started: (readonly [string, Part])[] = [];
  for (const entry of parts) {
    const [name, part] = entry;
    started.push(entry);
    try {
      signal.throwIfAborted();
      await part.start(signal);
      log.debug('part-started', { part: name });
    } catch (cause) {
      await stopAll(started, log);
      throw cause;
    }
  }
}

/** Stops parts in reverse order; a part that fails to stop is logged and does not keep the others. */
export async function stopAll(parts: PartTable, log: Log): Promise<void> {
  for (const [name, part] of parts.toReversed()) {
    try {
      await part.stop();
    } catch (error) {
      log.error('part-stop-failed', { part: name, error });
    }
  }
}

/**
 * Runs a service until SIGTERM or SIGINT: builds its table, starts it, stops it. A failed start prints one
 * line on stderr and exits with 1; an unexpected error stops everything and exits with 70 (sysexits.h
 * EX_SOFTWARE).
 */
export async function runService(log: Log, build: () => PartTable | Promise<PartTable>): Promise<void> {
  // Databases, stills and secrets are the service's and its group's; the units say the same (UMask=0027).
  process.umask(0o027);
  const abort = new AbortController();
  let parts: PartTable = [];
  let stopping = false;
  const shutDown = (exitCode: number) => {
    if (stopping) return;
    stopping = true;
    abort.abort();
    void stopAll(parts, log).then(() => {
      log.info('service-stopped', { exitCode });
      process.exit(exitCode);
    });
  };
  // The reader of our lines may go (a closed terminal); the service goes on without it. Without this listener
  // each failed line would raise an error, which the service logs by another failed line, without end. Then
  // it would not even hear SIGTERM.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.once('SIGTERM', () => shutDown(0));
  process.once('SIGINT', () => shutDown(0));
  process.on('uncaughtException', (error, origin) => {
    log.error('uncaught-error', { error, origin, stack: error instanceof Error ? error.stack : undefined });
    shutDown(70);
  });
  try {
    parts = await build();
    await startAll(parts, log, abort.signal);
    log.info('service-started', { pid: process.pid });
  } catch (error) {
    if (abort.signal.aborted) return;
    process.stderr.write(`${describeError(error)}\n`);
    log.error('service-start-failed', { error });
    process.exit(1);
  }
}
