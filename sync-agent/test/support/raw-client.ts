import type { TestContext } from 'node:test';
import { connect, type IPublishPacket } from 'mqtt';

export interface Seen {
  readonly topic: string;
  readonly payload: Buffer;
  readonly packet: IPublishPacket;
}

/** A plain MQTT client that watches everything below `gatehouse/` and publishes whatever a test wants. */
export async function rawClient(t: TestContext, url: string, protocolVersion: 4 | 5 = 4) {
  const client = connect(url, { protocolVersion, reconnectPeriod: 0, clean: true });
  t.after(() => {
    client.end(true);
  });
  await new Promise((resolve) => client.once('connect', resolve));
  const seen: Seen[] = [];
  client.on('message', (topic, payload, packet) => seen.push({ topic, payload, packet }));
  await client.subscribeAsync('gatehouse/#', { qos: 1 });
  return {
    seen,
    events: () =>
      seen.filter((m) => m.topic.includes('/events/')).map((m) => JSON.parse(m.payload.toString('utf8'))),
    publish: (topic: string, payload: string | Buffer, retain = false) =>
      client.publishAsync(topic, payload, { qos: 1, retain }),
  };
}
