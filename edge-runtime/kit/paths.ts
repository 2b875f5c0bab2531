import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { errorOf } from './errors.ts';

/**
 * sockaddr_un.sun_path holds 108 bytes with its terminating zero (unix(7)); longer paths fail with EINVAL.
 */
export const maxSocketPathBytes = 107;

/** Where state lives: `GATEHOUSE_STATE_DIR`, else `.gatehouse/` below the working directory. */
export function stateDir(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.GATEHOUSE_STATE_DIR || '.gatehouse');
}

/**
 * The folder of the sockets: `GATEHOUSE_RUN_DIR`, else a short directory under the temporary one, one for
 * each state directory.
 */
export function runDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.GATEHOUSE_RUN_DIR) return resolve(env.GATEHOUSE_RUN_DIR);
  const tag = createHash('sha256').update(stateDir(env)).digest('hex').slice(0, 8);
  return join(tmpdir(), `gatehouse-${tag}`);
}

/** The services that offer a local API. */
export type SocketOwner = 'drivers' | 'vision' | 'runtime' | 'flows';
/**
 * The callers of local APIs. Each has a socket of its own, in a directory that only its group can enter.
 * `editor` is the listener of the flow editor, which hands on requests of browsers. It is part of the
 * runtime, but must not reach the routes that the runtime itself uses at flows.
 */
export type SocketCaller = 'runtime' | 'sync' | 'flows' | 'cli' | 'editor';

/** `<run>/<owner>/<caller>/api.sock`; throws if it would be too long for the kernel. */
export function socketPath(
  owner: SocketOwner,
  caller: SocketCaller,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const path = join(runDir(env), owner, caller, 'api.sock');
  if (Buffer.byteLength(path) > maxSocketPathBytes)
    throw errorOf('SOCKET_PATH_TOO_LONG', { path, limit: maxSocketPathBytes });
  return path;
}
