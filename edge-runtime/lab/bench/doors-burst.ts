/**
 * A burst: one person sends 1,000 opens at once. Meanwhile a guard stops a barrier and opens a door, and a
 * fire input closes. Three units at 9600 baud, the whole drivers service in a process of its own, the burst
 * from another one.
 *
 * Stop and open are timed from the guard's request to the first byte of the write on the simulated line;
 * `confirmed` to the answer. The burst opens the guard's barriers, too, but not the guard's doors. Fire is
 * timed from the last character of the first answer that says that the contact is closed to the write of each
 * of three barriers that the fire holds open. The floor is a bare program (a server on a socket, one poll
 * after another, a stop as its next frame) under the same burst.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandOutcome, type DeviceAction, FireState } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { GatehouseError, isoWithOffset, type LocalClient, type Random, seededRandom } from '@gatehouse/kit';
import { percentile, reporter } from './bench-report.ts';
import { SimulatedLine, type WriteHeard } from './doors-line.ts';
import { type RunningService, startService } from './doors-service.ts';
import { BurstFloor } from './floors/burst-floor.ts';

const report = reporter('doors');

const units = [1, 2, 3] as const;
const baudRate = 9600;
const turnaroundMs = 5;
const burstCommands = 1_000;
/**
 * In one round each unit is asked for one stop and one open, at random within so long from the burst's
 * beginning.
 */
const asksOfRound = units.length;
const roundMs = 700;
const urgentTargetMs = 150;
const openTargetMs = 500;
/** A request that is not on the wire by then has not reached it. */
const lostAfterMs = 20_000;

const relays = { door: 0, guardDoor: 3, raise: 4, stop: 6 } as const;
const pulseBase = 0x0200;
const burstDevices = units.flatMap((unit) => [`door-${unit}`, `barrier-${unit}`]);

interface Sample {
  readonly unit: number;
  readonly relay: number;
  readonly askedAtEpochMs: number;
}

export async function burstBench(rounds: number, fireRounds: number, seed: number): Promise<void> {
  const line = await SimulatedLine.start({ baudRate, units: units.length, turnaroundMs });
  const person = fork(join(import.meta.dirname, 'doors-person.ts'));
  await once(person, 'message');
  try {
    const random = seededRandom(seed);
    const floor = await floorUnderBurst(line, person, Math.ceil(rounds / 3), random);
    await new BurstRun(line, person, random).all(rounds, fireRounds, floor);
  } finally {
    person.disconnect();
    await line.stop();
  }
}

/** Milliseconds to the wire of the bare program. */
async function floorUnderBurst(
  line: SimulatedLine,
  person: ChildProcess,
  rounds: number,
  random: Random,
): Promise<number[]> {
  const socket = join(line.folder, 'floor.sock');
  const floor = await BurstFloor.start({ path: line.path, socket, baudRate, units, stopRelay: relays.stop });
  const samples: Sample[] = [];
  const heard: WriteHeard[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const burst = send(person, socket);
      for (let i = 0; i < asksOfRound; i++) {
        await delay((random() * roundMs) / asksOfRound);
        const unit = units[i % units.length] ?? 1;
        const askedAtEpochMs = Date.now();
        await floor.stopUnit(unit);
        samples.push({ unit, relay: relays.stop, askedAtEpochMs });
      }
      await burst;
      await delay(200);
      heard.push(...(await line.record()).writes);
    }
  } finally {
    await floor.stop();
  }
  return samples.map((sample) => toWireMs(sample, heard));
}

class BurstRun {
  readonly #line: SimulatedLine;
  readonly #person: ChildProcess;
  readonly #random: Random;
  readonly #heard: WriteHeard[] = [];
  readonly #tallies: Record<string, number>[] = [];

  constructor(line: SimulatedLine, person: ChildProcess, random: Random) {
    this.#line = line;
    this.#person = person;
    this.#random = random;
  }

