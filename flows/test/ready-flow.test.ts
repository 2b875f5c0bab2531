import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '@gatehouse/harness';
import { change } from './fake-runtime.ts';
import { FlowsProcess } from './flows-process.ts';

const tab = 'a1f0c0de00000001';

describe('the ready flow on a new box', () => {
  const flows = new FlowsProcess();
  before(async () => {
    await flows.runtime.start();
    await flows.start();
    await until('the feed connects', () => flows.runtime.readers === 1);
  });
  after(() => flows.close());

  const recent = async () =>
    ((await flows.flowContext(tab, 'recent')) ?? []) as { id: string; late: boolean }[];

  it('receives an incident and remembers it in its context', async () => {
    flows.runtime.publish(change(1));
    await until('one delivered', async () => (await flows.state()).delivered === 1);
    assert.deepEqual(await flows.state(), {
      connected: true,
      delivered: 1,
      lastIncident: {
        id: '00000000-0000-4000-8000-000000000001',
        kind: 'illegal-parking',
        phase: 'opened',
      },
    });
    await until('the function node ran', async () => (await recent()).length === 1);
    assert.equal((await recent())[0]?.id, '00000000-0000-4000-8000-000000000001');
  });

  it('does not receive what its filter keeps out', async () => {
    flows.runtime.publish(change(2, { incident: { ...change(2).incident, kind: 'crowd' } }));
    flows.runtime.publish(change(3, { change: 'acknowledged' }));
    flows.runtime.publish(change(4, { change: 'cleared' }));
    await until('the last arrived', async () => (await recent()).length > 1);
    assert.deepEqual(
      (await recent()).map((r) => r.id.slice(-2)),
      ['04', '01'],
    );
  });

  it('misses and repeats nothing when the runtime restarts', async () => {
    await flows.runtime.stop();
    await until('the loss shows', async () => !(await flows.state()).connected);
    flows.runtime.publish(change(5));
    flows.runtime.publish(change(6));
    await flows.runtime.start();
    await until('both arrived', async () => (await recent()).length === 4);
    flows.runtime.publish(change(7));
    await until('the next arrived', async () => (await recent()).length > 4);
    assert.deepEqual(
      (await recent()).map((r) => r.id.slice(-2)),
      ['07', '06', '05', '04', '01'],
    );
    assert.equal(flows.runtime.resumes.at(-1), '4');
  });

  it('goes on after its own restart where it was, marks what came late, and keeps the installer’s flow', async () => {
    assert.equal(await flows.stop(), 0);
    flows.runtime.publish(change(8, {}, new Date('2026-01-01T00:00:00Z')));
    flows.runtime.publish(change(9));
    await flows.start();
    await until('both arrived', async () => (await flows.state()).delivered === 2);
    await until('the function node ran', async () => (await recent()).length === 2);
    assert.deepEqual(
      (await recent()).map(({ id, late }) => [id.slice(-2), late]),
      [
        ['09', false],
        ['08', true],
      ],
    );
  });

  it('loses nothing that comes while a deploy swaps the flows', async () => {
    const { text } = await flows.call('GET', '/flows/flows', 'token-installer');
    const deploys = Array.from({ length: 5 }, () =>
      flows.call('POST', '/flows/flows', 'token-installer', JSON.parse(text)),
    );
    for (let n = 10; n < 60; n++) {
      flows.runtime.publish(change(n));
      if (n % 5 === 0) await flows.callApi('GET', '/gatehouse/state');
    }
    for (const deploy of deploys) assert.equal((await deploy).status, 204);
    await until('all arrived', async () => (await flows.state()).delivered === 52);
  });

  it('reports its health with what it delivered', async () => {
    await until('a report', () => flows.runtime.health.length > 0);
    assert.equal(flows.runtime.health[0]?.status, 'ok');
    assert.match(flows.runtime.health[0]?.detail ?? '', /incidents delivered: 0/);
  });

  it('keeps the secret of stored credentials to itself, and across restarts', async () => {
    const path = join(flows.userDir, 'credential-secret');
    const secret = readFileSync(path, 'utf8');
    assert.match(secret, /^[0-9a-f]{64}$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(flows.userDir).mode & 0o777, 0o700);
    await flows.stop();
    await flows.start();
    assert.equal(readFileSync(path, 'utf8'), secret);
  });
});
