import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { WireDesiredState } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import { lastsMs, watchMs } from '../rollback-watch.ts';
import { Box, siteText, zone } from './bench.ts';

async function startBox(
  t: TestContext,
  ...args: ConstructorParameters<typeof Box> extends [unknown, ...infer R] ? R : never
) {
  const box = new Box(t, ...args);
  await box.start();
  t.after(() => box.desired.stop());
  return box;
}

const both = { zones: { east: [zone('new')], west: [zone('other')] }, flows: [{ id: 'a', type: 'tab' }] };

test('a signed version is applied, watched and settled; its zones are in force and in the file, and each step is told', async (t) => {
  const box = await startBox(t);
  assert.deepEqual(box.take({ parts: both }), { taken: true });
  await box.clock.advance(2_000);
  assert.deepEqual(
    [box.zones(), box.zones('west'), box.flows.now],
    [['new'], ['other'], JSON.stringify(both.flows)],
  );
  assert.deepEqual(
    box.current.site.cameras.map(({ zones }) => zones[0]?.id),
    ['new', 'other'],
  );
  assert.match(box.read(), /painted in 2025|East gate/);
  assert.equal(box.desired.view()?.phase, 'watching');
  await box.clock.advance(watchMs + 10_000);
  assert.deepEqual(box.phases(), ['staged 1', 'watching 1', 'settled 1']);
  for (const data of box.told()) assert.ok(WireDesiredState.safeParse(data).success);
  assert.deepEqual(box.told()[2], { phase: 'settled', version: 1, parts: ['zones', 'flows'], key: 'city-1' });
  assert.equal(readdirSync(join(box.folder, 'site-history')).length, 1, 'the version before is kept');
  assert.equal(box.flows.kept, undefined, 'what was kept for a roll-back is let go');
});

test('what is no version of this box is refused and told, and changes nothing', async (t) => {
  const box = await startBox(t);
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const atMs = box.clock.epochMs();
  const wrong = [
    ['SIGNATURE_WRONG', () => box.take({ key: stranger })],
    ['KEY_UNKNOWN', () => box.take({ keyid: 'nobody' })],
    ['PAYLOAD_TYPE_WRONG', () => box.take({ type: 'application/vnd.gatehouse.command.v1+json' })],
    ['OTHER_BOX', () => box.take({ box: 'box-2' })],
    ['CLOCKS_DISAGREE', () => box.take({ atMs: atMs + 3_600_000 })],
    ['MESSAGE_MALFORMED', () => box.take({ parts: {} })],
    [
      'MESSAGE_MALFORMED',
      () => box.take({ parts: { flows: [{ id: 'a', type: 't', credentials: { key: 'x' } }] } }),
    ],
    ['MESSAGE_MALFORMED', () => box.desired.take({ bytes: Buffer.from([0xff, 0]).toString('base64') })],
    ['MESSAGE_TOO_LONG', () => box.desired.take({ turnedAway: 'MESSAGE_TOO_LONG' })],
  ] as const;
  for (const [reason, take] of wrong) {
    const answer = take();
    assert.deepEqual([answer.taken, answer.refusal], [false, reason]);
    assert.equal(
      answer.again,
      reason === 'CLOCKS_DISAGREE' ? true : undefined,
      'only a wrong clock may mend',
    );
  }
  assert.deepEqual(
    box.told().map(({ phase, version, reason }) => [phase, version, reason]),
    wrong.map(([reason]) => ['refused', undefined, reason]),
  );
  assert.equal(box.read(), siteText);
  assert.equal(box.desired.view(), undefined);
  assert.deepEqual(box.take(), { taken: true }, 'the same box takes what is right');
});

test('a version that the box may not or can not have is refused once, and for good', async (t) => {
  const box = await startBox(t, ['zones']);
  assert.equal(box.take({ version: 3, parts: both }).refusal, 'NOT_PERMITTED');
  assert.deepEqual(box.take({ version: 3, parts: both }), { taken: false });
  assert.equal(box.take({ version: 4, parts: { zones: { north: [zone('a')] } } }).refusal, 'CAMERA_UNKNOWN');
  const crossing = {
    ...zone('a'),
    polygon: [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
    ],
  };
  assert.equal(box.take({ version: 5, parts: { zones: { east: [crossing] } } }).refusal, 'ZONES_INVALID');
  assert.deepEqual(box.take({ version: 2 }), { taken: false }, 'older than what was refused');
  await box.start();
  assert.deepEqual(box.take({ version: 5 }), { taken: false }, 'and not after a restart');
  assert.deepEqual(box.phases(), [
    'refused 3 NOT_PERMITTED',
    'refused 4 CAMERA_UNKNOWN',
    'refused 5 ZONES_INVALID',
  ]);
  assert.equal(box.read(), siteText);
  assert.deepEqual(box.desired.view(), {
    phase: 'refused',
    version: 5,
    parts: ['zones'],
    reason: 'ZONES_INVALID',
  });
});

