import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { DeviceEvent } from '@gatehouse/contracts';
import type { EventStore } from '@gatehouse/store';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { at, incident, opening, openStore } from './fixtures.ts';

const dayMs = 86_400_000;
const terms = { alarms: 30, logs: 183, transfers: 1096 };

function prune(store: EventStore, nowMs: number): string[] {
  const gone: string[] = [];
  for (let more = true; more; ) {
    const step = store.prune(nowMs);
    gone.push(...step.incidents);
    more = step.more;
  }
  return gone;
}

const comms = (): DeviceEvent => ({
  type: 'comms',
  id: randomUUID(),
  sequence: 1,
  at,
  device: 'barrier',
  comms: 'lost',
});
const sent = { eventclass: 'door', type: 'gatehouse.device-comms.v1', time: at, data: {} } as const;

const act = fc.record({
  do: fc.constantFrom('incident', 'incident', 'device', 'audit', 'transfer', 'wait', 'wait', 'acknowledge'),
  clear: fc.boolean(),
  told: fc.boolean(),
  days: fc.double({ min: 0.5, max: 90, noNaN: true }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/**
 * A store with a history, and the oracle's memory of each record: its time, and the number up to which it
 * must be sent.
 */
function live(t: TestContext, acts: readonly Act[]) {
  const { store, clock, file } = openStore(t);
  const kept = {
    incidents: [] as Kept[],
    devices: [] as Kept[],
    audits: [] as Kept[],
    transfers: [] as Kept[],
  };
  const numbers = { alarm: 0, door: 0 };
  const acked = { alarm: 0, door: 0 };
  const now = () => ({ ms: clock.epochMs(), open: false, number: 0 });
  const doing: Record<string, (one: Act, n: number) => void> = {
    wait: ({ days }) => clock.stepWall(Math.round(days * dayMs)),
    incident({ clear, told }) {
      const subject = incident({ phase: clear ? 'cleared' : 'opened' });
      const { outbox, ...quiet } = opening(subject);
      store.commit([told && outbox ? { ...quiet, outbox } : quiet]);
      const number = told ? ++numbers.alarm : 0;
      kept.incidents.push({ ...now(), key: subject.id, open: !clear, number });
    },
    device() {
      const event = comms();
      store.ingestDeviceEvents([event], () => ({ outbox: sent, incidents: [] }));
      kept.devices.push({ ...now(), key: event.id, number: ++numbers.door });
    },
    audit(_, n) {
      store.accounts.recordAudit({ at, who: 'wang', what: `a-${n}` });
      kept.audits.push({ ...now(), key: `a-${n}` });
    },
    transfer(_, n) {
      store.transfers.record({ recipient: `r-${n}`, purpose: 'p', who: 'wang', what: { faces: 1 } });
      kept.transfers.push({ ...now(), key: `r-${n}` });
    },
    acknowledge({ share }) {
      for (const eventclass of ['alarm', 'door'] as const) {
        const upTo = Math.max(acked[eventclass], Math.floor(share * numbers[eventclass]));
        acked[eventclass] = upTo;
        store.acknowledgeOutbox({ epoch: store.epoch, eventclass, upTo });
      }
    },
  };
  for (const [n, one] of acts.entries()) doing[one.do]?.(one, n);
  return { store, clock, file, kept, acked };
}
interface Kept {
  readonly key: string;
  readonly ms: number;
  readonly open: boolean;
  readonly number: number;
}

test('exactly what is closed, past its term and with the platform goes; everything else stays', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 60 }), async (acts) => {
      const { store, clock, file, kept, acked } = live(t, acts);
      const nowMs = clock.epochMs();
      const gone = prune(store, nowMs);
      store.stop();
      const db = new Database(file, { readonly: true });
      const left = (sql: string) => db.prepare(sql).pluck().all().sort();
      const stays = (rows: readonly Kept[], days: number, sentUpTo: number) =>
        rows
          .filter(({ ms, open, number }) => open || ms >= nowMs - days * dayMs || number > sentUpTo)
          .map(({ key }) => key)
          .sort();
      const incidents = stays(kept.incidents, terms.alarms, acked.alarm);
      assert.deepEqual(left('SELECT id FROM incidents'), incidents);
      assert.deepEqual(left('SELECT DISTINCT incident FROM incident_changes'), incidents);
      assert.deepEqual(gone.length, kept.incidents.length - incidents.length);
      assert.deepEqual(left('SELECT id FROM device_events'), stays(kept.devices, terms.logs, acked.door));
      assert.deepEqual(left('SELECT what FROM audit'), stays(kept.audits, terms.logs, 0));
      assert.deepEqual(left('SELECT recipient FROM transfers'), stays(kept.transfers, terms.transfers, 0));
      assert.deepEqual(left('SELECT what FROM pruning'), []);
      db.close();
    }),
    { numRuns: 40, seed: 20261126 },
  );
});

