import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Incident, IncidentChange } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { change } from './fake-runtime.ts';
import { FlowsProcess } from './flows-process.ts';

const examples = join(import.meta.dirname, '..', 'examples');
const helpTab = 'a1f0c0de00000003';
const scheduleTab = 'a1f0c0de00000004';
const ownTab = 'e0';

/** An alarm of a device or of a dry contact, as the runtime publishes it. */
export function deviceChange(
  sequence: number,
  over: Partial<Incident>,
  what: IncidentChange['change'] = 'opened',
) {
  const { camera: _, zone: __, ...incident } = change(sequence).incident;
  return change(sequence, { change: what, incident: { ...incident, ...over } });
}
const help = (sequence: number, what: IncidentChange['change'] = 'opened', id?: string) =>
  deviceChange(
    sequence,
    {
      kind: 'emergency',
      device: 'lobby-help',
      priority: 1,
      ...(id ? { id } : {}),
      evidence: { sinceMs: 0, atMs: 0, gates: [{ name: 'input', value: 'help', passed: true }] },
    },
    what,
  );

/** A flow of the test's own: it remembers forced doors and the input node's errors when it hears nothing. */
const remember = (key: string, what: string) =>
  `const all = flow.get('${key}') || []; all.push(${what}); flow.set('${key}', all); return null;`;
const own = [
  { id: ownTab, type: 'tab', label: 't' },
  {
    id: 'e1',
    type: 'gatehouse-device-event-in',
    z: ownTab,
    kinds: ['door-forced', 'input-alarm'],
    changes: ['opened', 'reading'],
    device: '',
    signal: '',
    late: 'deliver',
    wires: [['e2']],
  },
  { id: 'e2', type: 'function', z: ownTab, func: remember('seen', 'msg'), outputs: 1, libs: [], wires: [[]] },
  { id: 'e3', type: 'catch', z: ownTab, scope: ['e1'], wires: [['e4']] },
  {
    id: 'e4',
    type: 'function',
    z: ownTab,
    func: remember('errors', 'msg'),
    outputs: 1,
    libs: [],
    wires: [[]],
  },
];

interface Seen {
  readonly topic: string;
  readonly device: string;
  readonly signal?: string;
  readonly payload: { readonly id: string };
}

interface Reading {
  readonly topic: string;
  readonly device: string;
  readonly change: string;
  readonly payload: { readonly values: readonly { readonly value?: number }[] };
}

