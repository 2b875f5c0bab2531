import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseSite, type Site } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { sleep, systemClock } from '@gatehouse/kit';
import { nowMs } from '../simulators/now.ts';
import { StepGatePlant } from '../simulators/plants.ts';
import { RelayBoard } from '../simulators/relay-board.ts';
import { TcpSlave } from '../simulators/tcp-slave.ts';
import { Service } from './rig.ts';

/** For as long a gate is not pressed again; far longer than a command needs on a busy machine. */
const moveWithinMs = 6_000;

/** A site of one such gate and a fire input. */
const siteText = (port: number) => `version: 1
site: { id: test, name: { zh-CN: 测试, en: Test } }
box: { id: box-1 }
buses: [{ id: bus, kind: modbus-tcp, host: 127.0.0.1, port: ${port}, timeoutMs: 1000 }]
devices:
  - id: yard-gate
    kind: gate
    name: { zh-CN: 院门, en: Yard gate }
    control: step-by-step
    bus: bus
    unit: 1
    profile: gate-one-button-waveshare-8ch
    outputs: { open: 0 }
    inputs: { open: 0, closed: 1 }
    pulseMs: 200
    moveWithinMs: ${moveWithinMs}
    failMode: secure
    onFire: none
inputs:
  - { id: fire, kind: fire, name: { zh-CN: 火警, en: Fire }, bus: bus, unit: 1, profile: gate-one-button-waveshare-8ch, channel: 7 }
`;

function siteOf(port: number): Site {
  const result = parseSite(siteText(port));
  assert.ok(result.ok, JSON.stringify(result));
  return result.site;
}

async function gate(t: TestContext, plant = new StepGatePlant(0, 0, 1, 400, 300)) {
  const switches = { relay: () => undefined, contacts: () => ({ 7: fire.on }) };
  const fire = { on: false };
  const board = new RelayBoard([plant, switches]);
  const slave = new TcpSlave(board);
  await slave.listen(0);
  t.after(() => slave.close());
  const start = async () => {
    const service = await Service.start(siteOf(slave.port));
    t.after(() => service.stop());
    await until('yard-gate is in contact', async () => (await service.device('yard-gate')).comms === 'ok');
    return service;
  };
  return { plant, board, fire, start };
}

/** The fate of an order to open. */
async function opens(service: Service): Promise<string> {
  const { state, reason } = await service.command('yard-gate', 'open');
  return `${state} ${reason ?? ''}`.trim();
}

/** Asks again until it may be pressed: five times a second, because each origin has a rate. */
async function untilFree(service: Service): Promise<string> {
  for (let tries = 0; tries < 150; tries++) {
    const said = await opens(service);
    if (said !== 'rejected ON_ITS_WAY') return said;
    await sleep(systemClock, 200);
  }
  return assert.fail('it was never free again');
}

test('a gate with one button is pressed at its closed end only, and once', async (t) => {
  const { plant, start } = await gate(t);
  const service = await start();
  assert.equal(
    await opens(service),
    'rejected ON_ITS_WAY',
    'what was pressed right before the start is not known',
  );
  assert.equal(plant.steps, 0);
  assert.equal(await untilFree(service), 'confirmed');
  assert.equal(plant.steps, 1);
  assert.equal((await service.device('yard-gate')).position, 'open');
  assert.equal(await opens(service), 'rejected NOT_CLOSED', 'a step would close it');
  assert.deepEqual((await service.device('yard-gate')).actions, ['open']);
  for (const action of ['close', 'stop', 'hold-open'] as const) {
    const { state } = await service.command('yard-gate', action);
    assert.equal(state, 'rejected', action);
  }
  assert.equal(plant.steps, 1);
});

test('a second order while it is still about to move does not stop it', async (t) => {
  // It leaves its closed end only after the second order has come.
  const { plant, start } = await gate(t, new StepGatePlant(0, 0, 1, 300, 1_200));
  const service = await start();
  const first = untilFree(service);
  await until('one step', () => plant.steps === 1);
  // On a very busy machine it may have left its closed end by then.
  assert.match(await opens(service), /^rejected (ON_ITS_WAY|NOT_CLOSED)$/);
  await first;
  assert.equal(plant.steps, 1);
  await until('the gate is open', () => plant.position(nowMs()) >= 1);
});

test('one that was moved by hand is not pressed on an old reading: the box looks first', async (t) => {
  const { plant, start } = await gate(t, new StepGatePlant(0, 0, 1, 60_000, 0));
  const service = await start();
  await until('yard-gate is closed', async () => (await service.device('yard-gate')).position === 'closed');
  plant.step(nowMs());
  // It has left its closed end; whatever was read before does not count.
  await until('the gate has left its closed end', () => plant.contacts(nowMs())[1] === false);
  const said = await opens(service);
  assert.match(said, /^rejected (NOT_CLOSED|ON_ITS_WAY)$/);
  assert.equal(plant.steps, 1);
});

test('a fire presses nothing: what the next step does is not known', async (t) => {
  const { plant, board, fire, start } = await gate(t);
  const service = await start();
  fire.on = true;
  await until('the fire is latched', async () =>
    JSON.stringify(await service.client.call('GET', '/fire')).includes('"latched":true'),
  );
  // Long enough for a hold that was to come to have been tried again.
  const polls = board.requests;
  await until('20 more polls', () => board.requests > polls + 20);
  assert.deepEqual(board.writes, []);
  assert.equal(plant.steps, 0);
});

const mistakes: readonly (readonly [what: string, from: string, to: string, said: RegExp])[] = [
  [
    'a hold',
    '    onFire: none',
    '    onFire: none\n    hold: {}',
    /devices\[0\]\.hold: a held button is one step.*expected no "hold"/,
  ],
  [
    'a fire that opens it',
    '    onFire: none',
    '    onFire: open',
    /devices\[0\]\.onFire: .*expected onFire: none/,
  ],
  ['nothing said of a fire', '\n    onFire: none', '', /devices\[0\]\.onFire: .*expected onFire: none/],
  [
    'no closed contact',
    'inputs: { open: 0, closed: 1 }',
    'inputs: { open: 0 }',
    /devices\[0\]\.inputs\.closed: .*expected inputs\.closed/,
  ],
  [
    'a close output',
    'outputs: { open: 0 }',
    'outputs: { open: 0, close: 1 }',
    /devices\[0\]\.outputs: step-by-step has one terminal; expected the output "open"/,
  ],
  [
    'a barrier',
    'kind: gate',
    'kind: barrier',
    /devices\[0\]\.control: step-by-step is for gates, .*expected control: terminals/,
  ],
];
for (const [what, from, to, said] of mistakes)
  test(`a gate with one button and ${what} is a mistake that is named`, () => {
    const good = siteText(502);
    assert.ok(parseSite(good).ok);
    assert.ok(good.includes(from));
    const result = parseSite(good.replace(from, to));
    const problems = result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
    assert.match(problems.join('\n'), said);
  });
