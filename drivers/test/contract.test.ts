import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommandOutcome } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { GatehouseError } from '@gatehouse/kit';
import { commandOf, patient, rtuBoard, siteOf, tcpBoard, withService } from './rig.ts';

/**
 * A site with patient limits, for tests in which every expected event happens. Nothing waits longer for it,
 * and a busy machine may take its time.
 */
const patientSite = (bus: Record<string, unknown>) => patient(siteOf(bus));
const transports = { 'Modbus TCP': tcpBoard, 'Modbus RTU on a pty': rtuBoard };

for (const [name, makeBoard] of Object.entries(transports))
  describe(`the command contract over ${name}`, () => {
    test('state is read and nothing is written at start; then an open is confirmed, relay and door apart', () =>
      withService({ board: makeBoard }, async (service, plant) => {
        assert.ok(plant.board.requests > 0);
        assert.deepEqual(plant.board.writes, []);
        assert.equal((await service.device('door')).position, 'closed');
        assert.equal((await service.device('barrier')).position, 'closed');
        const outcome = await service.command('door', 'open');
        assert.deepEqual(
          [outcome.state, outcome.relay, outcome.feedback, outcome.reason],
          ['confirmed', 'actuated', 'reached', undefined],
        );
        assert.deepEqual(
          plant.board.writes.map(({ channel, value, pulse }) => ({ channel, value, pulse })),
          [{ channel: 3, value: 3, pulse: true }],
        );
        assert.deepEqual((await service.device('door')).lastCommand, outcome);
        const ended = (await service.events()).filter((event) => event.type === 'command');
        assert.deepEqual(
          ended.map((event) => event.outcome),
          [outcome],
        );
      }));

    test('a repeat gets the first outcome, while it runs and after, and the relay moves once', () =>
      withService({ board: makeBoard, site: patientSite }, async (service, plant) => {
        const command = commandOf('barrier', 'open');
        const [first, second] = await Promise.all([
          service.command('barrier', 'open', command),
          service.command('barrier', 'open', command),
        ]);
        const third = await service.command('barrier', 'open', command);
        assert.equal(first.state, 'confirmed');
        assert.deepEqual([second, third], [first, first]);
        assert.equal(plant.board.writes.length, 1);
        const stored = await service.client.call('GET', `/commands/${command.commandId}`);
        assert.deepEqual(CommandOutcome.parse(stored), first);
      }));

    test('a newer command takes the device over', () =>
      withService({ board: makeBoard, site: patientSite }, async (service, plant) => {
        const opening = service.command('barrier', 'open');
        await until('one write', () => plant.board.writes.length === 1);
        const stopped = await service.command('barrier', 'stop');
        assert.deepEqual([stopped.state, stopped.feedback], ['confirmed', 'none-fitted']);
        assert.equal((await opening).state, 'superseded');
        await until(
          'barrier is stopped',
          async () => (await service.device('barrier')).position === 'stopped',
        );
      }));

    test('a board that executes but does not answer: unconfirmed, what is known, and no second write', () =>
      withService({ board: makeBoard }, async (service, plant) => {
        plant.fault({ kind: 'mute' });
        const asked = service.command('door', 'open');
        await until('a write', () => plant.board.writes.length > 0);
        plant.fault({ kind: 'none' });
        const outcome = await asked;
        assert.deepEqual([outcome.state, outcome.reason], ['unconfirmed', 'ECHO_MISSING']);
        assert.equal(plant.board.writes.length, 1);
      }));

    test('a board that has just fallen silent: the command is refused as lost, and nothing is sent for it', () =>
      withService({ board: makeBoard }, async (service, plant) => {
        plant.fault({ kind: 'mute' });
        const requests = plant.board.requests;
        // Two requests without an answer open the unit's breaker; the device does not count as lost for 2.5 s
        // yet.
        await until('two more polls', () => plant.board.requests >= requests + 2);
        const outcome = await service.command('door', 'open');
        assert.deepEqual(
          [outcome.state, outcome.reason, outcome.relay, outcome.feedback],
          ['rejected', 'DEVICE_LOST', 'not-actuated', 'unknown'],
        );
        assert.equal((await service.device('door')).comms, 'ok');
        assert.deepEqual(plant.board.writes, []);
      }));

    test('a line that is lost right behind the write: unconfirmed, because the relay has moved', () =>
      withService({ board: makeBoard }, async (service, plant) => {
        plant.fault({ kind: 'mute' });
        const asked = service.command('door', 'open');
        await until('a write', () => plant.board.writes.length > 0);
        await plant.unplug();
        const outcome = await asked;
        assert.deepEqual(
          [outcome.state, outcome.reason, outcome.relay],
          ['unconfirmed', 'ECHO_MISSING', 'unknown'],
        );
        assert.equal(plant.board.writes.length, 1);
      }));

    test('a relay that sticks is actuated for the board and not reached for the door', () =>
      withService({ board: makeBoard }, async (service, plant) => {
        plant.board.stuck.add(3);
        const outcome = await service.command('door', 'open');
        assert.deepEqual(
          [outcome.state, outcome.reason, outcome.relay, outcome.feedback],
          ['unconfirmed', 'FEEDBACK_NOT_REACHED', 'actuated', 'not-reached'],
        );
        assert.equal(plant.board.writes.length, 1);
      }));

    test('power loss: nothing is known, commands are refused at once, and it comes back by itself', () =>
      withService({ board: makeBoard }, async (service, plant) => {
        await plant.powerOff();
        await until('door is lost', async () => (await service.device('door')).comms === 'lost');
        const lost = await service.device('barrier');
        assert.deepEqual([lost.position, lost.inputs], ['unknown', {}]);
        assert.ok((lost.ageMs ?? 0) > 0);
        const refused = await service.command('door', 'open');
        assert.deepEqual([refused.state, refused.reason], ['rejected', 'DEVICE_LOST']);
        await plant.powerOn();
        await until('door is in contact', async () => (await service.device('door')).comms === 'ok');
        assert.deepEqual(plant.board.writes, [], 'the refused command did not wait for the board');
        assert.equal((await service.command('door', 'open')).state, 'confirmed');
        const comms = (await service.events()).flatMap((event) =>
          event.type === 'comms' && event.device === 'door' ? [event.comms] : [],
        );
        assert.deepEqual(comms, ['ok', 'lost', 'ok']);
      }));

    test('a malformed or unknown command is refused with a clear code and moves nothing', () =>
      withService({ board: makeBoard }, async (service, plant) => {
        const good = commandOf('door', 'open');
        const bad: readonly (readonly [body: unknown, code: string])[] = [
          [{ ...good, action: 'explode' }, 'COMMAND_INVALID'],
          [{ ...good, commandId: 'abc' }, 'COMMAND_INVALID'],
          [{ ...good, expiresAt: 'tomorrow' }, 'COMMAND_INVALID'],
          [{ ...good, coil: 3 }, 'COMMAND_INVALID'],
          [{ ...good, origin: { channel: 'box', user: 'x' } }, 'COMMAND_INVALID'],
          [[good], 'COMMAND_INVALID'],
          [{ ...good, reason: 'x'.repeat(20_000) }, 'BODY_INVALID'],
          [{ ...good, device: 'nowhere' }, 'DEVICE_UNKNOWN'],
        ];
        for (const [body, code] of bad)
          await assert.rejects(service.client.call('POST', '/commands', { body }), hasCode(code));
        assert.deepEqual(plant.board.writes, []);
      }));
  });

export function hasCode(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof GatehouseError, String(error));
    assert.equal(error.code, code);
    assert.notEqual(error.remedy, '');
    return true;
  };
}
