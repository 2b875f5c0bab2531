/** The drivers service in a process of its own, spoken to over its socket. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceHealth } from '@gatehouse/contracts';
import { LocalClient, socketPath } from '@gatehouse/kit';

export interface RunningService {
  readonly client: LocalClient;
  /** Of its local API. */
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts it on a site file's text, with its state in `folder`; rejects when it is not well within 30 s. */
export async function startService(folder: string, site: string): Promise<RunningService> {
  const file = join(folder, 'site.yaml');
  await writeFile(file, site);
  const env = {
    ...process.env,
    GATEHOUSE_SITE: file,
    GATEHOUSE_STATE_DIR: folder,
    GATEHOUSE_RUN_DIR: join(folder, 'run'),
  };
  const program = join(import.meta.dirname, '../../../drivers/main.ts');
  const service = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const gone = once(service, 'exit');
  const socket = socketPath('drivers', 'runtime', env);
  const client = new LocalClient('drivers', socket);
  const running = {
    client,
    socket,
    stop: async () => {
      service.kill('SIGTERM');
      await gone;
    },
  };
  try {
    await untilUp(client);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

async function untilUp(client: LocalClient): Promise<void> {
  let health: unknown;
  for (let attempt = 0; attempt < 600; attempt++) {
    health = await client.call('GET', '/health').catch(() => undefined);
    if (ServiceHealth.safeParse(health).data?.status === 'ok') return;
    await delay(50);
  }
  throw new Error(`the drivers service was not well within 30 s: ${JSON.stringify(health)}`);
}
