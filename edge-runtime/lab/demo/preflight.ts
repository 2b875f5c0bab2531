import { join } from 'node:path';
import { runtimeForCli } from '@gatehouse/contracts';
import { errorOf, type GatehouseError, makeUsable, runDir, socketPath, systemCode } from '@gatehouse/kit';
import { apiClient, type RuntimeCliClient } from '@gatehouse/local-api';
import { tryLock } from '../../bootstrap/lock.mjs';
import { freePorts, listenProblem } from './free-ports.ts';

/** The console's port from `GATEHOUSE_CONSOLE_PORT`, default 8080. Throws `CONSOLE_PORT_WRONG`. */
export function consolePort(env: NodeJS.ProcessEnv = process.env): number {
  return portOf('GATEHOUSE_CONSOLE_PORT', env.GATEHOUSE_CONSOLE_PORT ?? '8080');
}

/**
 * The flow editor's port: `GATEHOUSE_EDITOR_PORT`, or 8081, or any that is free where that is not. Nobody
 * types it: the console leads there. Throws `CONSOLE_PORT_WRONG`, `CONSOLE_PORT_TAKEN`,
 * `CONSOLE_CANNOT_LISTEN`.
 */
export async function editorPort(
  console: number,
  host: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const wished = env.GATEHOUSE_EDITOR_PORT;
  if (wished === undefined) return (await freePorts({ editor: console === 8081 ? 0 : 8081 }, host)).editor;
  const port = portOf('GATEHOUSE_EDITOR_PORT', wished);
  await requireFreePort(port, host, 'GATEHOUSE_EDITOR_PORT');
  return port;
}

function portOf(variable: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw errorOf('CONSOLE_PORT_WRONG/demo', { variable, text });
}

/**
 * Makes the directories of state and sockets and keeps other boxes off them for as long as this process
 * lives. Throws `DIRECTORY_UNUSABLE`, or `ALREADY_RUNNING` if a box runs on this state directory or is being
 * started on it.
 */
export async function claimDirectories(stateDir: string): Promise<void> {
  const env = { ...process.env, GATEHOUSE_STATE_DIR: stateDir };
  makeUsable(stateDir, 'GATEHOUSE_STATE_DIR');
  makeUsable(runDir(env), 'GATEHOUSE_RUN_DIR');
  // Of two that start together neither answers yet. Never released: the kernel does it when this process
  // ends, however it ends.
  if (!tryLock(join(stateDir, 'supervisor.lock'))) throw alreadyRunning(stateDir);
  // Services may outlive their supervisor by some seconds.
  if (await answers(apiClient(runtimeForCli, { socket: socketPath('runtime', 'cli', env) })))
    throw alreadyRunning(stateDir);
}

function answers(runtime: RuntimeCliClient): Promise<boolean> {
  return runtime.call('health', { timeoutMs: 2000 }).then(
    () => true,
    (error) => !['ENOENT', 'ECONNREFUSED'].includes(systemCode(error?.cause) ?? ''),
  );
}

function alreadyRunning(stateDir: string): GatehouseError {
  return errorOf('ALREADY_RUNNING', { folder: stateDir });
}

/** Throws `CONSOLE_PORT_TAKEN` or `CONSOLE_CANNOT_LISTEN` before anything is started. */
export async function requireFreePort(
  port: number,
  host: string,
  variable = 'GATEHOUSE_CONSOLE_PORT',
): Promise<void> {
  const problem = await listenProblem(port, host);
  if (problem === undefined) return;
  const values = { host, port, variable, other: port === 8080 ? 8082 : 8080 };
  if (problem === 'EADDRINUSE') throw errorOf('CONSOLE_PORT_TAKEN/demo', values);
  throw errorOf('CONSOLE_CANNOT_LISTEN/demo', { ...values, reason: problem });
}
