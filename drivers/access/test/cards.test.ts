import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AuditEntry, EnrolledCard, Site } from '@gatehouse/contracts';
import { systemClock } from '@gatehouse/kit';
import { SimulatedCardReader } from '../../simulators/card-reader.ts';
import { PtyPair } from '../../simulators/pty-pair.ts';
import { commandOf, patient, Service, type SimulatedBoard, siteOf, tcpBoard, until } from '../../test/rig.ts';

const reader = 'lobby-reader';
const resident = Buffer.from('62E3086CED', 'hex');
const stranger = (n: number) => Buffer.from([0x11, 0x22, 0x33, 0x44, n]);

interface Lobby {
  readonly service: Service;
  readonly plant: SimulatedBoard;
  readonly far: SimulatedCardReader;
  readonly pair: PtyPair;
  readonly enrol: (card: Buffer) => Promise<EnrolledCard>;
  readonly cardEvents: () => Promise<{ known: boolean; commandId?: string | undefined }[]>;
}

/** The service with a door, and a simulated reader before it on a pty. */
async function withReader(body: (lobby: Lobby) => Promise<void>, more = {}): Promise<void> {
  const plant = await tcpBoard();
  const folder = mkdtempSync(join(tmpdir(), 'gh-card-'));
  const pair = new PtyPair(join(folder, 'line'));
  await pair.start();
  const far = new SimulatedCardReader(pair.farPath);
  await far.start();
  const site = Site.parse({
    ...patient(siteOf(plant.bus)),
    readers: [{ id: reader, name: { 'zh-CN': '大堂', en: 'Lobby' }, path: pair.path, door: 'door' }],
    ...more,
  });
  const service = await Service.start(site);
  const events = () => service.events();
  try {
    await service.ready();
    await until(async () => (await events()).some((one) => one.type === 'comms' && one.device === reader));
    await body({
      ...{ service, plant, far, pair },
      async enrol(card) {
        const body = { reader, label: 'A-1203', by: 'zhao' };
        const asked = service.cli.call('POST', '/cards/enrolments', { body, timeoutMs: 20_000 });
        // Shown again and again, as a person does who is not sure, and taken away in between: one that lies there counts once, and
        // the first may have been read before the service was asked. The answer says when it was read.
        let done = false;
        const answer = asked.finally(() => {
          done = true;
        });
        let shownMs = Number.NEGATIVE_INFINITY;
        await until(() => {
          if (systemClock.monotonicMs() - shownMs > 1_500) {
            far.present(card);
            shownMs = systemClock.monotonicMs();
          }
          return done;
        });
        return EnrolledCard.parse(await answer);
      },
      cardEvents: async () =>
        (await events()).flatMap((one) =>
          one.type === 'card' ? [{ known: one.known, commandId: one.commandId }] : [],
        ),
    });
  } finally {
    await service.stop();
    await far.stop();
    await pair.stop();
    await plant.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('an enrolled card opens its door in the name of the reader; a revoked one does not', () =>
  withReader(async ({ service, plant, far, enrol, cardEvents }) => {
    const card = await enrol(resident);
    assert.deepEqual([card.label, card.tail, card.reader], ['A-1203', 'ED', reader]);
    // The reader repeats a card while it lies there: it counts anew once another has been seen.
    far.present(stranger(1));
    far.present(resident);
    await until(async () => (await cardEvents()).some(({ known }) => known));
    await until(() => plant.board.writes.length === 1);
    const { commandId } = (await cardEvents()).find(({ known }) => known) ?? {};
    await until(async () => (await service.device('door')).lastCommand?.state === 'confirmed');
    const { lastCommand } = await service.device('door');
    assert.deepEqual(
      [lastCommand?.commandId, lastCommand?.origin],
      [commandId, { channel: 'reader', user: reader }],
    );
    const entries = AuditEntry.array().parse(await service.client.call('GET', '/audit?limit=500'));
    assert.ok(entries.some(({ what, origin }) => what === 'card-enrolled' && origin?.user === 'zhao'));
    assert.ok(entries.some(({ what, origin }) => what === 'command' && origin?.channel === 'reader'));
    const revocation = { credential: card.credential, by: 'zhao' };
    assert.deepEqual(await service.cli.call('POST', '/cards/revocations', { body: revocation }), {
      ended: 1,
    });
    const [before, writes] = [(await cardEvents()).length, plant.board.writes.length];
    far.present(stranger(2));
    far.present(resident);
    await until(async () => (await cardEvents()).length >= before + 2);
    assert.deepEqual((await cardEvents()).at(-1), { known: false, commandId: undefined });
    assert.equal(plant.board.writes.length, writes);
  }));

test('no card number is on the disk or in an answer, and the key is its owner’s', () =>
  withReader(async ({ service, far, enrol, cardEvents }) => {
    await enrol(resident);
    far.present(stranger(7));
    await until(async () => (await cardEvents()).length > 0);
    const told = JSON.stringify([await service.events(), await service.cli.call('GET', '/cards')]);
    const files = readdirSync(service.folder).filter((name) => !name.endsWith('.sock'));
    const disk = files.map((name) => readFileSync(join(service.folder, name), 'latin1')).join();
    for (const number of ['62E3086CED', '1122334407', resident.toString('latin1')])
      for (const text of [told, disk]) assert.ok(!text.toUpperCase().includes(number.toUpperCase()), number);
    assert.ok(files.some((name) => name.startsWith('drivers.db')));
    assert.equal(statSync(join(service.folder, 'card-key')).mode & 0o777, 0o600);
  }));

test('five unknown cards within a minute are an alarm, and a line that is gone is a loss', () =>
  withReader(async ({ service, far, pair, cardEvents }) => {
    for (let n = 1; n <= 5; n++) {
      const before = (await cardEvents()).length;
      far.present(stranger(n));
      await until(async () => (await cardEvents()).length > before);
    }
    const alarm = (await service.events()).find(({ type }) => type === 'alarm');
    assert.ok(alarm?.type === 'alarm');
    assert.deepEqual(
      [alarm.kind, alarm.device, alarm.gates[0]?.name],
      ['device-tamper', reader, 'unknown-cards'],
    );
    await pair.stop();
    await until(async () =>
      (await service.events()).some(
        (one) => one.type === 'comms' && one.device === reader && one.comms === 'lost',
      ),
    );
  }));

test('a site that lets readers open nothing refuses, and nobody may speak in a reader’s name', () =>
  withReader(
    async ({ service, plant, far, enrol }) => {
      await enrol(resident);
      far.present(stranger(3));
      far.present(resident);
      await until(async () => (await service.device('door')).lastCommand?.reason === 'NOT_PERMITTED');
      const forged = { ...commandOf('door', 'open'), origin: { channel: 'reader', user: reader } };
      await assert.rejects(service.client.call('POST', '/commands', { body: forged }), {
        code: 'COMMAND_INVALID',
      });
      assert.deepEqual(plant.board.writes, []);
    },
    { permissions: { reader: { allow: [] } } },
  ));
