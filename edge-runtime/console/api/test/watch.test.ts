import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { hashToken } from '../auth/secrets.ts';
import { anIncident } from './fakes.ts';
import type { Harness } from './harness.ts';
import { eventsOf, startConsole } from './harness.ts';

let box: Harness;
let cookie: string;
beforeEach(async () => {
  box = await startConsole();
  cookie = await box.as('guard');
});
afterEach(() => box.stop());

const name = { 'zh-CN': '求助按钮', en: 'Help button' };
const follow = async (headers: Record<string, string> = {}) =>
  eventsOf(await box.open('/api/events', { cookie, ...headers }));

describe('incidents', () => {
  it('are acknowledged once, by name and time, and audited; the condition stays as it is', async () => {
    const incident = anIncident();
    box.incidents.put(incident);
    const path = `/api/incidents/${incident.id}/acknowledge`;
    const { body } = await box.call('POST', path, { cookie, body: {} });
    assert.equal(body.phase, 'opened');
    const handling = body.handling as { state: string; by: string; at: string };
    assert.equal(handling.state, 'acknowledged');
    assert.equal(handling.by, 'guard');
    assert.equal(Date.parse(handling.at), box.clock.epochMs());
    const again = await box.call('POST', path, { cookie: await box.as('supervisor'), body: {} });
    assert.deepEqual(again.body.handling, body.handling);
    assert.equal(box.audit[0]?.on, incident.id);
  });

  it('come by page, and a page is never over 200', async () => {
    for (let i = 0; i < 3; i++) box.incidents.put(anIncident({ openedAt: `2026-11-23T0${i}:00:00+08:00` }));
    const first = await box.call('GET', '/api/incidents?limit=2', { cookie });
    assert.equal((first.body.incidents as unknown[]).length, 2);
    const rest = await box.call('GET', `/api/incidents?limit=2&before=${first.body.next}`, { cookie });
    assert.equal((rest.body.incidents as unknown[]).length, 1);
    assert.equal(rest.body.next, undefined);
    for (const query of ['limit=201', 'limit=x', 'condition=maybe', 'order=asc'])
      assert.equal((await box.call('GET', `/api/incidents?${query}`, { cookie })).status, 400, query);
  });

  it('have stills that no cache keeps, under known names only', async () => {
    const incident = anIncident();
    box.incidents.put(incident);
    box.incidents.stills.set(`${incident.id}/opened`, new Uint8Array([0xff, 0xd8, 0xff]));
    const still = await box.call('GET', `/api/incidents/${incident.id}/stills/opened`, { cookie });
    assert.equal(still.headers.get('content-type'), 'image/jpeg');
    assert.equal(still.headers.get('cache-control'), 'no-store');
    for (const [name, status] of [
      ['cleared', 404],
      ['..%2f..%2fevents.db', 400],
    ] as const)
      assert.equal(
        (await box.call('GET', `/api/incidents/${incident.id}/stills/${name}`, { cookie })).status,
        status,
      );
  });
});

describe('the event stream', () => {
  it('starts with everything there is and then tells every change', async () => {
    const incident = anIncident();
    box.incidents.put(incident);
    const events = await follow();
    const state = await events.next();
    assert.equal(state.event, 'state');
    assert.equal(state.id, 'e-1');
    const { incidents, devices, inputs, fire, cameras, uplink } = state.data as Record<string, unknown[]>;
    assert.deepEqual(incidents, [incident]);
    assert.equal(devices?.length, 2);
    assert.deepEqual(inputs, []);
    assert.deepEqual(fire, box.devices.latch.current);
    assert.equal(cameras?.length, 1);
    assert.deepEqual(uplink, box.uplink.current);
    box.incidents.put({ ...incident, phase: 'cleared' });
    box.cameras.put({ id: 'gate-1', state: 'stale', frameAgeMs: 9000, analysedFps: 0, reconnects: 1 });
    box.uplink.put({ status: { state: 'down' }, backlog: 7 });
    box.devices.contacts.put({ id: 'help', kind: 'help', name, state: 'active', comms: 'ok', ageMs: 90 });
    box.devices.latch.put({ latched: true, active: ['fire'], unknown: [] });
    assert.deepEqual(await events.next(), {
      id: 'e-2',
      event: 'incident',
      data: { ...incident, phase: 'cleared' },
    });
    assert.equal((await events.next()).event, 'camera');
    assert.equal((await events.next()).event, 'uplink');
    assert.deepEqual(await events.next(), {
      event: 'input',
      data: { id: 'help', kind: 'help', name, state: 'active', comms: 'ok', ageMs: 90 },
    });
    assert.deepEqual((await events.next()).data, { latched: true, active: ['fire'], unknown: [] });
    events.stop();
  });

  it('resumes after Last-Event-ID with what was missed, in order, and nothing twice', async () => {
    const [a, b, c] = [anIncident(), anIncident(), anIncident()];
    for (const incident of [a, b]) box.incidents.put(incident);
    box.incidents.put(c);
    const events = await follow({ 'last-event-id': 'e-1' });
    const state = await events.next();
    assert.equal(state.id, undefined, 'a reader cut off here must still resume from e-1');
    assert.equal('incidents' in (state.data as object), false);
    assert.deepEqual([(await events.next()).id, (await events.next()).id], ['e-2', 'e-3']);
    box.incidents.put(a);
    assert.equal((await events.next()).id, 'e-4');
    events.stop();
  });

  it('sends everything anew to a reader whose last event is not known', async () => {
    box.incidents.put(anIncident());
    const events = await follow({ 'last-event-id': 'of-another-epoch' });
    const state = await events.next();
    assert.equal((state.data as { incidents: unknown[] }).incidents.length, 1);
    events.stop();
  });

  it('loses no change that happens while the first picture is gathered', async () => {
    const incident = anIncident();
    const list = box.devices.list.bind(box.devices);
    box.devices.list = () => {
      box.incidents.put(incident);
      return list();
    };
    const events = await follow();
    await events.next();
    assert.deepEqual((await events.next()).data, incident);
    events.stop();
  });

  it('beats, so that silence means a lost box', async () => {
    const events = await follow();
    await events.next();
    await box.clock.advance(5_000);
    assert.equal((await events.next()).event, 'beat');
    events.stop();
  });

  it("ends with the log-out of who opened it, and with nobody else's", async () => {
    const other = await box.as('supervisor');
    const events = await follow();
    await events.next();
    await box.call('POST', '/api/logout', { cookie: other, body: {} });
    await box.clock.advance(5_000);
    assert.equal((await events.next()).event, 'beat');
    await box.call('POST', '/api/logout', { cookie, body: {} });
    await assert.rejects(events.next(), /ended/);
  });

  it('ends at the next beat when the login has run out', async () => {
    const events = await follow();
    await events.next();
    box.users.removeSession(hashToken(cookie.split('=')[1] ?? ''));
    await box.clock.advance(5_000);
    await assert.rejects(events.next(), /ended/);
  });

  it('leaves no listener and no timer behind when its reader goes', async () => {
    const events = await follow();
    await events.next();
    assert.equal(box.incidents.listeners.size, 1);
    events.stop();
    while (box.incidents.listeners.size > 0) await new Promise((resolve) => setImmediate(resolve));
    for (const { changes } of [
      box.devices,
      box.devices.contacts,
      box.devices.sensors,
      box.devices.latch,
      box.cameras,
      box.uplink,
    ])
      assert.equal(changes.size, 0);
    assert.equal(box.clock.pendingTimers, 0);
  });
});
