import { createSocket } from 'node:dgram';
import { lookup, Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * Does within an enclosure, once each, the acts that a box may not do: the recorders must find every one of
 * them.
 */
async function tried(act: () => Promise<unknown>): Promise<void> {
  // An answer is not needed here.
  await act().catch((error) => process.stderr.write(`${String(error)}\n`));
}

await tried(() => lookup('looked-up.example'));
await tried(async () => {
  const local = new Resolver({ timeout: 200, tries: 1 });
  local.setServers(['127.0.0.53']);
  await local.resolve4('asked-within.example');
});
for (const [port, host] of [
  [4444, '203.0.113.9'],
  [4444, '2001:db8::9'],
  [443, 'connected.example'],
] as const)
  await tried(async () => {
    const socket = connect(port, host);
    await once(socket, 'connect').finally(() => socket.destroy());
  });
const datagrams = createSocket('udp4');
await tried(
  () =>
    new Promise<void>((resolve, reject) =>
      datagrams.send('hello', 5555, '203.0.113.10', (error) => (error ? reject(error) : resolve())),
    ),
);
datagrams.close();

writeFileSync('/home/operator/.left', 'x');
writeFileSync('/var/tmp/gone', 'x');
rmSync('/var/tmp/gone');
writeFileSync('/dev/shm/shared', 'x');
mkdirSync('/tmp/gone');
rmdirSync('/tmp/gone');
writeFileSync('/etc/hostname', 'changed');