test('the last version wins, a repeat changes nothing, and an old one cannot come back', async (t) => {
  const box = await startBox(t);
  box.waits = ['DEVICE_MOVING'];
  for (const version of [1, 2, 2, 1, 4, 3]) box.take({ version });
  await box.clock.advance(5_000);
  assert.deepEqual(box.zones(), ['lane']);
  box.waits = [];
  await box.clock.advance(2_000);
  assert.deepEqual(box.zones(), ['v-4']);
  box.take({ version: 6 });
  box.take({ version: 7 });
  await box.clock.advance(10_000);
  assert.deepEqual(box.zones(), ['v-4'], 'a newer one waits until this one is through');
  await box.clock.advance(2 * watchMs + 20_000);
  assert.deepEqual(box.zones(), ['v-7']);
  assert.deepEqual(
    box.phases().filter((line) => !line.startsWith('watching')),
    [
      'staged 1',
      'superseded 1 NEWER_VERSION',
      'staged 2',
      'superseded 2 NEWER_VERSION',
      'staged 4',
      'superseded 6 NEWER_VERSION',
      'settled 4',
      'staged 7',
      'settled 7',
    ],
  );
});

test('a version waits as long as the box is not quiet, and says for what', async (t) => {
  const box = await startBox(t);
  box.waits = ['DEVICE_MOVING', 'INCIDENT_UNHANDLED'];
  box.take();
  await box.clock.advance(3_600_000);
  assert.equal(box.read(), siteText);
  assert.deepEqual(box.desired.view(), {
    phase: 'staged',
    version: 1,
    parts: ['zones'],
    waitsFor: ['DEVICE_MOVING', 'INCIDENT_UNHANDLED'],
  });
  assert.deepEqual(box.told()[0]?.waitsFor, ['DEVICE_MOVING', 'INCIDENT_UNHANDLED']);
  box.waits = [];
  await box.clock.advance(1_000);
  assert.deepEqual(box.zones(), ['v-1']);
});

test('a box that is worse off than before takes the version back; what was not well before is not its fault', async (t) => {
  const box = await startBox(t);
  box.faults = [{ reason: 'CAMERA_NOT_LIVE', subject: 'west' }];
  box.take({ parts: both });
  await box.clock.advance(60_000);
  box.faults.push({ reason: 'RULES_STOPPED', subject: 'east' });
  await box.clock.advance(lastsMs - 10_000);
  assert.deepEqual(box.zones(), ['new'], 'what may pass by itself is given some time');
  await box.clock.advance(20_000);
  assert.deepEqual([box.zones(), box.zones('west'), box.flows.now], [['lane'], [], 'ready flows']);
  assert.deepEqual(box.told().at(-1), {
    phase: 'rolled-back',
    version: 1,
    parts: ['zones', 'flows'],
    key: 'city-1',
    reason: 'RULES_STOPPED',
    subject: 'east',
  });
  await box.clock.advance(watchMs * 2);
  assert.equal(box.phases().at(-1), 'rolled-back 1 RULES_STOPPED');
  assert.deepEqual(box.take({ parts: both }), { taken: false }, 'the same version is not tried again');
});

test('a fault that passes within half a minute takes nothing back', async (t) => {
  const box = await startBox(t);
  box.take();
  await box.clock.advance(10_000);
  box.faults = [{ reason: 'CAMERA_NOT_LIVE', subject: 'east' }];
  await box.clock.advance(20_000);
  box.faults = [];
  await box.clock.advance(watchMs);
  assert.equal(box.phases().at(-1), 'settled 1');
});

test('a part that cannot be applied takes the others back with it', async (t) => {
  const box = await startBox(t);
  box.flows.refuses = new GatehouseError('FLOW_TYPE_UNKNOWN', 'input', 'no such node.', 'Leave it out.');
  box.take({ parts: both });
  await box.clock.advance(10_000);
  assert.deepEqual([box.zones(), box.flows.now], [['lane'], 'ready flows']);
  assert.equal(box.phases().at(-1), 'rolled-back 1 FLOW_TYPE_UNKNOWN');
});

