import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { noParking } from './fake-tuning.ts';
import { anIncident } from './fakes.ts';
import { type Harness, startConsole } from './harness.ts';

describe('verdicts over the API', () => {
  let box: Harness;
  let guard: string;
  before(async () => {
    box = await startConsole();
    await box.as('administrator');
    guard = await box.as('guard');
  });
  after(() => box.stop());

  const label = (id: string, body: unknown) =>
    box.call('POST', `/api/incidents/${id}/label`, { cookie: guard, body });

  it('are kept once for a request, name the guard and are audited', async () => {
    const { id } = anIncident();
    box.incidents.put(anIncident({ id }));
    const body = { request: crypto.randomUUID(), verdict: { label: 'false-alarm', reason: 'allowed' } };
    for (let i = 0; i < 3; i++) assert.equal((await label(id, body)).status, 200);
    const { body: kept } = await box.call('GET', `/api/incidents/${id}/labels`, { cookie: guard });
    const verdict = box.incidents.get(id)?.handling.verdict;
    assert.deepEqual([verdict?.by, verdict?.reason], ['guard', 'allowed']);
    assert.deepEqual(kept.labels, [verdict]);
    assert.equal(box.audit.filter(({ what }) => what === 'label').at(-1)?.who, 'guard');
  });

  it('need a reason for a false alarm, and take none that is not listed', async () => {
    const { id } = anIncident();
    box.incidents.put(anIncident({ id }));
    const request = crypto.randomUUID();
    for (const verdict of [
      { label: 'false-alarm' },
      { label: 'false-alarm', reason: 'bored' },
      { label: 'confirmed', reason: 'allowed' },
      { label: 'confirmed', note: 'x'.repeat(201) },
      { label: 'maybe' },
    ])
      assert.equal((await label(id, { request, verdict })).status, 400, JSON.stringify(verdict));
    assert.equal((await label(id, { verdict: { label: 'confirmed' } })).status, 400);
    assert.equal(box.incidents.get(id)?.handling.state, 'new');
    const unknown = { request, verdict: { label: 'confirmed' } };
    assert.equal((await label(crypto.randomUUID(), unknown)).status, 404);
  });
});

describe('zones over the API', () => {
  let box: Harness;
  let installer: string;
  before(async () => {
    box = await startConsole();
    await box.as('administrator');
    installer = await box.as('installer');
  });
  after(() => box.stop());

  const post = (path: string, body: unknown) => box.call('POST', path, { cookie: installer, body });

  it('are saved upon the version they were drawn on, and audited with both versions', async () => {
    const { body } = await box.call('GET', '/api/cameras/gate-1/zones', { cookie: installer });
    const draft = { zones: [], version: body.version };
    assert.deepEqual((await post('/api/cameras/gate-1/zones', draft)).body, { version: 'v2' });
    assert.equal((await post('/api/cameras/gate-1/zones', draft)).status, 409, 'drawn on the one before');
    const [record] = box.audit.filter(({ what }) => what === 'zones-saved');
    assert.deepEqual(
      [record?.who, record?.on, record?.detail],
      ['installer', 'gate-1', { before: 'v1', after: 'v2' }],
    );
    assert.equal((await post('/api/cameras/gate-9/zones', { zones: [], version: 'v2' })).status, 404);
  });

  it('are refused with the place when they are none', async () => {
    const wrong = {
      ...noParking,
      polygon: [
        [0, 0],
        [2, 0],
        [1, 1],
      ],
    };
    const { status, body } = await post('/api/cameras/gate-1/dry-runs', { zones: [wrong] });
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /zones\.0\.polygon\.1\.0/);
    assert.equal(box.tuning.tried.length, 0);
  });

  it('are tried, asked for and cancelled by id', async () => {
    const begun = await post('/api/cameras/gate-1/dry-runs', { zones: [noParking] });
    assert.deepEqual([begun.status, begun.body.state], [202, 'running']);
    const { body } = await box.call('GET', `/api/dry-runs/${begun.body.id}`, { cookie: installer });
    assert.equal(body.progress, 0.4);
    assert.equal((await post(`/api/dry-runs/${begun.body.id}/cancel`, {})).body.state, 'cancelled');
    assert.equal((await box.call('GET', '/api/dry-runs/none', { cookie: installer })).status, 404);
  });

  it('can be looked back at only with a number for a moment', async () => {
    const at = (query: string) =>
      box.call('GET', `/api/cameras/gate-1/watching${query}`, { cookie: installer });
    assert.equal((await at('?atMs=5000')).body.atMs, 5000);
    assert.equal((await at('?atMs=yesterday')).status, 400);
    assert.equal((await at('?atMs=-1')).status, 400);
  });
});
