import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { listen, Mosquitto, scratchFolder } from '@gatehouse/harness';
import { Aedes } from 'aedes';

/** A broker that a test runs against. */
export interface TestBroker {
  readonly url: string;
  readonly port: number;
}

/** aedes inside this process: MQTT 3.1.1. */
export async function startAedes(t: TestContext): Promise<TestBroker> {
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => broker.handle(socket));
  const port = await listen(server);
  t.after(() => {
    server.close();
    broker.close();
  });
  return { url: `mqtt://127.0.0.1:${port}`, port };
}

/** A real mosquitto, killed after the test. `config` lines are added to its file. */
export async function startMosquitto(t: TestContext, config: readonly string[] = []): Promise<Mosquitto> {
  const broker = await Mosquitto.start(scratchFolder(t), config);
  t.after(() => broker.kill());
  return broker;
}
