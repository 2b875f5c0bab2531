import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { until } from '@gatehouse/harness';
import { confirmed, json, outcome, refuse } from './fake-runtime.ts';
import { FlowsProcess } from './flows-process.ts';

interface Seen {
  readonly payload?: { state: string; commandId: string };
  readonly commandId?: string;
  readonly request?: { device: string; action: string; commandId: string };
  readonly error?: { message: string };
}

const commandId = '7f1c9a52-60a3-4f7e-9a0f-0b8a4c1d2e3f';
const remember = (key: string) =>
  `const all = flow.get('${key}') || []; all.push(msg); flow.set('${key}', all); return null;`;
const flow = [
  { id: 'd0', type: 'tab', label: 't' },
  {
    id: 'd1',
    type: 'inject',
    z: 'd0',
    props: [{ p: 'payload' }],
    payload: '',
    payloadType: 'date',
    wires: [['d2']],
  },
  {
    id: 'd2',
    type: 'gatehouse-device-request',
    z: 'd0',
    name: '开院门',
    device: 'yard-door',
    action: 'open',
    wires: [['d3']],
  },
  { id: 'd3', type: 'function', z: 'd0', func: remember('outcomes'), outputs: 1, libs: [], wires: [[]] },
  { id: 'd4', type: 'catch', z: 'd0', scope: ['d2'], wires: [['d5']] },
  { id: 'd5', type: 'function', z: 'd0', func: remember('errors'), outputs: 1, libs: [], wires: [[]] },
];

describe('a door request from a flow', () => {
  const flows = new FlowsProcess();
  before(async () => {
    flows.putFlows(flow);
    await flows.runtime.start();
    await flows.start();
    await until('flows run', () => flows.runtime.readers === 1);
  });
  after(() => flows.close());
  // Each test deploys the flow under new ids: an empty context and a rate limit of its own.
  let run = 0;
  beforeEach(async () => {
    flows.runtime.requests.length = 0;
    flows.runtime.answerRequest = confirmed;
    run++;
    const fresh = JSON.parse(JSON.stringify(flow).replace(/"(d\d)"/g, `"$1-${run}"`));
    const { status } = await flows.call('POST', '/flows/flows', 'token-installer', fresh);
    assert.equal(status, 204);
  });

  /** Presses the inject button with a message of its own, as soon as the deploy has started it. */
  const press = (properties: Record<string, string> = {}) =>
    until('the button works', async () => {
      const { status } = await flows.call('POST', `/flows/inject/d1-${run}`, 'token-installer', {
        __user_inject_props__: Object.entries(properties).map(([p, v]) => ({ p, v, vt: 'str' })),
      });
      return status === 200;
    });
  const seen = async (key: 'outcomes' | 'errors', count: number) => {
    const read = async () => ((await flows.flowContext(`d0-${run}`, key)) ?? []) as Seen[];
    await until(`${count} ${key}`, async () => (await read()).length >= count);
    return read();
  };

  it('is sent once, in the name of the node, and its outcome comes out', async () => {
    await press({ reason: '送货' });
    const [first] = await seen('outcomes', 1);
    assert.equal(flows.runtime.requests.length, 1);
    const { device, body } = flows.runtime.requests[0] ?? {};
    assert.equal(device, 'yard-door');
    assert.deepEqual(
      [body?.action, body?.user, body?.reason, body?.holdS],
      ['open', '开院门', '送货', undefined],
    );
    assert.equal(first?.payload?.state, 'confirmed');
    assert.equal(first?.payload?.commandId, body?.commandId);
  });

  it('has a commandId of its own for each message, or the one the message brings, which is not passed on', async () => {
    await press();
    await press();
    await press({ commandId });
    const outcomes = await seen('outcomes', 3);
    const ids = flows.runtime.requests.map(({ body }) => body.commandId);
    assert.equal(new Set(ids).size, 3);
    assert.equal(ids[2], commandId);
    assert.equal(outcomes[2]?.commandId, undefined);
  });

  it('that holds open says for how long', async () => {
    const hold = JSON.parse(JSON.stringify(flow).replace(/"(d\d)"/g, `"$1-${run}"`));
    hold[2].action = 'hold-open';
    hold[2].holdMinutes = '15';
    await flows.call('POST', '/flows/flows', 'token-installer', hold);
    await press();
    await seen('outcomes', 1);
    const { body } = flows.runtime.requests[0] ?? {};
    assert.deepEqual([body?.action, body?.holdS], ['hold-open', 900]);
  });

  it('that is rejected is an outcome, not an error', async () => {
    flows.runtime.answerRequest = (device, body, response) =>
      json(response, 200, outcome(device, body, { state: 'rejected', reason: 'LOOP_OCCUPIED' }));
    await press();
    assert.equal((await seen('outcomes', 1))[0]?.payload?.state, 'rejected');
  });

  it('that the runtime refuses goes to the catch node with code, remedy and commandId', async () => {
    flows.runtime.answerRequest = (_device, _body, response) => refuse(response, 404, 'DEVICE_UNKNOWN');
    await press({ commandId });
    const [error] = await seen('errors', 1);
    assert.match(error?.error?.message ?? '', /DEVICE_UNKNOWN: DEVICE_UNKNOWN happened\. Try less\.$/);
    assert.deepEqual(error?.request, { device: 'yard-door', action: 'open', commandId });
  });

  it('that gets no answer fails at once and is not made up for afterwards', async () => {
    flows.runtime.answerRequest = (_device, _body, response) => response.destroy();
    await press();
    const [error] = await seen('errors', 1);
    assert.match(error?.error?.message ?? '', /PEER_DOWN: runtime did not answer/);
    flows.runtime.answerRequest = confirmed;
    await until('the feed is back', () => flows.runtime.readers === 1);
    assert.equal(flows.runtime.requests.length, 1);
  });

  it('over ten a minute is not sent', async () => {
    for (let i = 0; i < 11; i++) await press();
    const [error] = await seen('errors', 1);
    assert.match(error?.error?.message ?? '', /FLOW_RATE_LIMIT: "开院门" has asked 10 times/);
    assert.equal((await seen('outcomes', 10)).length, 10);
    assert.equal(flows.runtime.requests.length, 10);
  });

  it('with a commandId that is no UUID is not sent', async () => {
    await press({ commandId: 'again' });
    assert.match((await seen('errors', 1))[0]?.error?.message ?? '', /NODE_INPUT: msg.commandId is no UUID/);
    assert.equal(flows.runtime.requests.length, 0);
  });
});
