import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommandOutcome, ServiceHealth } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { isoWithOffset, systemClock } from '@gatehouse/kit';
import { commandOf, Service, siteOf, tcpBoard, withService } from './rig.ts';

const healthOf = async (service: Service) => ServiceHealth.parse(await service.client.call('GET', '/health'));
const isFull = async (service: Service) => /^JOURNAL_FULL: /.test((await healthOf(service)).detail ?? '');

/** Fills drivers.db with commands that are too late, until it takes no more. */
async function fill(service: Service): Promise<void> {
  const origin = { channel: 'console', user: 'filler', reason: 'x'.repeat(200) };
  const expiresAt = isoWithOffset(systemClock.epochMs() - 1);
  await until('the journal is full', async () => {
    await service.command('door', 'open', { origin, expiresAt });
    return isFull(service);
  });
}

async function isIntact(service: Service): Promise<boolean> {
  const { intact } = (await service.client.call('GET', '/audit/verification')) as { intact: boolean };
  return intact;
}

const small = { maxPages: 60 };

test('while drivers.db takes nothing people at the box stop and open as ever, others are refused, and health says it', () =>
  withService(small, async (service, plant) => {
    await fill(service);
    for (const channel of ['flows', 'schedule']) {
      const origin = { channel, user: 'far' };
      await assert.rejects(service.command('door', 'open', { origin }), { code: 'JOURNAL_FULL' });
    }
    assert.deepEqual(plant.board.writes, []);
    const command = commandOf('door', 'open', 25_000);
    const opened = await service.command('door', 'open', command);
    assert.deepEqual([opened.state, opened.feedback], ['confirmed', 'reached']);
    assert.deepEqual(await service.command('door', 'open', command), opened, 'a repeat gets the outcome');
    assert.equal((await service.command('barrier', 'stop')).state, 'confirmed');
    assert.equal(plant.board.writes.filter(({ pulse }) => pulse).length, 2);
    assert.match(
      (await healthOf(service)).detail ?? '',
      /people at the box .*Free space|Free space .*people at the box/i,
    );
  }));

test('what was kept beside a full drivers.db is known after a restart, is carried out once, and gets into it when there is room', async () => {
  const plant = await tcpBoard();
  const site = siteOf(plant.bus);
  const first = await Service.start(site, small);
  try {
    await first.ready();
    await fill(first);
    const command = commandOf('door', 'open', 25_000);
    const opened = await first.command('door', 'open', command);
    await first.stop(true);
    const second = await Service.start(site, { ...small, folder: first.folder });
    await second.ready();
    assert.ok(await isFull(second), 'it is as full as before');
    assert.deepEqual(await second.command('door', 'open', command), opened);
    assert.equal(plant.board.writes.length, 1);
    const [last] = (await second.events()).slice(-1);
    await second.client.call('POST', '/outbox/ack', { body: { upTo: last?.sequence ?? 0 } });
    await until('the journal has room', async () => !(await isFull(second)));
    assert.deepEqual(
      CommandOutcome.parse(await second.client.call('GET', `/commands/${command.commandId}`)),
      opened,
    );
    assert.ok(await isIntact(second));
    const told = (await second.events()).filter(
      (event) => event.type === 'command' && event.outcome.commandId === command.commandId,
    );
    assert.equal(told.length, 1);
    await second.stop(true);
  } finally {
    await first.stop();
    await plant.close();
  }
});

// Without root a user namespace lends the right to mount, inside it only.
const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
const mount = 'mount -t tmpfs -o size=1m none /mnt';
const mayMount = spawnSync('unshare', [...asUser, '--mount', 'sh', '-c', mount]).status === 0;
const skip = mayMount ? false : 'no right to mount a disk of its own here';

test('on a disk that is really full a guard opens and stops, also after the service was killed there, and nothing is lost', {
  skip,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-tiny-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const script = 'mount -t tmpfs -o size=12m none "$1" && exec "$2" "$3" "$1"';
  const child = join(import.meta.dirname, 'full-disk.ts');
  const args = ['--mount', 'sh', '-c', script, 'sh', folder, process.execPath, child];
  const said = JSON.parse(
    execFileSync('unshare', [...asUser, ...args], { encoding: 'utf8', timeout: 240_000 }),
  );
  assert.deepEqual(said.whileFull, {
    ...{ health: 'JOURNAL_FULL', far: 'JOURNAL_FULL' },
    ...{ opened: 'confirmed', stopped: 'confirmed', fire: 'latched' },
  });
  assert.deepEqual(said.afterKill, {
    ...{ health: 'JOURNAL_FULL', repeated: 'confirmed', interrupted: 'unknown', movedByRepeats: 0 },
    ...{ opened: 'confirmed', fire: 'latched' },
  });
  assert.deepEqual(said.withRoom, { health: 'ok', repeated: 'confirmed', ended: [1, 1], intact: true });
});
