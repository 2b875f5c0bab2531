/** The drivers service in a process of its own, spoken to over its socket. */
import { join } from 'node:path';
import { ServiceHealth } from '@gatehouse/contracts';
import { boxIn, Program, until } from '@gatehouse/harness';
import { LocalClient, socketPath } from '@gatehouse/kit';

export interface RunningService {
  readonly client: LocalClient;
  /** Of its local API. */
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts it on a site file's text, with its state in `folder`; rejects when it does not become well. */
export async function startService(folder: string, site: string): Promise<RunningService> {
  const env = boxIn(folder, site);
  const program = join(import.meta.dirname, '../../../drivers/main.ts');
  const service = Program.ofNode([program], { env, log: 'ignored', errors: 'shown' }).start();
  const socket = socketPath('drivers', 'runtime', env);
  const client = new LocalClient('drivers', socket);
  const running = {
    client,
    socket,
    stop: async () => void (await service.end()),
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
  await until('the drivers service is well', async () => {
    const health = await client.call('GET', '/health').catch(() => undefined);
    return ServiceHealth.safeParse(health).data?.status === 'ok';
  });
}
