import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { driversForCli, runtimeForCli } from '@gatehouse/contracts';
import { systemClock } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { PtyPair } from '../../simulators/pty-pair.ts';
import { portUser } from '../../test/peers/port-user.ts';
import { Service, siteOf } from '../../test/rig.ts';
import { nobody } from '../acceptance/hands.ts';
import { ServicePeer } from '../acceptance/peer.ts';
import { acceptancePlan } from '../acceptance/plan.ts';
import { helpfulReason } from '../acceptance/reason.ts';
import { inTime, type Line, overall } from '../acceptance/record.ts';
import { AcceptanceRun } from '../acceptance/run.ts';
import { text } from '../acceptance/texts.ts';
import { benchSite } from './bench-site.ts';

describe('the acceptance of a whole site on simulated plants', () => {
  let bench: Awaited<ReturnType<typeof benchSite>>;
  const lines: Line[] = [];
  before(async () => {
    bench = await benchSite();
    await bench.service.client.call('GET', '/health');
    const { site, peer, hands } = bench;
    while ((await peer.drivers.devices()).some(({ comms }) => comms !== 'ok'))
      await new Promise((resolve) => systemClock.after(50, () => resolve(undefined)));
    for await (const line of new AcceptanceRun({ site, peer, hands, clock: systemClock }).lines())
      lines.push(line);
  });
  after(() => bench?.stop());

  const tested = () =>
    lines.map(({ subject, check, verdict, reason = '' }) =>
      [subject, check, verdict, reason].join(' ').trim(),
    );

  it('writes down what a sensor read, in both languages', () => {
    const { read } = lines.find(({ subject }) => subject === 'pump-room') ?? {};
    assert.deepEqual(read, {
      'zh-CN': '温度 23.5 °C，湿度 51.2 %RH',
      en: 'Temperature 23.5 °C, Humidity 51.2 %RH',
    });
  });

  it('proves every relay, contact, limit, loop, interlock, sensor and input', () => {
    assert.deepEqual(tested(), [
      'barrier open passed',
      'barrier stop passed',
      'barrier close passed',
      'barrier limits passed',
      'barrier loop passed',
      'barrier loop-guard passed',
      'barrier hold passed',
      'outer open passed',
      'outer limits passed',
      'inner open passed',
      'inner limits passed',
      'trap interlock passed',
      'pump-room sensor passed',
      'help input passed',
      'fire fire-latch passed',
      'barrier fire-open passed',
      'outer fire-open passed',
      'inner fire-open passed',
      'barrier fire-no-close passed',
      'fire fire-no-reset passed',
      'fire fire-reset passed',
    ]);
    assert.equal(overall(lines), 'passed');
  });

  it('times what the clauses are about, and no arm came down onto a vehicle', () => {
    const clauses = (check: string) =>
      lines.find((line) => line.check === check)?.measures.map(({ clause }) => clause);
    assert.deepEqual(clauses('open'), ['actuator', 'host']);
    assert.deepEqual(clauses('input'), ['centre', 'host']);
    assert.deepEqual(clauses('fire-open'), ['actuator']);
    assert.equal(bench.barrier.loweredOntoVehicle, 0);
  });

  it('leaves the site as it found it: no latch, nothing held', async () => {
    const { latched } = await bench.peer.fire();
    assert.equal(latched, false);
  });
});

