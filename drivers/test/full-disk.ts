/**
 * Child process of full-disk.test.ts, in a mount namespace of its own: argv[2] is a real disk of a few MiB.
 * Runs the drivers service on it in a process of its own, fills the disk, kills the service, and says what it
 * saw as JSON.
 */
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CommandOutcome,
  DeviceEvent,
  DeviceState,
  FireState,
  ServiceHealth,
  Site,
} from '@gatehouse/contracts';
import { Program, until } from '@gatehouse/harness';
import { GatehouseError, LocalClient, socketPath, systemCode } from '@gatehouse/kit';
import { commandOf, pulseProfile, siteOf, tcpBoard } from './rig.ts';

const [, , disk = ''] = process.argv;
const run = join(tmpdir(), `gh-full-${process.pid}`);
const env = {
  ...process.env,
  ...{ GATEHOUSE_SITE: join(disk, 'site.json'), GATEHOUSE_STATE_DIR: disk, GATEHOUSE_RUN_DIR: run },
};
const client = new LocalClient('drivers', socketPath('drivers', 'runtime', env));
const plant = await tcpBoard({ travelMs: 100 });
const site = siteOf(plant.bus);
const fire = { id: 'fire', kind: 'fire', name: { 'zh-CN': '火', en: 'Fire' }, bus: 'bus', unit: 1 };
const inputs = [{ ...fire, profile: pulseProfile, channel: 7 }];
const devices = site.devices.map((device) => ({ ...device, onFire: 'none' as const }));
writeFileSync(env.GATEHOUSE_SITE, JSON.stringify(Site.parse({ ...site, devices, inputs })));

const [door, barrier] = [3, 2];
const pulses = (channel: number) =>
  plant.board.writes.filter((write) => write.pulse && write.channel === channel).length;
const health = async () => ServiceHealth.parse(await client.call('GET', '/health'));
const told = async () => ((await health()).detail ?? (await health()).status).split(':')[0];
const latched = async () =>
  FireState.parse(await client.call('GET', '/fire')).latched ? 'latched' : 'not latched';

async function give(command: ReturnType<typeof commandOf>): Promise<string> {
  try {
    return CommandOutcome.parse(await client.call('POST', '/commands', { body: command, timeoutMs: 20_000 }))
      .state;
  } catch (error) {
    if (error instanceof GatehouseError) return error.code;
    throw error;
  }
}

async function start(): Promise<Program> {
  const service = Program.ofNode([join(import.meta.dirname, '../main.ts')], { env, errors: 'shown' }).start();
  await until('all boards are in contact', async () => {
    const found = await client.call('GET', '/devices').catch(() => undefined);
    return (
      found !== undefined &&
      DeviceState.array()
        .parse(found)
        .every(({ comms }) => comms === 'ok')
    );
  });
  return service;
}

let service = await start();
const ballast = openSync(join(disk, 'ballast'), 'w');
for (const size of [4096, 512])
  try {
    for (;;) writeSync(ballast, Buffer.alloc(size));
  } catch (error) {
    if (systemCode(error) !== 'ENOSPC') throw error;
  }
closeSync(ballast);
// Free room within the file is used up first.
await until('the journal is full', async () => {
  await give(commandOf('door', 'open', -1));
  return (await told()) === 'JOURNAL_FULL';
});

const first = commandOf('door', 'open', 29_000);
const far = { ...commandOf('door', 'open'), origin: { channel: 'flows', user: 'far' } };
const whileFull = {
  health: await told(),
  far: await give(far),
  opened: await give(first),
  stopped: await give(commandOf('barrier', 'stop')),
  fire: '',
};
plant.board.bank.hand(7, true);
await until('the fire is latched', async () => (await latched()) === 'latched');
plant.board.bank.hand(7, false);
await until(
  'the fire input is quiet',
  async () => FireState.parse(await client.call('GET', '/fire')).active.length === 0,
);
whileFull.fire = await latched();

// Killed right behind the write of an open.
await until('the door relay is off', () => !plant.board.relayOn(door));
const cut = commandOf('door', 'open', 29_000);
const before = pulses(door);
const cutting = give(cut);
await until('the door relay is written', () => pulses(door) > before);
await service.kill();
await cutting;

service = await start();
const movedBefore = [pulses(door), pulses(barrier)];
const afterKill = {
  health: await told(),
  repeated: await give(first),
  interrupted: await give(cut),
  movedByRepeats: pulses(door) - (movedBefore[0] ?? 0),
  opened: await give(commandOf('door', 'open')),
  fire: await latched(),
};

rmSync(join(disk, 'ballast'));
await until('the journal has room', async () => (await told()) !== 'JOURNAL_FULL');
const events = DeviceEvent.array().parse(await client.call('GET', '/outbox?after=0&limit=500'));
const ended = (id: string) =>
  events.filter((event) => event.type === 'command' && event.outcome.commandId === id).length;
const { intact } = (await client.call('GET', '/audit/verification', { timeoutMs: 60_000 })) as {
  intact: boolean;
};
const withRoom = {
  health: (await health()).status,
  repeated: await give(first),
  ended: [ended(first.commandId), ended(cut.commandId)],
  intact,
};
await service.end();
await plant.close();
rmSync(run, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ whileFull, afterKill, withRoom }));