test('a label or a still that comes later starts the term again', (t) => {
  const { store, clock } = openStore(t);
  const subject = incident({ phase: 'cleared' });
  store.commit([opening(subject)]);
  store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'alarm', upTo: 1 });
  clock.stepWall(20 * dayMs);
  const { outbox: _, ...later } = opening({ ...subject, stills: ['opened'] });
  store.commit([{ ...later, change: 'updated' }]);
  clock.stepWall(20 * dayMs);
  assert.deepEqual(prune(store, clock.epochMs()), []);
  clock.stepWall(11 * dayMs);
  assert.deepEqual(prune(store, clock.epochMs()), [subject.id]);
});

test('a reading that waits as telemetry does not keep the record of it, whose class may give way', (t) => {
  const { store, clock, file } = openStore(t);
  const reading = { ...sent, eventclass: 'telemetry' } as const;
  store.ingestDeviceEvents([comms(), comms()], () => ({ outbox: reading, incidents: [] }));
  clock.stepWall(184 * dayMs);
  prune(store, clock.epochMs());
  assert.equal(store.outboxBatch('telemetry', 0, 9).events.length, 2);
  store.stop();
  const db = new Database(file, { readonly: true });
  assert.equal(db.prepare('SELECT count(*) FROM device_events').pluck().get(), 0);
  db.close();
});

test('thousands past their term go in steps, those that wait for the platform in between are passed over', (t) => {
  const { store, clock } = openStore(t);
  const all = Array.from({ length: 1300 }, () => opening(incident({ phase: 'cleared' })));
  store.commit(all.slice(0, 700));
  const unsent = all.slice(700).map(({ outbox: _, ...write }) => write);
  store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'alarm', upTo: 100 });
  store.commit(unsent);
  clock.stepWall(31 * dayMs);
  const steps: number[] = [];
  for (let more = true; more; ) {
    const step = store.prune(clock.epochMs());
    steps.push(step.incidents.length);
    more = step.more;
  }
  assert.equal(
    steps.reduce((a, b) => a + b),
    100 + 600,
  );
  assert.ok(Math.max(...steps) <= 25 && steps.length >= 28);
});

test('nothing but retention deletes a record, and nothing edits one', (t) => {
  const { store, file } = openStore(t);
  store.commit([opening(incident({ phase: 'cleared' }))]);
  store.ingestDeviceEvents([comms()], () => ({ outbox: undefined, incidents: [] }));
  store.accounts.recordAudit({ at, who: 'wang', what: 'login' });
  store.transfers.record({ recipient: 'city', purpose: 'request', who: 'wang', what: {} });
  store.stop();
  const db = new Database(file);
  t.after(() => db.close());
  for (const table of ['incidents', 'incident_changes', 'device_events', 'audit', 'transfers'])
    assert.throws(() => db.exec(`DELETE FROM ${table}`), /are kept|is kept/, table);
  for (const table of ['incident_changes', 'audit', 'transfers'])
    assert.throws(() => db.exec(`UPDATE ${table} SET body = '{}'`), /only ever added/, table);
  db.exec("INSERT INTO pruning VALUES ('logs', 1000)");
  assert.throws(
    () => db.exec('DELETE FROM audit'),
    /kept for its term/,
    'not even in its name before the term',
  );
});
