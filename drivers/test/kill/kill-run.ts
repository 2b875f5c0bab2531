import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandOutcome, type DeviceAction, DeviceEvent, DeviceState, type Site } from '@gatehouse/contracts';
import { Program, until } from '@gatehouse/harness';
import {
  GatehouseError,
  LocalClient,
  type Random,
  seededRandom,
  sleep,
  socketPath,
  systemClock,
} from '@gatehouse/kit';
import { commandOf, type SimulatedBoard, siteOf, tcpBoard } from '../rig.ts';

/** Findings of a run of kills. */
export interface KillResult {
  readonly commands: number;
  readonly kills: number;
  readonly seed: number;
  /** Relay pulses that the board counted. */
  readonly pulses: number;
  readonly executedTwice: number;
  readonly unexplained: number;
  /** How many commands ended in which way: the stored state, and whether its relay had closed. */
  readonly ends: Readonly<Record<string, number>>;
  /** One line for each command that is not as it must be. */
  readonly faults: readonly string[];
}

/**
 * Orders of a round, each with a relay of its own, so that the board's pulses say which of them was carried
 * out.
 */
const orders: readonly (readonly [device: string, action: DeviceAction, relay: number])[] = [
  ['door', 'open', 3],
  ['gate', 'open', 4],
  ['barrier', 'open', 0],
  ['barrier', 'stop', 2],
  ['barrier', 'close', 1],
];
/** One command's whole way takes 15 to 30 ms on an idle machine. */
const killWithinMs = 90;
/**
 * A round in which fewer relays close than its kill waits for (a command was refused) is killed by then,
 * milliseconds.
 */
const killAtLatestMs = 3_000;
const mayHaveMoved: readonly string[] = ['unknown', 'confirmed', 'unconfirmed', 'superseded'];
const mustHaveMoved: readonly string[] = ['confirmed', 'unconfirmed'];

interface Asked {
  readonly command: ReturnType<typeof commandOf>;
  readonly relay: number;
  readonly answered: Promise<string>;
}

/**
 * Gives commands, five at a time, and kills the service at a random moment of each five, until enough were
 * given.
 */
export async function runKills(options: {
  readonly commands: number;
  readonly seed: number;
}): Promise<KillResult> {
  const plant = await tcpBoard({ travelMs: 100 });
  const run = new KillRun(plant, options.seed);
  try {
    for (let given = 0; given < options.commands; given += orders.length) await run.round();
    return await run.result();
  } finally {
    await run.stop();
    await plant.close();
  }
}

class KillRun {
  readonly #plant: SimulatedBoard;
  readonly #seed: number;
  readonly #random: Random;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gh-kill-'));
  readonly #client: LocalClient;
  readonly #faults: string[] = [];
  readonly #ends: Record<string, number> = {};
  readonly #told = new Map<string, string>();
  #service: Program | undefined;
  #commands = 0;
  #kills = 0;
  #twice = 0;

