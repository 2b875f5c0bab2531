import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FlowsStanding } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { FlowsProcess } from './flows-process.ts';

const tab = { id: 'f0', type: 'tab', label: 't' };
const inject = { id: 'f1', type: 'inject', z: 'f0', props: [], once: true, onceDelay: 0.1, wires: [['f2']] };
const func = (code: string) => ({
  id: 'f2',
  type: 'function',
  z: 'f0',
  func: code,
  outputs: 1,
  libs: [],
  wires: [[]],
});
const running = (value: number) => [tab, inject, func(`flow.set('seen', ${value});`)];
/** A rejection that nobody takes ends the process. */
const deadly = [tab, inject, func(`(async () => { throw new Error('deadly'); })();`)];
/** With an environment variable that is a secret: Node-RED keeps its value among the credentials. */
const withSecret = [
  { ...tab, id: 's0', env: [{ name: 'KEY', type: 'cred', value: '' }] },
  { ...inject, id: 's1', z: 's0', wires: [['s2']] },
  { ...func(`flow.set('seen', env.get('KEY'));`), id: 's2', z: 's0' },
];

describe('flows from the platform', () => {
  const flows = new FlowsProcess();
  before(async () => {
    flows.putFlows(running(1));
    await flows.runtime.start();
    await flows.start();
    await seen(1);
  });
  after(() => flows.close());

  const standing = async () =>
    FlowsStanding.parse(JSON.parse((await flows.callApi('GET', '/gatehouse/flows')).text));
  const deploy = async (version: number, wanted: unknown, digest?: string) =>
    flows.callApi('PUT', '/gatehouse/flows', {
      version,
      flows: wanted,
      before: digest ?? (await standing()).digest,
    });
  const post = (what: string, version: number) =>
    flows.callApi('POST', `/gatehouse/flows/${what}`, { version });
  const seen = (value: unknown, id = 'f0') =>
    until(`flow sets ${value}`, async () => (await flows.flowContext(id, 'seen')) === value);
  const code = ({ text }: { text: string }) => JSON.parse(text).error.code;
  const kept = () => join(flows.userDir, 'flows-before-deployment.json');

  it('are deployed and run, again after a restart, and taken back to what was there', async () => {
    const first = await standing();
    assert.equal((await deploy(2, running(2))).status, 200);
    await seen(2);
    assert.equal((await deploy(2, running(2))).status, 200, 'a repeat is nothing new');
    await flows.stop();
    await flows.start();
    await seen(2);
    assert.notEqual((await standing()).instance, first.instance);
    assert.equal((await post('undo', 2)).status, 204);
    await seen(1);
    assert.equal((await standing()).digest, first.digest);
    assert.equal((await post('undo', 2)).status, 204, 'a repeat is nothing new');
    assert.equal(existsSync(kept()), false);
  });

  it('overwrite nothing that was changed since, and a roll-back neither', async () => {
    const old = (await standing()).digest;
    assert.equal((await flows.call('POST', '/flows/flows', 'token-installer', running(3))).status, 204);
    assert.equal(code(await deploy(4, running(4), old)), 'LOCALLY_EDITED');
    await deploy(5, running(5));
    await flows.call('POST', '/flows/flows', 'token-installer', running(6));
    const byHand = (await standing()).digest;
    assert.equal((await post('undo', 5)).status, 204);
    assert.equal((await standing()).digest, byHand);
  });

  it('with a type that is not offered are not deployed, because then no flow at all would run', async () => {
    const digest = (await standing()).digest;
    assert.equal(
      code(await deploy(7, [...running(7), { id: 'e', type: 'exec', z: 'f0' }])),
      'FLOW_TYPE_UNKNOWN',
    );
    assert.deepEqual([(await standing()).digest, existsSync(kept())], [digest, false]);
    const sub = { id: 'sub', type: 'subflow', name: 's' };
    assert.equal(
      (await deploy(8, [...running(8), sub, { id: 'u', type: 'subflow:sub', z: 'f0' }])).status,
      200,
    );
    await seen(8);
    await post('release', 8);
    assert.equal(existsSync(kept()), false);
  });

  it('that fail as they start are counted', async () => {
    assert.equal((await standing()).startErrors, 0);
    await deploy(9, [tab, inject, func('this is no program')]);
    await until('counted', async () => (await standing()).startErrors > 0);
    await post('undo', 9);
    await until('well again', async () => (await standing()).startErrors === 0);
  });

  it('taken back bring their credentials with them, which leave the directory at no time', async () => {
    const put = { flows: withSecret, credentials: { s0: { KEY: 'hunter2' } } };
    const answer = await flows.call(
      'POST',
      '/flows/flows',
      'token-installer',
      put.flows.map((node) => (node.id === 's0' ? { ...node, credentials: put.credentials.s0 } : node)),
    );
    assert.equal(answer.status, 204, answer.text);
    await seen('hunter2', 's0');
    await deploy(10, running(10));
    await seen(10);
    assert.equal(statSync(kept()).mode & 0o077, 0);
    assert.doesNotMatch(readFileSync(kept(), 'utf8'), /hunter2/);
    assert.doesNotMatch((await flows.callApi('GET', '/gatehouse/flows')).text, /hunter2|\$/);
    await flows.stop();
    await flows.start();
    await post('undo', 10);
    await seen('hunter2', 's0');
    await flows.stop();
    await flows.start();
    await seen('hunter2', 's0');
  });

  it('that end the process again and again give way to those before them, while nobody is there to ask', async () => {
    const before = (await standing()).digest;
    await deploy(11, deadly).catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'ECONNRESET'));
    assert.equal(await flows.exited(), 70);
    for (let n = 0; n < 3; n++) {
      await flows.start().catch(() => undefined);
      assert.equal(await flows.exited(), 70, `start ${n}`);
    }
    await flows.start();
    assert.equal((await standing()).digest, before);
    await seen('hunter2', 's0');
    assert.equal(existsSync(kept()), false);
  });

  it('are nothing that anybody can ask for on the editor’s socket, and the editor is not on theirs', async () => {
    for (const path of ['/gatehouse/flows', '/gatehouse/state', '/flows/gatehouse/flows'])
      assert.equal((await flows.call('GET', path, 'token-installer')).status, 404, path);
    for (const path of [
      '/flows/../gatehouse/flows',
      '/flows/%2e%2e/gatehouse/flows',
      '/flows/..%5cgatehouse/flows',
    ])
      assert.equal((await flows.call('GET', path, 'token-installer')).status, 400, path);
    for (const path of ['/flows/', '/flows/settings', '/flows/flows'])
      assert.equal(
        (await flows.call('GET', path, 'token-installer', undefined, flows.apiSocket)).status,
        404,
      );
  });
});
