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

test(`killed ${rounds} times between journal and bus: no command moves a relay twice, and each is accounted for`, async () => {
  const plant = await tcpBoard({ travelMs: 100 });
  const folder = mkdtempSync(join(tmpdir(), 'gh-kill-'));
  const siteFile = join(folder, 'site.json');
  writeFileSync(siteFile, JSON.stringify(siteOf(plant.bus)));
  const client = new LocalClient(
    'drivers',
    socketPath('drivers', 'runtime', { GATEHOUSE_RUN_DIR: join(folder, 'run') }),
  );
  const random = seededRandom(1979);
  const told = new Map<string, string>();
  const states: Record<string, number> = {};
  let service: ChildProcess | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      service = startService(folder, siteFile);
      await until(() => inContact(client));
      const before = plant.board.writes.length;
      const command = commandOf('door', 'open', 29_000);
      const asked = client.call('POST', '/commands', { body: command }).then(
        (body) => CommandOutcome.parse(body).state,
        () => 'cut off',
      );
      // From before the first durable write to after the read-back: the whole way takes some 15 ms.
      await sleep(systemClock, random() * 16);
      const gone = once(service, 'exit');
      service.kill('SIGKILL');
      await gone;
      const answered = await asked;
      const moved = plant.board.writes.length - before;
      assert.ok(moved <= 1, `round ${round}: ${moved} writes before the kill`);

      service = startService(folder, siteFile);
      await until(() => inContact(client));
      const known = await client.call('GET', `/commands/${command.commandId}`).then(
        (body) => CommandOutcome.parse(body).state,
        (error) => {
          assert.ok(error instanceof GatehouseError && error.code === 'COMMAND_UNKNOWN', String(error));
          return 'never stored';
        },
      );
      states[`${known}, moved ${moved}`] = (states[`${known}, moved ${moved}`] ?? 0) + 1;
      if (moved === 1)
        assert.ok(['unknown', 'confirmed', 'unconfirmed'].includes(known), `moved but ${known}`);
      if (answered === 'confirmed') assert.equal(known, 'confirmed');
      if (known !== 'never stored') {
        const repeat = CommandOutcome.parse(await client.call('POST', '/commands', { body: command }));
        assert.equal(repeat.state, known);
        assert.equal(plant.board.writes.length - before, moved, `round ${round}: the repeat moved the relay`);
        told.set(command.commandId, known);
      }
      const end = once(service, 'exit');
      service.kill('SIGKILL');
      await end;
    }
    service = startService(folder, siteFile);
    await until(() => inContact(client));
    const events = DeviceEvent.array().parse(await client.call('GET', '/outbox?limit=500'));
    const ended = events.flatMap((event) => (event.type === 'command' ? [event.outcome] : []));
    assert.deepEqual(new Map(ended.map(({ commandId, state }) => [commandId, state])), told);
    assert.equal(ended.length, told.size, 'one event a command');
    // The seeded kills reached the window that matters.
    assert.ok(Object.keys(states).length >= 2, JSON.stringify(states));
  } finally {
    service?.kill('SIGKILL');
    await plant.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