describe('alarms of doors and inputs in flows', () => {
  const flows = new FlowsProcess();
  before(async () => {
    const ready = ['help-emergency', 'gate-schedule'].flatMap((name) =>
      JSON.parse(readFileSync(join(examples, `${name}.json`), 'utf8')),
    );
    const enabled = ready.map((node) => (node.type === 'tab' ? { ...node, disabled: false } : node));
    flows.putFlows([...enabled, ...own]);
    await flows.runtime.start();
    await flows.start();
    await until('the feed connects', () => flows.runtime.readers === 1);
  });
  after(() => flows.close());

  const context = async <T>(tab: string, key: string) => ((await flows.flowContext(tab, key)) ?? []) as T;
  const press = (id: string) =>
    until('the button works', async () => {
      const { status } = await flows.call('POST', `/flows/inject/${id}`, 'token-installer', {});
      return status === 200;
    });

  it('come out with their device and what the dry contact signals; others do not', async () => {
    flows.runtime.publish(change(1));
    flows.runtime.publish(deviceChange(2, { kind: 'door-held-open', device: 'yard-door' }));
    flows.runtime.publish(deviceChange(3, { kind: 'door-forced', device: 'yard-door' }));
    const evidence = { sinceMs: 0, atMs: 0, gates: [{ name: 'input', value: 'smoke', passed: true }] };
    flows.runtime.publish(deviceChange(4, { kind: 'input-alarm', device: 'garage', evidence }));
    await until('both came', async () => (await context<Seen[]>(ownTab, 'seen')).length >= 2);
    assert.deepEqual(
      (await context<Seen[]>(ownTab, 'seen')).map(({ topic, device, signal }) => [topic, device, signal]),
      [
        ['door-forced', 'yard-door', undefined],
        ['input-alarm', 'garage', 'smoke'],
      ],
    );
  });

  it('a sensor is read where readings are asked for, live only, and a lost one has no value', async () => {
    const state = (value?: number) => ({
      id: 'pump-room',
      name: { 'zh-CN': '水泵房', en: 'Pump room' },
      pollS: 5,
      comms: value === undefined ? ('lost' as const) : ('ok' as const),
      values: [
        {
          id: 'temperature',
          name: { 'zh-CN': '温度', en: 'Temperature' },
          unit: '°C',
          ...(value === undefined ? { state: 'unknown' as const } : { value, state: 'normal' as const }),
        },
      ],
    });
    flows.runtime.sense(state(23.5));
    flows.runtime.sense(state());
    const readings = async () =>
      (await context<Reading[]>(ownTab, 'seen')).filter(({ topic }) => topic === 'reading');
    await until('both came', async () => (await readings()).length === 2);
    assert.deepEqual(
      (await readings()).map(({ device, change: what, payload }) => [device, what, payload.values[0]?.value]),
      [
        ['pump-room', 'reading', 23.5],
        ['pump-room', 'reading', undefined],
      ],
    );
  });

  it('help button: prompts at once, and until somebody acknowledges it', async () => {
    flows.runtime.publish(help(5));
    await until('a prompt', async () => (await context<number>(helpTab, 'prompts')) === 1);
    const acknowledged = help(6, 'acknowledged', help(5).incident.id);
    flows.runtime.publish(acknowledged);
    await until('the acknowledgement', async () => (await context<object[]>(helpTab, 'recent')).length === 2);
    assert.deepEqual(
      (await context<{ device: string; change: string; late: boolean }[]>(helpTab, 'recent')).map(
        ({ device, change: what, late }) => [device, what, late],
      ),
      [
        ['lobby-help', 'acknowledged', false],
        ['lobby-help', 'opened', false],
      ],
    );
    assert.equal(await context<number>(helpTab, 'prompts'), 1, 'an acknowledgement is no prompt');
  });

  it('help button: the prompt repeats every 60 s and is reset for each help by itself', () => {
    const nodes = JSON.parse(readFileSync(join(examples, 'help-emergency.json'), 'utf8'));
    const trigger = nodes.find(({ type }: { type: string }) => type === 'trigger');
    assert.deepEqual([trigger.duration, trigger.units, trigger.bytopic], ['-60', 's', 'topic']);
  });

  it('gate by schedule: asks for the movement in its own name, and says when it is not done', async () => {
    await press('a1f0c0de00000041');
    await until('it was asked', () => flows.runtime.requests.length === 1);
    const { device, body } = flows.runtime.requests[0] ?? {};
    assert.deepEqual(
      [device, body?.action, body?.user, body?.reason],
      ['yard-gate', 'open', '按时开大门', '按时开门'],
    );
    await until(
      'it is noted',
      async () => (await context<{ state?: string }>(scheduleTab, 'last')).state === 'confirmed',
    );
    flows.runtime.answerRequest = (_device, _body, response) => response.destroy();
    await press('a1f0c0de00000043');
    await until('it says so', async () =>
      /按时关门没有完成：yard-gate，.*PEER_DOWN/.test(await context(scheduleTab, 'notice')),
    );
    assert.equal(flows.runtime.requests.at(-1)?.body.action, 'close');
  });

  it('say once, to catch nodes, that they are no longer heard, and miss nothing afterwards', async () => {
    await flows.runtime.stop();
    await until('the loss shows', async () => !(await flows.state()).connected);
    flows.runtime.publish(deviceChange(7, { kind: 'door-forced', device: 'yard-door' }));
    await flows.runtime.start();
    await until('the error', async () => (await context<object[]>(ownTab, 'errors')).length === 1);
    const [error] = await context<{ error: { message: string } }[]>(ownTab, 'errors');
    assert.match(
      error?.error.message ?? '',
      /RUNTIME_LOST: the runtime does not answer: alarms of doors and inputs do not reach flows/,
    );
    await until('what was missed', async () => (await context<Seen[]>(ownTab, 'seen')).length === 5);
    assert.equal((await context<object[]>(ownTab, 'errors')).length, 1);
  });
});
