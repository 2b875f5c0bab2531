import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Program } from '@gatehouse/harness';

const packageFolder = join(import.meta.dirname, '../..');

/** A real service process; `main` is a path from this package. Killed after the test at the latest. */
export function startService(
  t: TestContext,
  main: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Program {
  const service = Program.ofNode([join(packageFolder, main), ...args], { env: { ...process.env, ...env } });
  t.after(() => service.kill());
  return service.start();
}

/** The simulated boards as a process of their own; returns the port of their Modbus TCP. */
export async function startBoards(t: TestContext): Promise<number> {
  const boards = startService(t, '../drivers/simulators/main.ts', ['--tcp-port', '0']);
  const [, port] = await boards.said(/"tcpPort":(\d+)/);
  return Number(port);
}
