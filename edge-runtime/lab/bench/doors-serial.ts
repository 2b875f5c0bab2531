/**
 * The whole drivers service on one serial line at 9600 baud: 16 doors on 16 boards, all polled as ever, one
 * of them dead. Request -> confirmed goes from the caller's request on the service's socket to its answer
 * (journal, pulse, echo, relay and contact read back). Contact -> store goes from the moment at which a
 * simulated contact closes to the commit of the row in the drivers' outbox that tells of it, by that row's
 * own time stamp.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandOutcome, Device } from '@gatehouse/contracts';
import { isoWithOffset, type LocalClient } from '@gatehouse/kit';
import { percentile, reporter } from './bench-report.ts';
import { SimulatedLine } from './doors-line.ts';
import { type RunningService, startService } from './doors-service.ts';
import { wireFloorMs } from './floors/serial-floor.ts';

const report = reporter('doors');

const units = 16;
const baudRate = 9600;
const turnaroundMs = 5;
/** GB 50396-2007 allows 2 s from command to actuator; this is the target of the box. */
const confirmedTargetMs = 500;
const storeTargetMs = 200;
const pulseMs = 500;
const moveWithinMs = 2_000;
/** After a command somebody may open its door for so long: an opening then is no alarm. */
const lawfulMs = pulseMs + moveWithinMs;
/** A poll reads the inputs of each board, and every fourth one its relays too. */
const readsOfPoll = 1.25;

export async function serialBench(samples: number, alarms: number): Promise<void> {
  const line = await SimulatedLine.start({ baudRate, units, turnaroundMs });
  let service: RunningService | undefined;
  try {
    const folder = join(line.folder, 'service');
    await mkdir(folder);
    service = await startService(folder, siteOf(line.path));
    const { client } = service;
    await untilKnown(client, units);
    line.setDead(units, true);
    await untilKnown(client, units - 1);
    await openMeasure(client, samples);
    await delay(2 * lawfulMs);
    await storeMeasure(client, line, alarms);
  } finally {
    await service?.stop();
    await line.stop();
  }
}

async function openMeasure(client: LocalClient, samples: number): Promise<void> {
  const tookMs: number[] = [];
  const others: Record<string, number> = {};
  for (let i = 0; i < samples; i++) {
    const body = {
      commandId: randomUUID(),
      device: `door-${1 + (i % (units - 1))}`,
      action: 'open',
      expiresAt: isoWithOffset(Date.now() + 10_000),
      origin: { channel: 'console', user: 'bench' },
    };
    const startMs = performance.now();
    const outcome = CommandOutcome.parse(await client.call('POST', '/commands', { body, timeoutMs: 20_000 }));
    tookMs.push(performance.now() - startMs);
    const ending = `${outcome.state} ${outcome.reason ?? ''}`.trim();
    if (outcome.state !== 'confirmed') others[ending] = (others[ending] ?? 0) + 1;
    // Random phase against the polls and the probes of the dead unit.
    await delay(Math.random() * 150);
  }
  report('serial-9600-request-to-confirmed-p50', percentile(tookMs, 0.5), 'ms');
  report('serial-9600-request-to-confirmed-p99', percentile(tookMs, 0.99), 'ms', {
    target: confirmedTargetMs,
  });
  report('serial-9600-samples', tookMs.length, 'count', { least: samples });
  const notConfirmed = Object.values(others).reduce((sum, count) => sum + count, 0);
  if (notConfirmed > 0) console.error(`doors: not confirmed: ${JSON.stringify(others)}`);
  report('serial-9600-not-confirmed', notConfirmed, 'count', { target: 0 });
}

/** A door that opens although nobody asked: the service must know alarms for it. */
async function storeMeasure(client: LocalClient, line: SimulatedLine, alarms: number): Promise<void> {
  if (!knowsForced()) {
    // Without alarms no row tells of a contact: there is nothing to time.
    report('serial-9600-contact-to-store-samples', 0, 'count', { least: alarms });
    return;
  }
  const pollMs = readsOfPoll * wireFloorMs(baudRate, units - 1, turnaroundMs);
  const tookMs: number[] = [];
  let sequence = (await alarmsAfter(client, 0)).at(-1)?.sequence ?? 0;
  for (let i = 0; i < alarms; i++) {
    const unit = 1 + (i % (units - 1));
    await delay(Math.random() * 500);
    const atMs = await line.setContact(unit, true);
    const opened = await alarmOf(client, `door-${unit}`, 'opened', sequence);
    tookMs.push(Date.parse(opened.at) - atMs);
    await line.setContact(unit, false);
    sequence = (await alarmOf(client, `door-${unit}`, 'cleared', opened.sequence)).sequence;
  }
  const target = storeTargetMs + pollMs;
  report('serial-9600-contact-to-store-p50', percentile(tookMs, 0.5), 'ms');
  report('serial-9600-contact-to-store-p99', percentile(tookMs, 0.99), 'ms', { target });
  report('serial-9600-contact-to-store-samples', tookMs.length, 'count', { least: alarms });
}

interface AlarmRow {
  readonly type: string;
  readonly sequence: number;
  readonly at: string;
  readonly device?: string;
  readonly kind?: string;
  readonly phase?: string;
}

async function alarmsAfter(client: LocalClient, sequence: number): Promise<AlarmRow[]> {
  const rows: AlarmRow[] = [];
  for (;;) {
    const after = rows.at(-1)?.sequence ?? sequence;
    const page = asRows(await client.call('GET', `/outbox?after=${after}&limit=500`));
    rows.push(...page);
    if (page.length < 500) return rows;
  }
}

async function alarmOf(client: LocalClient, device: string, phase: string, after: number): Promise<AlarmRow> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const rows = await alarmsAfter(client, after);
    const found = rows.find((row) => row.type === 'alarm' && row.device === device && row.phase === phase);
    if (found) return found;
    await delay(20);
  }
  throw new Error(`no row says that an alarm of ${device} was ${phase} within 20 s`);
}

function asRows(body: unknown): AlarmRow[] {
  if (!Array.isArray(body)) throw new Error('the outbox is no list');
  return body;
}

function knowsForced(): boolean {
  return 'forcedOpen' in Device.shape;
}

async function untilKnown(client: LocalClient, known: number): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const devices: unknown = await client.call('GET', '/devices');
    if (!Array.isArray(devices)) throw new Error('the devices are no list');
    if (devices.filter(({ comms }) => comms === 'ok').length === known) return;
    await delay(50);
  }
  throw new Error(`not ${known} devices in contact within 30 s`);
}

function siteOf(path: string): string {
  const doors = Array.from({ length: units }, (_, i) => ({
    id: `door-${i + 1}`,
    kind: 'door',
    name: { 'zh-CN': `门${i + 1}`, en: `Door ${i + 1}` },
    bus: 'line',
    unit: i + 1,
    profile: 'waveshare-modbus-rtu-relay-8ch',
    outputs: { open: 0 },
    inputs: { open: 0 },
    pulseMs,
    moveWithinMs,
    failMode: 'safe',
    ...(knowsForced() ? { forcedOpen: true } : {}),
  }));
  // JSON is YAML.
  return JSON.stringify({
    version: 1,
    site: { id: 'bench', name: { 'zh-CN': '测试', en: 'Bench' } },
    box: { id: 'bench' },
    buses: [{ id: 'line', kind: 'modbus-rtu', path, baudRate }],
    devices: doors,
  });
}
