import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommandOutcome, DeviceEvent, DeviceState } from '@gatehouse/contracts';
import { GatehouseError, LocalClient, seededRandom, sleep, socketPath, systemClock } from '@gatehouse/kit';
import { commandOf, siteOf, tcpBoard, until } from './rig.ts';

const rounds = 20;

function startService(folder: string, siteFile: string): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env: {
      ...process.env,
      GATEHOUSE_SITE: siteFile,
      GATEHOUSE_STATE_DIR: folder,
      GATEHOUSE_RUN_DIR: join(folder, 'run'),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function inContact(client: LocalClient): Promise<boolean> {
  const devices = await client.call('GET', '/devices').catch(() => undefined);
  return (
    devices !== undefined &&
    DeviceState.array()
      .parse(devices)
      .every(({ comms }) => comms === 'ok')
  );
}

/** What one round left behind, to be explained by the next start. */
interface Round {
  readonly command: ReturnType<typeof commandOf>;
  readonly answered: string;
  readonly moved: number;
}

test(`killed ${rounds} times between journal and bus: no command moves a relay twice, and each is accounted for`, async (t) => {
  const plant = await tcpBoard({ travelMs: 100 });
  const folder = mkdtempSync(join(tmpdir(), 'gh-kill-'));
  const siteFile = join(folder, 'site.json');
  writeFileSync(siteFile, JSON.stringify(siteOf(plant.bus)));
  const socket = socketPath('drivers', 'runtime', { GATEHOUSE_RUN_DIR: join(folder, 'run') });
  const client = new LocalClient('drivers', socket);
  const random = seededRandom(1979);
  const told = new Map<string, string>();
  const states: Record<string, number> = {};
  let service: ChildProcess | undefined;

  const kill = async (child: ChildProcess) => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const runRound = async (child: ChildProcess): Promise<Round> => {
    const before = plant.board.writes.length;
    const command = commandOf('door', 'open', 29_000);
    const asked = client.call('POST', '/commands', { body: command }).then(
      (body) => CommandOutcome.parse(body).state,
      () => 'cut off',
    );
    // From before the first durable write to after the read-back: the whole way takes 15 to 30 ms.
    await sleep(systemClock, random() * 32);
    await kill(child);
    const moved = plant.board.writes.length - before;
    assert.ok(moved <= 1, `${moved} writes before the kill`);
    return { command, answered: await asked, moved };
  };
  const explain = async ({ command, answered, moved }: Round): Promise<void> => {
    const known = await storedState(client, command.commandId);
    const what = `${known}, ${moved ? 'moved' : 'not moved'}`;
    states[what] = (states[what] ?? 0) + 1;
    if (moved === 1) assert.ok(['unknown', 'confirmed', 'unconfirmed'].includes(known), what);
    if (answered === 'confirmed') assert.equal(known, 'confirmed');
    if (known === 'never stored') return;
    const before = plant.board.writes.length;
    const repeat = CommandOutcome.parse(await client.call('POST', '/commands', { body: command }));
    assert.equal(repeat.state, known);
    assert.equal(plant.board.writes.length, before, `${what}: the repeat moved the relay`);
    told.set(command.commandId, known);
  };

  try {
    let last: Round | undefined;
    for (let round = 0; round <= rounds; round++) {
      service = startService(folder, siteFile);
      await until(() => inContact(client));
      if (last) await explain(last);
      if (round < rounds) last = await runRound(service);
    }
    const events = DeviceEvent.array().parse(await client.call('GET', '/outbox?limit=500'));
    const ended = events.flatMap((event) => (event.type === 'command' ? [event.outcome] : []));
    assert.deepEqual(new Map(ended.map(({ commandId, state }) => [commandId, state])), told);
    assert.equal(ended.length, told.size, 'one event a command');
    t.diagnostic(JSON.stringify(states));
    assert.ok(
      Object.keys(states).length >= 2,
      `the kills reached one window only: ${JSON.stringify(states)}`,
    );
  } finally {
    if (service?.exitCode === null && service.signalCode === null) await kill(service);
    await plant.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function storedState(client: LocalClient, commandId: string): Promise<string> {
  try {
    return CommandOutcome.parse(await client.call('GET', `/commands/${commandId}`)).state;
  } catch (error) {
    assert.ok(error instanceof GatehouseError && error.code === 'COMMAND_UNKNOWN', String(error));
    return 'never stored';
  }
}