test('what somebody changes at the box stands, before, while and after it is applied', async (t) => {
  const edit = (box: Box, id: string) =>
    box.current.saveZones('east', [zone(id)], box.current.version(), 'zhao');
  const superseded = 'superseded 1 LOCALLY_EDITED';
  for (const whenMs of [0, 20_000, watchMs + 60_000]) {
    const box = await startBox(t);
    if (whenMs === 0) box.waits = ['FIRE_ALARM'];
    box.take({ parts: { zones: both.zones } });
    await box.clock.advance(5_000 + whenMs);
    edit(box, 'by-hand');
    box.waits = [];
    await box.clock.advance(watchMs);
    assert.deepEqual([box.zones(), box.phases().at(-1)], [['by-hand'], superseded], String(whenMs));
    box.take({ version: 2 });
    await box.clock.advance(watchMs + 10_000);
    assert.deepEqual(
      [box.zones(), box.phases().at(-1)],
      [['v-2'], 'settled 2'],
      'a newer version comes into force',
    );
  }
});

test('a roll-back leaves alone what somebody changed meanwhile', async (t) => {
  const box = await startBox(t);
  box.take({ parts: { zones: both.zones } });
  await box.clock.advance(6_000);
  box.current.saveZones('west', [zone('by-hand')], box.current.version(), 'zhao');
  box.faults = [{ reason: 'SERVICE_DOWN', subject: 'drivers', certain: true }];
  await box.clock.advance(6_000);
  assert.deepEqual([box.zones('west'), box.zones()], [['by-hand'], ['lane']]);
  assert.equal(box.phases().at(-1), 'rolled-back 1 SERVICE_DOWN');
});

const all = [['new'], ['other'], JSON.stringify(both.flows)];
const none = [['lane'], [], 'ready flows'];
const certain = { reason: 'SERVICE_DOWN', subject: 'flows', certain: true };

/** A version comes, is applied and watched, on a box that gets worse with it or does not. */
async function play(box: Box, bad: boolean): Promise<void> {
  try {
    box.take({ parts: both });
  } catch (error) {
    if (!box.deeds.dead) throw error;
  }
  await box.clock.advance(10_000);
  box.faults = bad && box.desired.view()?.phase === 'watching' ? [certain] : [];
  await box.clock.advance(watchMs + 20_000);
  box.faults = [];
  await box.clock.advance(10_000);
}

for (const [name, bad] of [
  ['that holds', false],
  ['that has to be taken back', true],
] as const)
  test(`a version ${name}: killed before or after any lasting deed, the box ends with all of it or with none`, async (t) => {
    let kills = 0;
    for (let deed = 1, alive = false; !alive; deed++)
      for (const after of [false, true]) {
        const where = `killed ${after ? 'after' : 'before'} deed ${deed}`;
        const box = new Box(t);
        await box.start({ deed, after });
        await play(box, bad);
        alive = !box.deeds.dead;
        if (!alive) kills++;
        const inForce = () => [box.zones(), box.zones('west'), box.flows.now];
        box.waits = ['FIRE_ALARM'];
        await box.start();
        assert.ok(
          [all, none].some((whole) => isDeepStrictEqual(whole, inForce())),
          `${where}: ${inForce()}`,
        );
        box.waits = [];
        await play(box, bad);
        const end = bad ? 'rolled-back 1 SERVICE_DOWN' : 'settled 1';
        assert.deepEqual(inForce(), bad ? none : all, where);
        assert.ok(box.phases().includes(end), `${where}: ${box.phases()}`);
        assert.equal(box.flows.kept, undefined, `${where}: let go`);
        box.desired.stop();
      }
    assert.ok(kills >= 20, `${kills} kills`);
  });

test('a runtime that ends again and again while a version is watched takes it back by itself', async (t) => {
  const box = await startBox(t);
  box.take();
  await box.clock.advance(2_000);
  for (let n = 0; n < 3; n++) await box.start();
  assert.deepEqual([box.zones(), box.phases().at(-1)], [['lane'], 'rolled-back 1 RUNTIME_RESTARTS']);
});

test('a state file that is damaged is put aside, and the next version is taken', async (t) => {
  const box = await startBox(t);
  box.take({ version: 5 });
  await box.clock.advance(2_000);
  writeFileSync(join(box.folder, 'desired', 'state.json'), '{"standing":');
  await box.start();
  assert.equal(box.desired.view(), undefined);
  assert.ok(readdirSync(join(box.folder, 'desired')).includes('state.json.damaged'));
  assert.deepEqual(box.take({ version: 6 }), { taken: true });
});

test('a flood of messages is cut off, and refusals of it are counted instead of told', async (t) => {
  const box = await startBox(t);
  const flood = () => box.desired.take({ bytes: Buffer.from(String(Math.random())).toString('base64') });
  for (let n = 0; n < 12; n++) flood();
  assert.throws(flood, { code: 'MESSAGES_LIMITED' });
  assert.equal(box.told().length, 10);
  await box.clock.advance(61_000);
  flood();
  assert.equal(box.told().at(-1)?.leftOut, 2);
});
