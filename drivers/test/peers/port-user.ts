import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

/**
 * Another program that uses a serial device, until the test is over. Resolves once it does.
 *
 * @param how what it does with the device besides having it open, in Python; `fd` is the open device
 */
export async function portUser(t: TestContext, path: string, how = 'pass'): Promise<ChildProcess> {
  const program = `import fcntl, os, sys, termios, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
${how}
print("held", flush=True)
time.sleep(600)`;
  const child = spawn('/usr/bin/python3', ['-c', program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  await once(child.stdout, 'data');
  return child;
}
