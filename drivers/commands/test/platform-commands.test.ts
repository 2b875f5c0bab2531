import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { test } from 'node:test';
import { AuditEntry, PlatformAnswer, Site } from '@gatehouse/contracts';
import { systemClock } from '@gatehouse/kit';
import { Service, type ServiceOptions, type SimulatedBoard, siteOf, tcpBoard } from '../../test/rig.ts';

const pair = () => generateKeyPairSync('ed25519');
const ours = pair();
const theirs = pair();
const raw = (key: KeyObject) =>
  Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');

/** DSSE by hand: this test shares nothing with the verifier. */
function signed(payload: unknown, changes: { key?: KeyObject; keyid?: string; type?: string } = {}): Buffer {
  const type = changes.type ?? 'application/vnd.gatehouse.command.v1+json';
  const body = Buffer.from(JSON.stringify(payload));
  const bytes = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body]);
  const sig = sign(
    null,
    bytes,
    changes.key ?? createPrivateKey(ours.privateKey.export({ format: 'pem', type: 'pkcs8' })),
  );
  const signatures = [{ keyid: changes.keyid ?? 'city-1', sig: sig.toString('base64') }];
  return Buffer.from(JSON.stringify({ payloadType: type, payload: body.toString('base64'), signatures }));
}

interface Order {
  id?: string;
  device?: string;
  action?: string;
  boxid?: string;
  atMs?: number;
  lifeMs?: number;
}

function order({ id, device, action, boxid, atMs = 0, lifeMs = 10_000 }: Order = {}) {
  const issuedMs = systemClock.epochMs() + atMs;
  return {
    specversion: '1.0',
    id: id ?? randomUUID(),
    source: 'urn:gatehouse:platform',
    type: 'gatehouse.command.v1',
    time: new Date(issuedMs).toISOString(),
    expirytime: new Date(issuedMs + lifeMs).toISOString(),
    boxid: boxid ?? 'box-1',
    data: { device: device ?? 'door', action: action ?? 'open', user: 'li', reason: 'visitor' },
  };
}

interface Rig extends ServiceOptions {
  readonly commands?: boolean;
  readonly allow?: unknown[];
  readonly perMinute?: number;
}

async function withDesk(
  { commands = true, allow = [{ actions: ['open'], devices: ['door'] }], perMinute = 600, ...rig }: Rig,
  body: (
    send: (bytes: Buffer, retained?: boolean) => Promise<PlatformAnswer>,
    service: Service,
    plant: SimulatedBoard,
  ) => Promise<void>,
): Promise<void> {
  const plant = await tcpBoard();
  const uplink = {
    url: 'mqtt://broker',
    ...(commands ? { commands: { keys: [{ id: 'city-1', publicKey: raw(ours.publicKey) }] } } : {}),
  };
  const site = Site.parse({ ...siteOf(plant.bus), uplink, permissions: { upstream: { allow, perMinute } } });
  const service = await Service.start(site, rig);
  try {
    await service.ready();
    const send = async (bytes: Buffer, retained = false) => {
      const message = { bytes: bytes.toString('base64'), retained };
      return PlatformAnswer.parse(await service.client.call('POST', '/platform-messages', { body: message }));
    };
    await body(send, service, plant);
  } finally {
    await service.stop();
    await plant.close();
  }
}

const refusals = async (service: Service) =>
  (await service.events()).flatMap((event) => (event.type === 'refusal' ? [event.refusal] : []));

test('a signed command moves the door, is read back, and is on record with its key', () =>
  withDesk({}, async (send, service, plant) => {
    const command = order();
    const { outcome } = await send(signed(command));
    assert.deepEqual(
      [outcome?.state, outcome?.relay, outcome?.feedback],
      ['confirmed', 'actuated', 'reached'],
    );
    assert.equal(plant.board.writes.length, 1);
    const origin = { channel: 'upstream', user: 'li', reason: 'visitor', key: 'city-1' };
    const entries = AuditEntry.array().parse(await service.client.call('GET', '/audit?limit=500'));
    const about = entries.filter(({ commandId }) => commandId === command.id);
    assert.deepEqual(
      about.map(({ what }) => what),
      ['command', 'executing', 'outcome'],
    );
    for (const entry of about) assert.deepEqual(entry.origin, origin);
    const ended = (await service.events()).find((event) => event.type === 'command');
    assert.deepEqual(ended?.type === 'command' && ended.outcome.origin, origin);
  }));

test('whoever stands between cannot make a command: only a message that the platform signed is one', () =>
  withDesk({}, async (send, service, plant) => {
    // What a taken-over sync-agent or runtime could try on this socket.
    const forged = {
      commandId: randomUUID(),
      device: 'door',
      action: 'open',
      expiresAt: order().expirytime,
      origin: { channel: 'upstream', user: 'li' },
    };
    await assert.rejects(service.client.call('POST', '/commands', { body: forged }), {
      code: 'COMMAND_INVALID',
    });
    const asConsole = { ...forged, origin: { channel: 'console', user: 'li', key: 'city-1' } };
    await assert.rejects(service.client.call('POST', '/commands', { body: asConsole }), {
      code: 'COMMAND_INVALID',
    });
    const own = await send(signed(order(), { key: theirs.privateKey }));
    assert.deepEqual(own.refusal, { reason: 'SIGNATURE_WRONG', verified: false, key: 'city-1' });
    const unsigned = {
      payloadType: 'application/vnd.gatehouse.command.v1+json',
      payload: Buffer.from(JSON.stringify(order())).toString('base64'),
      signatures: [],
    };
    assert.equal((await send(Buffer.from(JSON.stringify(unsigned)))).refusal?.reason, 'MESSAGE_MALFORMED');
    assert.deepEqual(plant.board.writes, []);
  }));

