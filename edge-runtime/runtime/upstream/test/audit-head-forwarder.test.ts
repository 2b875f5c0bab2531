import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AuditVerification, type IncidentChange } from '@gatehouse/contracts';
import { silentLog, systemClock } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { Service, siteOf, tcpBoard } from '../../../../drivers/test/rig.ts';
import { DeviceEventIngest } from '../../devices/device-event-ingest.ts';
import { Hub } from '../../hub.ts';
import { IncidentRecords } from '../../incidents/incident-records.ts';
import { temporaryFolder } from '../../test/fixtures.ts';
import { AuditHeadForwarder } from '../audit-head-forwarder.ts';

/** Drivers that have been in use, started anew: at the start they send the head of their chain. */
async function usedDrivers(t: TestContext): Promise<Service> {
  const plant = await tcpBoard();
  t.after(() => plant.close());
  const first = await Service.start(siteOf(plant.bus));
  await first.ready();
  await first.command('door', 'open');
  await first.stop(true);
  const drivers = await Service.start(siteOf(plant.bus), { folder: first.folder });
  t.after(() => drivers.stop());
  return drivers;
}

test('the head that the platform has is known to the store and to the drivers once it has acknowledged it, not before', async (t) => {
  const drivers = await usedDrivers(t);
  const store = new EventStore({
    file: join(temporaryFolder(t), 'events.db'),
    box: 'box-1',
    clock: systemClock,
  });
  store.start();
  t.after(() => store.stop());
  const common = { store, drivers: drivers.client, clock: systemClock, log: silentLog };
  const records = new IncidentRecords(store, new Hub<IncidentChange>(() => undefined));
  const ingest = new DeviceEventIngest({ ...common, records });
  await ingest.takeOver();
  const forwarder = new AuditHeadForwarder(common);
  const verify = async (query = '') =>
    AuditVerification.parse(await drivers.client.call('GET', `/audit/verification${query}`));
  await forwarder.look();
  assert.equal(store.acknowledgedAuditHead(), undefined);
  const before = await verify();
  assert.equal(before.intact && before.acknowledged, undefined);

  const { epoch, events, last } = store.outboxBatch('door', 0, 100);
  const head = events.find(({ type }) => type === 'gatehouse.audit-head.v1')?.data;
  store.acknowledgeOutbox({ epoch, eventclass: 'door', upTo: last });
  assert.deepEqual(store.acknowledgedAuditHead(), head);
  await forwarder.look();
  const after = await verify();
  assert.ok(after.intact && head && 'hash' in head);
  assert.equal(after.acknowledged, head.sequence);
  const forged = await verify(`?acknowledged=${head.sequence}:${'0'.repeat(64)}`);
  assert.deepEqual(!forged.intact && [forged.why, forged.head?.by], ['head', 'acknowledged']);
});
