/**
 * Loaded into every supervised process (`node --import leash.ts`). When the supervisor dies, in any way, the
 * kernel closes the IPC channel and the process ends like on SIGTERM, at the latest after `graceMs`. So no
 * orphan keeps a port, a serial line or a database.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

const graceMs = 5_000;

async function endWithSupervisor(): Promise<void> {
  process.kill(process.pid, 'SIGTERM');
  // Not the kit's clock: its timers keep a process alive that has otherwise ended.
  await delay(graceMs, undefined, { ref: false });
  process.kill(-process.pid, 'SIGKILL');
}

/**
 * Nobody reads a process's output once the supervisor is gone; that must not keep it from ending in order.
 */
function ignoreLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

if (isMainThread && process.channel) {
  process.once('disconnect', endWithSupervisor);
  process.stdout.on('error', ignoreLostReader);
  process.stderr.on('error', ignoreLostReader);
  // The channel alone must not keep a process alive that has nothing left to do.
  process.channel.unref();
}