test('each wrong message is refused for its reason, audited and told, and nothing moves', () =>
  withDesk({}, async (send, service, plant) => {
    const tampered = signed(order());
    const at = tampered.indexOf('"payload":"') + 40;
    tampered[at] = tampered[at] === 0x41 ? 0x42 : 0x41;
    const cases: [Buffer, string, boolean?][] = [
      [signed(order({ boxid: 'box-2' })), 'OTHER_BOX'],
      [signed(order(), { keyid: 'city-2' }), 'KEY_UNKNOWN'],
      [signed(order(), { type: 'application/vnd.gatehouse.other.v1+json' }), 'PAYLOAD_TYPE_WRONG'],
      [tampered, 'SIGNATURE_WRONG'],
      [signed(order()), 'RETAINED', true],
      [signed(order({ lifeMs: 31_000 })), 'EXPIRY_TOO_FAR'],
      [signed(order({ atMs: 20_000 })), 'CLOCKS_DISAGREE'],
      [signed({ ...order(), extra: 1 }), 'MESSAGE_MALFORMED'],
      [signed(order({ device: 'nowhere' })), 'DEVICE_UNKNOWN'],
    ];
    for (const [bytes, reason, retained] of cases)
      assert.equal((await send(bytes, retained)).refusal?.reason, reason);
    assert.deepEqual(
      (await refusals(service)).map(({ reason }) => reason),
      cases.map(([, reason]) => reason),
    );
    const entries = AuditEntry.array().parse(await service.client.call('GET', '/audit?limit=500'));
    assert.deepEqual(
      entries.filter(({ what }) => what === 'platform-refused').map(({ facts }) => facts.reason),
      cases.map(([, reason]) => reason),
    );
    const long = Buffer.alloc(5000, 0x41);
    await assert.rejects(send(long), { code: 'MESSAGE_INVALID' });
    assert.deepEqual(plant.board.writes, []);
  }));

test('what is expired, or not permitted for the device, ends in the journal and moves nothing', () =>
  withDesk({}, async (send, _service, plant) => {
    const late = await send(signed(order({ atMs: -20_000 })));
    assert.deepEqual([late.outcome?.state, late.outcome?.reason], ['expired', 'COMMAND_EXPIRED']);
    const other = await send(signed(order({ device: 'barrier' })));
    assert.deepEqual([other.outcome?.state, other.outcome?.reason], ['rejected', 'NOT_PERMITTED']);
    assert.deepEqual(plant.board.writes, []);
  }));

test('a site that names keys and permits nothing, and one that names no keys, move nothing', async () => {
  await withDesk({ allow: [] }, async (send, _service, plant) => {
    assert.equal((await send(signed(order()))).outcome?.reason, 'NOT_PERMITTED');
    assert.deepEqual(plant.board.writes, []);
  });
  await withDesk({ commands: false }, async (send, _service, plant) => {
    assert.equal((await send(signed(order()))).refusal?.reason, 'COMMANDS_NOT_ENABLED');
    assert.deepEqual(plant.board.writes, []);
  });
});

test('a replay gets the stored outcome and moves nothing again; the same id for something else is refused', () =>
  withDesk({}, async (send, _service, plant) => {
    const message = signed(order());
    const first = await send(message);
    const again = await send(message);
    assert.equal(again.refusal?.reason, 'COMMAND_REPEATED');
    assert.deepEqual(again.outcome, first.outcome);
    const reused = signed(order({ id: first.outcome?.commandId ?? '', device: 'barrier' }));
    assert.equal((await send(reused)).refusal?.reason, 'COMMAND_ID_REUSED');
    assert.equal(plant.board.writes.length, 1);
  }));

test('without a synchronised clock, and above its rate, the platform is refused', async () => {
  await withDesk({ clockTrusted: () => false }, async (send, _service, plant) => {
    assert.equal((await send(signed(order()))).outcome?.reason, 'CLOCK_NOT_SYNCHRONISED');
    assert.deepEqual(plant.board.writes, []);
  });
  await withDesk({ perMinute: 3 }, async (send, _service, plant) => {
    assert.equal((await send(signed(order()))).outcome?.state, 'confirmed');
    assert.equal((await send(signed(order()))).refusal?.reason, 'RATE_LIMITED');
    assert.equal(plant.board.writes.length, 1);
  });
});

test('a flood of forgeries is counted, not recorded one by one', () =>
  withDesk({}, async (send, service) => {
    for (let i = 0; i < 40; i++) await send(signed(order(), { key: theirs.privateKey }));
    const told = await refusals(service);
    assert.ok(told.length <= 12, `${told.length} told`);
    const body = { turnedAway: 'MESSAGE_TOO_LONG', count: 3 };
    const answer = PlatformAnswer.parse(await service.client.call('POST', '/platform-messages', { body }));
    assert.equal(answer.refusal?.reason, 'MESSAGE_TOO_LONG');
  }));

test('the head of the audit chain goes upstream at the start, and is that of the chain', async () => {
  const plant = await tcpBoard();
  const first = await Service.start(siteOf(plant.bus));
  await first.ready();
  await first.command('door', 'open');
  await first.stop(true);
  const second = await Service.start(siteOf(plant.bus), { folder: first.folder });
  try {
    const heads = (await second.events()).flatMap((event) =>
      event.type === 'audit-head' ? [event.head] : [],
    );
    const head = heads.at(-1);
    const [entry] = AuditEntry.array().parse(
      await second.client.call('GET', `/audit?after=${(head?.sequence ?? 0) - 1}&limit=1`),
    );
    assert.deepEqual(head, { sequence: entry?.sequence, hash: entry?.hash });
  } finally {
    await second.stop();
    await plant.close();
  }
});