  constructor(plant: SimulatedBoard, seed: number) {
    this.#plant = plant;
    this.#seed = seed;
    this.#random = seededRandom(seed);
    writeFileSync(join(this.#folder, 'site.json'), JSON.stringify(killSite(plant.bus)));
    const socket = socketPath('drivers', 'runtime', { GATEHOUSE_RUN_DIR: join(this.#folder, 'run') });
    this.#client = new LocalClient('drivers', socket);
  }

  async round(): Promise<void> {
    await this.#start();
    const before = this.#plant.board.writes.length;
    const asked: Asked[] = [];
    const giving = this.#give(asked);
    await this.#moment(before);
    await this.#kill();
    await giving;
    await this.#start();
    const pulsed = this.#plant.board.writes.slice(before).filter(({ pulse }) => pulse);
    for (const one of asked)
      await this.#explain(one, pulsed.filter(({ channel }) => channel === one.relay).length);
    await this.#repeatAll(asked);
  }

  /** The orders one after the other, with random pauses; what comes after the kill finds nobody. */
  async #give(asked: Asked[]): Promise<void> {
    for (const [device, action, relay] of orders) {
      asked.push(this.#ask(device, action, relay));
      await sleep(systemClock, this.#random() * 25);
    }
  }

  /**
   * A random moment: some way into the first command, or right after a random one of the relays closed. Time
   * alone would, on a busy machine, kill before anything was done.
   */
  async #moment(before: number): Promise<void> {
    const pulses = Math.floor(this.#random() * (orders.length + 1));
    const latestMs = systemClock.monotonicMs() + killAtLatestMs;
    const closed = () => this.#plant.board.writes.slice(before).filter(({ pulse }) => pulse).length;
    while (closed() < pulses && systemClock.monotonicMs() < latestMs) await sleep(systemClock, 1);
    await sleep(systemClock, this.#random() * (pulses === 0 ? killWithinMs : 20));
  }

  #ask(device: string, action: DeviceAction, relay: number): Asked {
    this.#commands++;
    const command = commandOf(device, action, 29_000);
    const answered = this.#client.call('POST', '/commands', { body: command }).then(
      (body) => CommandOutcome.parse(body).state,
      () => 'cut off',
    );
    return { command, relay, answered };
  }

  async #explain({ command, answered }: Asked, pulses: number): Promise<void> {
    const known = await storedState(this.#client, command.commandId);
    const what = `${command.action} of ${command.device}: ${known}, ${pulses} pulses`;
    this.#ends[`${known}, ${pulses > 0 ? 'moved' : 'not moved'}`] =
      (this.#ends[`${known}, ${pulses > 0 ? 'moved' : 'not moved'}`] ?? 0) + 1;
    if (pulses > 1) {
      this.#twice++;
      this.#faults.push(`${what}: twice`);
    }
    const answer = await answered;
    // A stop is journalled behind its write: killed in between, nobody knows of it.
    const isBehind = command.action === 'stop' && known === 'never stored';
    if (pulses > 0 && !isBehind && !mayHaveMoved.includes(known)) this.#faults.push(`${what}: moved`);
    if (pulses === 0 && mustHaveMoved.includes(known)) this.#faults.push(`${what}: not moved`);
    if (!['cut off', 'executing', known].includes(answer)) this.#faults.push(`${what}: answered ${answer}`);
    if (known === 'accepted' || known === 'executing') this.#faults.push(`${what}: has no end`);
    if (known !== 'never stored') this.#told.set(command.commandId, known);
  }

  /** A stored command is never carried out again, however often it is sent. */
  async #repeatAll(asked: readonly Asked[]): Promise<void> {
    const before = this.#pulses();
    for (const { command } of asked) {
      const known = this.#told.get(command.commandId);
      if (known === undefined) continue;
      const again = CommandOutcome.parse(await this.#client.call('POST', '/commands', { body: command }));
      if (again.state !== known) this.#faults.push(`${command.action}: ${known} became ${again.state}`);
    }
    const moved = this.#pulses() - before;
    if (moved === 0) return;
    this.#twice += moved;
    this.#faults.push(`${moved} pulses from repeats`);
  }

  async result(): Promise<KillResult> {
    await this.#compareEvents();
    const { intact } = (await this.#client.call('GET', '/audit/verification')) as { intact: boolean };
    if (!intact) this.#faults.push('the audit chain is broken');
    return {
      commands: this.#commands,
      kills: this.#kills,
      seed: this.#seed,
      pulses: this.#pulses(),
      executedTwice: this.#twice,
      unexplained: this.#faults.length,
      ends: this.#ends,
      faults: this.#faults.slice(0, 20),
    };
  }

  /** One event for each command that was ever stored, with the end that is stored. */
  async #compareEvents(): Promise<void> {
    const heard = new Map<string, string>();
    for (let after = 0; ; ) {
      const page = DeviceEvent.array().parse(
        await this.#client.call('GET', `/outbox?after=${after}&limit=500`),
      );
      for (const event of page) {
        if (event.type !== 'command') continue;
        const { commandId, state } = event.outcome;
        if (heard.has(commandId)) this.#faults.push(`two events for ${commandId}`);
        heard.set(commandId, state);
      }
      const last = page.at(-1);
      if (!last) break;
      after = last.sequence;
    }
    for (const [id, state] of this.#told)
      if (heard.get(id) !== state) this.#faults.push(`${id}: stored ${state}, told ${heard.get(id)}`);
    for (const id of heard.keys()) if (!this.#told.has(id)) this.#faults.push(`${id}: told and not stored`);
  }

  #pulses(): number {
    return this.#plant.board.writes.filter(({ pulse }) => pulse).length;
  }

  async #start(): Promise<void> {
    if (this.#service) return;
    const env = {
      ...process.env,
      GATEHOUSE_SITE: join(this.#folder, 'site.json'),
      GATEHOUSE_STATE_DIR: this.#folder,
      GATEHOUSE_RUN_DIR: join(this.#folder, 'run'),
    };
    const program = join(import.meta.dirname, '../../main.ts');
    this.#service = Program.ofNode([program], { env, log: 'ignored', errors: 'shown' }).start();
    await until('the board is in contact', () => inContact(this.#client));
  }

  async #kill(): Promise<void> {
    const service = this.#service;
    if (!service) return;
    this.#service = undefined;
    this.#kills++;
    await service.kill();
  }

  async stop(): Promise<void> {
    if (this.#service?.ended === false) await this.#kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The rig's barrier and door, and a gate of which only the relay is wired. */
function killSite(bus: Record<string, unknown>): Site {
  const site = siteOf(bus);
  const [, door] = site.devices;
  if (!door) throw new Error('the rig has no door');
  const gate = { ...door, id: 'gate', kind: 'gate' as const, outputs: { open: 4 }, inputs: {} };
  return { ...site, devices: [...site.devices, gate] };
}

async function inContact(client: LocalClient): Promise<boolean> {
  const devices = await client.call('GET', '/devices').catch(() => undefined);
  return (
    devices !== undefined &&
    DeviceState.array()
      .parse(devices)
      .every(({ comms }) => comms === 'ok')
  );
}

async function storedState(client: LocalClient, commandId: string): Promise<string> {
  try {
    return CommandOutcome.parse(await client.call('GET', `/commands/${commandId}`)).state;
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'COMMAND_UNKNOWN') return 'never stored';
    throw error;
  }
}