describe('the acceptance of a site with faults', () => {
  it('fails the line of a relay that does not switch, and tests nothing that needs a person who is not there', async (t) => {
    const bench = await benchSite();
    t.after(() => bench.stop());
    bench.slave.board.stuck.add(0);
    const { peer, site } = bench;
    while ((await peer.drivers.devices()).some(({ comms }) => comms !== 'ok'))
      await new Promise((resolve) => systemClock.after(50, () => resolve(undefined)));
    const barrierOnly = {
      ...site,
      devices: site.devices
        .filter(({ kind }) => kind === 'barrier')
        .map((device) => ({ ...device, moveWithinMs: 800 })),
      interlocks: [],
    };
    const lines: Line[] = [];
    for await (const line of new AcceptanceRun({
      site: barrierOnly,
      peer,
      hands: nobody,
      clock: systemClock,
    }).lines())
      lines.push(line);
    const verdicts = new Map(lines.map(({ check, verdict, reason }) => [check, [verdict, reason]]));
    assert.deepEqual(verdicts.get('open'), ['failed', 'FEEDBACK_NOT_REACHED']);
    assert.deepEqual(verdicts.get('limits'), ['failed', 'LIMIT_NOT_SEEN']);
    for (const check of ['loop', 'loop-guard', 'input', 'fire-latch', 'fire-open', 'fire-reset'] as const)
      assert.deepEqual(verdicts.get(check), ['not-tested', 'NOBODY_THERE'], check);
    assert.equal(overall(lines), 'failed');
  });

  it('fails what the fire holds open and what does not open', async (t) => {
    const bench = await benchSite();
    t.after(() => bench.stop());
    const { peer, hands } = bench;
    while ((await peer.drivers.devices()).some(({ comms }) => comms !== 'ok'))
      await new Promise((resolve) => systemClock.after(50, () => resolve(undefined)));
    bench.slave.board.stuck.add(3);
    const site = {
      ...bench.site,
      devices: bench.site.devices.map((device) => ({ ...device, moveWithinMs: 800 })),
    };
    const opened = new Map<string, readonly [verdict: string, reason: string | undefined]>();
    for await (const { subject, check, verdict, reason } of new AcceptanceRun({
      site,
      peer,
      hands,
      clock: systemClock,
    }).lines())
      if (check === 'fire-open') opened.set(subject, [verdict, reason]);
    assert.deepEqual(opened.get('barrier'), ['passed', undefined]);
    assert.deepEqual(opened.get('outer'), ['failed', 'FIRE_NOT_OPENED']);
    assert.deepEqual(opened.get('inner'), ['passed', undefined]);
  });
});

describe('the acceptance of a door on a serial line', () => {
  it('says that another program holds the line, not that the board does not answer', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'gh-held-'));
    const cable = new PtyPair(join(folder, 'line'));
    await cable.start();
    t.after(async () => {
      await cable.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const other = await portUser(t, cable.path);
    const whole = siteOf({ id: 'line', kind: 'modbus-rtu', path: cable.path });
    const site = { ...whole, devices: whole.devices.filter(({ id }) => id === 'door') };
    const service = await Service.start(site);
    t.after(() => service.stop());
    const drivers = apiClient(driversForCli, { socket: service.socket });
    const host = apiClient(runtimeForCli, { socket: service.socket });
    const peer = new ServicePeer(drivers, host, '赵工', systemClock);
    const lines: Line[] = [];
    const run = new AcceptanceRun({ site, peer, hands: nobody, clock: systemClock });
    for await (const line of run.lines()) lines.push(line);
    const [open] = lines;
    assert.deepEqual([open?.check, open?.verdict, open?.reason], ['open', 'failed', 'PORT_HELD']);
    assert.equal(text('zh-CN', 'reason.PORT_HELD'), '串口被另一个程序占用');
    const reason = (driversPid?: number) => helpfulReason(site, 'door', 'DEVICE_LOST', driversPid);
    assert.deepEqual([await reason(process.pid), await reason(other.pid)], ['PORT_HELD', 'DEVICE_LOST']);
  });
});

describe('a verdict', () => {
  const line = (verdict: Line['verdict']) => ({ verdict }) as Line;
  it('is passed only when every line is, and there is one', () => {
    assert.equal(overall([line('passed'), line('passed')]), 'passed');
    assert.equal(overall([line('passed'), line('not-tested')]), 'not-tested');
    assert.equal(overall([line('not-tested'), line('failed')]), 'failed');
    assert.equal(overall([]), 'not-tested');
  });
  it('holds times against 2 s and 5 s', () => {
    assert.ok(
      inTime([
        { clause: 'actuator', ms: 2_000 },
        { clause: 'host', ms: 5_000 },
      ]),
    );
    assert.ok(!inTime([{ clause: 'actuator', ms: 2_001 }]));
    assert.ok(!inTime([{ clause: 'centre', ms: 2_001 }]));
    assert.ok(!inTime([{ clause: 'host', ms: 5_001 }]));
  });
  it('is planned with the fire inputs last, because they open everything', async (t) => {
    const bench = await benchSite();
    t.after(() => bench.stop());
    assert.equal(acceptancePlan(bench.site).at(-1)?.type, 'fire');
  });
});
