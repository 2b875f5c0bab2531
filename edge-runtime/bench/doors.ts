/**
 * Doors bench: request -> read-back confirmed on Modbus TCP, through the drivers service's own socket, under its
 * normal polling of a barrier and a door on the same bus. The simulated contact follows its relay within 2 ms, so
 * that the figure is the product's and not a door's. Each sample goes from the caller's request to its answer:
 * socket, two durable journal writes before the bus write, echo, relay and contact read back, one durable write after.
 *
 * `npm run bench -- doors [--samples N]`; JSON lines on stdout, exit code 1 when a target is missed.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CommandOutcome } from '@gatehouse/contracts';
import { isoWithOffset, LocalClient, socketPath } from '@gatehouse/kit';
import { DoorPlant } from '../../drivers/simulators/plants.ts';
import { RelayBoard } from '../../drivers/simulators/relay-board.ts';
import { TcpSlave } from '../../drivers/simulators/tcp-slave.ts';
import { doorFloor } from './floors/doors-floor.ts';

const targetMs = 150;
const doorReactMs = 2;
/** The pulse is 100 ms and the door falls shut at once after it; each sample starts from a closed door. */
const betweenMs = 115;
const doorChannel = 3;

const { values } = parseArgs({ options: { samples: { type: 'string', default: '300' } } });
const samples = Number(values.samples);

const site = (port: number) => `version: 1
site: { id: bench, name: { zh-CN: 测试, en: Bench } }
box: { id: bench }
buses:
  - { id: tcp, kind: modbus-tcp, host: 127.0.0.1, port: ${port} }
devices:
  - id: door
    kind: door
    name: { zh-CN: 门, en: Door }
    bus: tcp
    unit: 1
    profile: waveshare-modbus-rtu-relay-8ch
    outputs: { open: ${doorChannel} }
    inputs: { open: ${doorChannel} }
    pulseMs: 100
    failMode: safe
  - id: barrier
    kind: barrier
    name: { zh-CN: 道闸, en: Barrier }
    bus: tcp
    unit: 1
    profile: waveshare-modbus-rtu-relay-8ch
    outputs: { open: 0, close: 1, stop: 2 }
    inputs: { open: 0, closed: 1, loop: 2 }
    failMode: secure
`;

async function requests(client: LocalClient): Promise<{ tookMs: number[]; notConfirmed: number }> {
  const tookMs: number[] = [];
  let notConfirmed = 0;
  for (let i = 0; i < samples; i++) {
    const body = {
      commandId: randomUUID(),
      device: 'door',
      action: 'open',
      expiresAt: isoWithOffset(Date.now() + 10_000),
      origin: { channel: 'console', user: 'bench' },
    };
    const startMs = performance.now();
    const outcome = CommandOutcome.parse(await client.call('POST', '/commands', { body }));
    tookMs.push(performance.now() - startMs);
    if (outcome.state !== 'confirmed') notConfirmed++;
    // Random phase against the poll, so that waiting for the frame in flight is part of the figure.
    await delay(betweenMs + Math.random() * 100);
  }
  return { tookMs, notConfirmed };
}

async function untilUp(client: LocalClient): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const health = await client.call('GET', '/health').catch(() => undefined);
    if (JSON.stringify(health) === '{"status":"ok"}') return;
    await delay(50);
  }
  throw new Error('the drivers service did not come up within 10 s');
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

function report(
  measure: string,
  value: number,
  unit: string,
  limits: { floor?: number; target?: number; ok: boolean },
) {
  const { floor, target, ok } = limits;
  const round = (n: number) => Math.round(n * 1000) / 1000;
  const line = {
    bench: 'doors',
    measure,
    value: round(value),
    unit,
    floor: floor === undefined ? null : round(floor),
    ratio: floor === undefined ? null : round(value / floor),
    target: target ?? null,
    ok,
  };
  console.log(JSON.stringify(line));
  if (!ok) process.exitCode = 1;
}

async function main(): Promise<void> {
  const slave = new TcpSlave(new RelayBoard([new DoorPlant(doorChannel, doorChannel, doorReactMs, 0)]));
  await slave.listen(0);
  const folder = await mkdtemp(join(tmpdir(), 'gh-doors-'));
  const siteFile = join(folder, 'site.yaml');
  await writeFile(siteFile, site(slave.port));
  const floor = await doorFloor(slave.port, doorChannel, samples, () => delay(betweenMs));
  const env = {
    ...process.env,
    GATEHOUSE_SITE: siteFile,
    GATEHOUSE_STATE_DIR: folder,
    GATEHOUSE_RUN_DIR: join(folder, 'run'),
  };
  const service = spawn(process.execPath, [join(import.meta.dirname, '../../drivers/main.ts')], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = once(service, 'exit');
  try {
    const client = new LocalClient('drivers', socketPath('drivers', 'runtime', env));
    await untilUp(client);
    const { tookMs, notConfirmed } = await requests(client);
    const [fast, raw] = [tookMs, floor].map((list) => list.toSorted((a, b) => a - b));
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const value = percentile(fast ?? [], share);
      const limit = name === 'p99' ? { target: targetMs } : {};
      const ok = name === 'p99' ? value <= targetMs : true;
      report(`request-to-read-back-${name}`, value, 'ms', {
        floor: percentile(raw ?? [], share),
        ...limit,
        ok,
      });
    }
    report('samples', tookMs.length, 'count', { target: 300, ok: tookMs.length >= 300 });
    report('not-confirmed', notConfirmed, 'count', { target: 0, ok: notConfirmed === 0 });
  } finally {
    service.kill('SIGTERM');
    await gone;
    await slave.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
