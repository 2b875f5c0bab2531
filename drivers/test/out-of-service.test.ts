import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FireState, faultInWords, InputState, SensorState, ServiceHealth, Site } from '@gatehouse/contracts';
import { englishIn, until } from '@gatehouse/harness';
import { plainProfile, pulseProfile, type Service, siteOf, tcpBoard, withService } from './rig.ts';
import { switchboard, wired } from './switchboard.ts';

const barrierWiring = 'barrier-dry-contact-waveshare-8ch';

/** The rig's site with another door. */
const siteWith =
  (door: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  (bus: Record<string, unknown>): Site => {
    const site = siteOf(bus);
    const devices = site.devices.map((device) => (device.id === 'door' ? { ...device, ...door } : device));
    return Site.parse({ ...site, devices, ...more });
  };

/** The service's health; whatever it says can be told in Chinese. */
async function healthOf(service: Service): Promise<ServiceHealth> {
  const health = ServiceHealth.parse(await service.client.call('GET', '/health'));
  const told = health.faults?.map((fault) => faultInWords(fault, 'zh-CN')) ?? [];
  assert.match(told.join('\n'), /OUT_OF_SERVICE：.+ 已停用：/);
  assert.deepEqual(told.flatMap(englishIn), []);
  return health;
}

async function untilInContact(service: Service, device: string): Promise<void> {
  await until('the device is in contact', async () => (await service.device(device)).comms === 'ok');
}

const wrongDoors: readonly (readonly [why: string, door: Record<string, unknown>, told: RegExp])[] = [
  ['an unknown profile', { unit: 2, profile: 'toaster' }, /door.*toaster/],
  [
    'the profile of a sensor',
    { unit: 2, profile: 'xy-md02-temperature-humidity' },
    /door.*no profile is called/,
  ],
  ['a relay that its board lacks', { outputs: { open: 8 } }, /door.*no relay 8/],
  ['a contact that its board lacks', { inputs: { open: 9 } }, /door.*no input 9/],
  ['the wiring of something else', { profile: barrierWiring }, /door.*is the wiring of a barrier/],
  [
    'a hold that its board cannot time',
    { hold: { maxS: 3_200 }, profile: 'r413d08-relay-8ch', unit: 2 },
    /door/,
  ],
];
for (const [why, door, told] of wrongDoors)
  test(`a door with ${why} is out of service, named in health, and nothing else is`, () =>
    withService({ site: siteWith(door), ready: 'barrier' }, async (service, plant) => {
      const { status, detail } = await healthOf(service);
      assert.equal(status, 'degraded');
      assert.match(detail ?? '', told);
      const { comms, position, actions } = await service.device('door');
      assert.deepEqual([comms, position, actions], ['lost', 'unknown', []]);
      const refused = await service.command('door', 'open');
      assert.deepEqual([refused.state, refused.reason], ['rejected', 'OUT_OF_SERVICE']);
      assert.deepEqual(plant.board.writes, []);
      assert.equal((await service.command('barrier', 'open')).state, 'confirmed');
      const lost = (await service.events()).flatMap((event) =>
        event.type === 'comms' && event.device === 'door' ? [event.reason ?? ''] : [],
      );
      assert.equal(lost.length, 1);
      assert.match(`door ${lost[0]}`, told);
    }));

test('two profiles for one board: nobody knows which is right, so nothing moves there', () =>
  withService({ site: siteWith({ profile: plainProfile }), ready: undefined }, async (service, plant) => {
    const { detail } = await healthOf(service);
    assert.match(detail ?? '', /door: .*barrier: /);
    for (const device of ['barrier', 'door'])
      assert.equal((await service.command(device, 'open')).reason, 'OUT_OF_SERVICE');
    assert.equal(plant.board.requests, 0, 'such a board is not even asked');
  }));

const ofSite = (name: string) => `site-${name}`;

/**
 * A site's own profiles, copies of the software's under the site's names; then one of them as it is given.
 */
function siteFolder(t: TestContext, copies: readonly string[], name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gh-profiles-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const copy of copies) {
    const file = JSON.parse(readFileSync(join(import.meta.dirname, `../profiles/${copy}.json`), 'utf8'));
    const own = { ...file, id: ofSite(copy), ...(file.board ? { board: ofSite(file.board) } : {}) };
    writeFileSync(join(folder, `${ofSite(copy)}.json`), JSON.stringify(own));
  }
  writeFileSync(join(folder, `${ofSite(name)}.json`), text);
  return folder;
}