  async all(rounds: number, fireRounds: number, floor: readonly number[]): Promise<void> {
    const folder = join(this.#line.folder, 'service');
    await mkdir(folder);
    const service = await startService(folder, siteOf(this.#line.path));
    try {
      await this.#quiet(service, rounds);
      await this.#stopsAndOpens(service, rounds, floor);
      await this.#fires(service, fireRounds);
    } finally {
      await service.stop();
    }
    const totals: Record<string, number> = {};
    for (const tally of this.#tallies)
      for (const [end, count] of Object.entries(tally)) totals[end] = (totals[end] ?? 0) + count;
    const taken = Object.values(totals).reduce((sum, count) => sum + count, 0);
    report('burst-9600-commands-of-another', taken, 'count', { least: burstCommands * rounds });
    report('burst-9600-commands-of-another-refused', totals.RATE_LIMITED ?? 0, 'count');
    console.error(`doors: how the burst ended: ${JSON.stringify(totals)}`);
  }

  /** The same without a burst, for comparison. */
  async #quiet({ client }: RunningService, rounds: number): Promise<void> {
    const { stops, opens } = await this.#ask(client, Math.ceil(rounds / 3), async () => undefined);
    say('quiet-9600-stop-to-wire', stops.toWire);
    say('quiet-9600-open-to-wire', opens.toWire);
    say('quiet-9600-open-to-confirmed', opens.toEnd);
  }

  async #stopsAndOpens(service: RunningService, rounds: number, floor: readonly number[]): Promise<void> {
    const burst = async () => void this.#tallies.push(await send(this.#person, service.socket));
    const { stops, opens } = await this.#ask(service.client, rounds, burst);
    say('burst-9600-stop-to-wire', stops.toWire, urgentTargetMs, floor);
    say('burst-9600-open-to-wire', opens.toWire, openTargetMs);
    say('burst-9600-open-to-confirmed', opens.toEnd, openTargetMs);
    report('burst-9600-samples', stops.toWire.length, 'count', { least: rounds * asksOfRound });
    report('burst-9600-open-not-confirmed', opens.others, 'count', { target: 0 });
  }

  async #ask(client: LocalClient, rounds: number, burst: () => Promise<void>) {
    const stops: Sample[] = [];
    const opens: (Sample & { readonly tookMs: number; readonly state: string })[] = [];
    for (let round = 0; round < rounds; round++) {
      const stop = async (unit: number) => {
        await delay(this.#random() * roundMs);
        stops.push({ unit, relay: relays.stop, askedAtEpochMs: Date.now() });
        await command(client, `barrier-${unit}`, 'stop');
      };
      const open = async (unit: number) => {
        await delay(this.#random() * roundMs);
        const askedAtEpochMs = Date.now();
        const ended = await command(client, `guard-door-${unit}`, 'open');
        opens.push({ unit, relay: relays.guardDoor, askedAtEpochMs, ...ended });
      };
      await Promise.all([burst(), ...units.map(stop), ...units.map(open)]);
      // Pulses end and doors fall shut: each round begins from rest.
      await delay(800);
      this.#heard.push(...(await this.#line.record()).writes);
    }
    const toWire = (samples: readonly Sample[]) => samples.map((sample) => toWireMs(sample, this.#heard));
    return {
      stops: { toWire: toWire(stops) },
      opens: {
        toWire: toWire(opens),
        toEnd: opens.map(({ tookMs }) => tookMs),
        others: opens.filter(({ state }) => state !== 'confirmed').length,
      },
    };
  }

  async #fires({ client, socket }: RunningService, rounds: number): Promise<void> {
    const tookMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const burst = send(this.#person, socket);
      await delay(this.#random() * roundMs);
      await this.#line.record();
      await this.#line.setHand(1, true);
      await until('the fire holds all doors', async () => (await this.#heldByFire(client)) === units.length);
      const { writes, handSaidAtEpochMs = 0 } = await this.#line.record();
      for (const unit of units) {
        const held = writes.find(
          (write) =>
            write.unit === unit &&
            write.address === pulseBase + relays.raise &&
            write.value > longestPulseSteps &&
            write.atEpochMs >= handSaidAtEpochMs,
        );
        tookMs.push(held ? held.atEpochMs - handSaidAtEpochMs : lostAfterMs);
      }
      await burst;
      await this.#line.setHand(1, false);
      await until(
        'the fire contact is closed',
        async () => FireState.parse(await client.call('GET', '/fire')).active.length === 0,
      );
      const expiresAt = isoWithOffset(Date.now() + 10_000);
      const origin = { channel: 'console', user: 'guard' };
      const body = { requestId: randomUUID(), expiresAt, origin };
      await client.call('POST', '/fire/reset', { body });
      await until('the fire holds no door', async () => (await this.#heldByFire(client)) === 0);
      await delay(1_000);
    }
    say('burst-9600-fire-to-wire', tookMs, urgentTargetMs);
    report('burst-9600-fire-samples', tookMs.length, 'count', { least: rounds * units.length });
  }

  async #heldByFire(client: LocalClient): Promise<number> {
    const devices = (await client.call('GET', '/devices')) as { hold?: { by: string } }[];
    return devices.filter(({ hold }) => hold?.by === 'fire').length;
  }
}

/** A pulse of the burst is 5 steps long, a fire's is an hour. */
const longestPulseSteps = 100;

function say(measure: string, tookMs: readonly number[], target?: number, floor?: readonly number[]): void {
  const floorAt = (share: number) => (floor ? { floor: percentile(floor, share) } : {});
  report(`${measure}-p50`, percentile(tookMs, 0.5), 'ms', floorAt(0.5));
  report(`${measure}-p99`, percentile(tookMs, 0.99), 'ms', {
    ...floorAt(0.99),
    ...(target === undefined ? {} : { target }),
  });
}

/** Asks the other person for a burst; resolves to the number of its commands for each outcome. */
async function send(person: ChildProcess, socket: string): Promise<Record<string, number>> {
  const answer = once(person, 'message');
  person.send({ send: { socket, devices: burstDevices, count: burstCommands } });
  const [{ tally }] = await answer;
  return tally;
}

async function command(client: LocalClient, device: string, action: DeviceAction) {
  const startMs = performance.now();
  const body = {
    commandId: randomUUID(),
    device,
    action,
    expiresAt: isoWithOffset(Date.now() + 10_000),
    origin: { channel: 'console', user: 'guard' },
  };
  const state = await client.call('POST', '/commands', { body, timeoutMs: lostAfterMs }).then(
    (answer) => CommandOutcome.parse(answer).state,
    (error) => (error instanceof GatehouseError ? error.code : String(error)),
  );
  return { state, tookMs: performance.now() - startMs };
}

/** From the request to the first write of its relay's pulse behind it. */
function toWireMs({ unit, relay, askedAtEpochMs }: Sample, heard: readonly WriteHeard[]): number {
  const found = heard.find(
    (write) =>
      write.unit === unit && write.address === pulseBase + relay && write.atEpochMs >= askedAtEpochMs - 1,
  );
  return found ? found.atEpochMs - askedAtEpochMs : lostAfterMs;
}

function siteOf(path: string): string {
  const common = (unit: number) => ({
    bus: 'line',
    unit,
    profile: 'waveshare-modbus-rtu-relay-8ch',
    pulseMs: 500,
    moveWithinMs: 2_000,
    failMode: 'safe',
  });
  const door = (id: string, unit: number, channel: number) => ({
    ...common(unit),
    id,
    kind: 'door',
    name: { 'zh-CN': id, en: id },
    outputs: { open: channel },
    inputs: { open: channel },
    heldOpen: false,
    onFire: 'none',
  });
  const barrier = (id: string, unit: number) => ({
    ...common(unit),
    id,
    kind: 'barrier',
    name: { 'zh-CN': id, en: id },
    outputs: { open: 4, close: 5, stop: 6 },
    inputs: { open: 4, closed: 5, loop: 6 },
  });
  // JSON is YAML.
  return JSON.stringify({
    version: 1,
    site: { id: 'bench', name: { 'zh-CN': '测试', en: 'Bench' } },
    box: { id: 'bench' },
    buses: [{ id: 'line', kind: 'modbus-rtu', path, baudRate }],
    devices: units.flatMap((unit) => [
      door(`door-${unit}`, unit, relays.door),
      door(`guard-door-${unit}`, unit, relays.guardDoor),
      barrier(`barrier-${unit}`, unit),
    ]),
    inputs: [
      {
        id: 'fire',
        kind: 'fire',
        name: { 'zh-CN': '火', en: 'Fire' },
        bus: 'line',
        unit: 1,
        profile: 'waveshare-modbus-rtu-relay-8ch',
        channel: 7,
        debounceMs: 0,
      },
    ],
    // Nobody of the burst is turned away: all of it is to be served.
    permissions: { console: { perMinute: 6_000 } },
  });
}
