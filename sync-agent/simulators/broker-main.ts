import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { Aedes } from 'aedes';

/**
 * A broker for demos and tests on one machine: MQTT 3.1.1, loopback only, memory only, no login. `--port N`
 * (0 = any); prints one JSON line with the port once it listens. For anything else use a real broker such as
 * mosquitto.
 */
const limits = { connections: 100, payloadBytes: 64 * 1024, queuedPackets: 1000 };

const { values } = parseArgs({ options: { port: { type: 'string', default: '1883' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(`--port ${values.port} is no port. Give 0 to 65535.\n`);
  process.exit(1);
}

const broker = await Aedes.createBroker({
  id: 'gatehouse-demo-broker',
  queueLimit: limits.queuedPackets,
  authorizePublish: (_client, packet, done) =>
    done(packet.payload.length > limits.payloadBytes ? new Error('payload too large') : null),
});
const server = createServer((socket) => broker.handle(socket));
server.maxConnections = limits.connections;
server.once('error', (error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE' ? 'Another program listens there; give another --port.' : '';
  process.stderr.write(`cannot listen on 127.0.0.1:${port} (${error.code}). ${taken}\n`);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  process.stdout.write(
    `${JSON.stringify({ event: 'broker-listening', host: '127.0.0.1', port: listening })}\n`,
  );
});

for (const name of ['SIGTERM', 'SIGINT'] as const)
  process.once(name, () => {
    server.close();
    broker.close(() => process.exit(0));
  });