for (const text of ['{ "id": "site-lctech-mod', '{}'])
  test(`a damaged profile takes out what is on its boards only: ${text}`, (t) => {
    const name = 'lctech-modbus-relay-8ch';
    return withService(
      {
        site: siteWith({ profile: ofSite(name), unit: 2 }),
        siteProfiles: siteFolder(t, [name], name, text),
        ready: 'barrier',
      },
      async (service) => {
        const { detail } = await healthOf(service);
        assert.match(detail ?? '', new RegExp(`door.*${ofSite(name)}\\.json`));
        assert.equal((await service.command('barrier', 'open')).state, 'confirmed');
      },
    );
  });

test('a damaged profile of a board takes out the wirings of that board, too', (t) =>
  withService(
    {
      site: (bus) => {
        const site = siteWith({ unit: 2, profile: plainProfile })(bus);
        const devices = site.devices.map((device) =>
          device.id === 'barrier' ? { ...device, profile: ofSite(barrierWiring) } : device,
        );
        return Site.parse({ ...site, devices });
      },
      siteProfiles: siteFolder(t, [pulseProfile, barrierWiring], pulseProfile, '{'),
      ready: undefined,
    },
    async (service) => {
      const { detail } = await healthOf(service);
      assert.match(detail ?? '', /^OUT_OF_SERVICE: barrier: /);
      assert.doesNotMatch(detail ?? '', /OUT_OF_SERVICE: door/);
    },
  ));

test('a fire input that is out of service is unknown: the latch is set by the others, and is not reset', async () => {
  const { switches, slave, site } = await switchboard();
  switches.set(wired.help, true);
  const { inputs } = site();
  const [, fire] = inputs;
  assert.ok(fire);
  const second = { ...fire, id: 'fire-2', channel: 31 };
  const changed = site({ inputs: [...inputs, second] });
  try {
    await withService({ site: () => changed, board: tcpBoard, ready: undefined }, async (service) => {
      await untilInContact(service, 'outer');
      const states = InputState.array().parse(await service.client.call('GET', '/inputs'));
      assert.deepEqual(
        states.map(({ id, state }) => [id, state]).filter(([, state]) => state === 'unknown'),
        [['fire-2', 'unknown']],
      );
      switches.set(wired.fire, true);
      await until(
        'the fire is latched',
        async () => FireState.parse(await service.client.call('GET', '/fire')).latched,
      );
      const { unknown } = FireState.parse(await service.client.call('GET', '/fire'));
      assert.deepEqual(unknown, ['fire-2']);
    });
  } finally {
    await slave.close();
  }
});

test('an interlock with a door that is out of service opens none of its others', async () => {
  const { slave, site } = await switchboard();
  const before = site();
  const devices = before.devices.map((device) =>
    device.id === 'inner' ? { ...device, unit: 2, profile: 'toaster' } : device,
  );
  try {
    await withService({ site: () => site({ devices }), ready: undefined }, async (service) => {
      await untilInContact(service, 'outer');
      const refused = await service.command('outer', 'open');
      assert.deepEqual([refused.state, refused.reason], ['rejected', 'INTERLOCK_UNKNOWN']);
    });
  } finally {
    await slave.close();
  }
});

test('a sensor that is out of service says nothing, and all others go on', () => {
  const sensor = {
    id: 'heat',
    name: { 'zh-CN': '温度', en: 'Heat' },
    bus: 'bus',
    unit: 1,
    profile: 'xy-md02-temperature-humidity',
  };
  return withService({ site: siteWith({}, { sensors: [sensor] }) }, async (service) => {
    const [heat] = SensorState.array().parse(await service.client.call('GET', '/sensors'));
    assert.deepEqual([heat?.comms, heat?.values], ['lost', []]);
    assert.match((await healthOf(service)).detail ?? '', /heat.*is barrier already/);
    assert.equal((await service.command('door', 'open')).state, 'confirmed');
  });
});
