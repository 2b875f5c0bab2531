import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { CommandOutcome, Site } from '@gatehouse/contracts';
import { commandOf, patient, type Service, siteOf, until, withService } from '../../test/rig.ts';

type Command = ReturnType<typeof commandOf>;

const by = (user: string, device: string, action: 'open' | 'stop' | 'close'): Command => ({
  ...commandOf(device, action, 25_000),
  origin: { channel: 'console', user },
});

/** Sends commands so that they come in this order and before the first is answered; their answers in order. */
async function together(
  service: Service,
  commands: readonly Command[],
): Promise<(CommandOutcome | { code: string })[]> {
  // A connection each, which has been served before: the newest connections are heard first, requests in the order in which they come.
  const sockets = await Promise.all(commands.map(() => served(service)));
  for (const [i, command] of commands.entries()) {
    const body = JSON.stringify(command);
    const head =
      'POST /commands HTTP/1.1\r\nhost: drivers\r\ncontent-type: application/json\r\nconnection: close\r\n';
    sockets[i]?.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
  return Promise.all(sockets.map(answerOn));
}

async function served(service: Service): Promise<Socket> {
  const socket = connect(service.socket).setEncoding('utf8');
  socket.write('GET /fire HTTP/1.1\r\nhost: drivers\r\n\r\n');
  await once(socket, 'data');
  return socket;
}

async function answerOn(socket: Socket): Promise<CommandOutcome | { code: string }> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
  return body.error ? { code: body.error.code } : CommandOutcome.parse(body);
}

/** Nobody of a burst is turned away. */
const roomy = (bus: Record<string, unknown>): Site =>
  Site.parse({ ...patient(siteOf(bus)), permissions: { console: { perMinute: 6_000 } } });

const states = (answers: readonly (CommandOutcome | { code: string })[]) => {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const end = 'code' in answer ? answer.code : `${answer.state} ${answer.reason ?? ''}`.trim();
    counts[end] = (counts[end] ?? 0) + 1;
  }
  return counts;
};

test('of opens that come together for one door the newest is carried out, once, and each is on record', () =>
  withService({ site: roomy }, async (service, plant) => {
    const commands = Array.from({ length: 300 }, () => by('another', 'door', 'open'));
    const answers = await together(service, commands);
    assert.deepEqual(states(answers), { 'superseded SUPERSEDED': 299, confirmed: 1 });
    const last = answers.at(-1);
    assert.ok(last && 'state' in last && last.state === 'confirmed');
    assert.equal(plant.board.writes.length, 1);
    const ended = (await service.events()).flatMap((event) =>
      event.type === 'command' ? [event.outcome.commandId] : [],
    );
    assert.deepEqual(ended.toSorted(), commands.map(({ commandId }) => commandId).toSorted());
    const again = await together(service, commands);
    assert.deepEqual(again, answers, 'a repeat gets the stored outcome');
    assert.equal(plant.board.writes.length, 1);
    const { intact } = (await service.client.call('GET', '/audit/verification')) as { intact: boolean };
    assert.equal(intact, true);
  }));

test('a stop behind a burst of opens is the first thing that is written', () =>
  withService({ site: roomy }, async (service, plant) => {
    const burst = Array.from({ length: 200 }, () => by('another', 'door', 'open'));
    const answers = await together(service, [...burst, by('guard', 'barrier', 'stop')]);
    const stopped = answers.at(-1);
    assert.ok(stopped && 'state' in stopped && stopped.state === 'confirmed');
    assert.equal(plant.board.writes[0]?.channel, 2);
    assert.equal(stopped.origin.user, 'guard');
  }));

test('a stop is written although a newer open follows at once, and the open is carried out behind it', () =>
  withService({ site: roomy }, async (service, plant) => {
    const [stopped, opened] = await together(service, [
      by('guard', 'barrier', 'stop'),
      by('another', 'barrier', 'open'),
    ]);
    assert.ok(stopped && 'state' in stopped && opened && 'state' in opened);
    assert.deepEqual([stopped.state, opened.state], ['superseded', 'confirmed']);
    const pulses = plant.board.writes.filter(({ pulse }) => pulse).map(({ channel }) => channel);
    assert.deepEqual(pulses, [2, 0]);
    assert.equal(plant.barrier.conflicts, 0, 'the stop contact is let go before the other closes');
    const stored = await service.client.call('GET', `/commands/${stopped.commandId}`);
    assert.deepEqual(CommandOutcome.parse(stored), stopped);
  }));

test('an older open that still waits does not undo a stop', () =>
  withService({ site: roomy }, async (service, plant) => {
    const answers = await together(service, [
      ...Array.from({ length: 50 }, () => by('another', 'barrier', 'open')),
      by('guard', 'barrier', 'stop'),
    ]);
    assert.deepEqual(states(answers), { 'superseded SUPERSEDED': 50, confirmed: 1 });
    assert.deepEqual(
      plant.board.writes.filter(({ pulse }) => pulse).map(({ channel }) => channel),
      [2],
    );
  }));

test('a command that is refused supersedes nothing', () =>
  withService({ site: roomy }, async (service, plant) => {
    plant.barrier.loopOccupied = true;
    await until(async () => (await service.device('barrier')).inputs.loop === true);
    const [opened, refused] = await together(service, [
      by('guard', 'barrier', 'open'),
      by('another', 'barrier', 'close'),
    ]);
    assert.ok(opened && 'state' in opened && refused && 'state' in refused);
    assert.deepEqual([opened.state, refused.state], ['confirmed', 'rejected']);
  }));

test('the flood of one person is turned away, and another person’s open is not', () =>
  withService({ site: (bus) => patient(siteOf(bus)) }, async (service) => {
    const flood = Array.from({ length: 260 }, () => by('another', 'barrier', 'open'));
    const answers = await together(service, [...flood, by('guard', 'door', 'open')]);
    assert.ok((states(answers).RATE_LIMITED ?? 0) > 0);
    const opened = answers.at(-1);
    assert.ok(opened && 'state' in opened && opened.state === 'confirmed');
  }));
