import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '@gatehouse/kit';
import { isAlive, type ProcessRow } from './processes.ts';

/** Processes that must survive being killed: the box's services, the broker and the platform's receiver. */
export const victims = {
  drivers: 'drivers/main.ts',
  vision: 'edge-runtime/vision/main.ts',
  runtime: 'edge-runtime/runtime/main.ts',
  sync: 'sync-agent/main.ts',
  flows: 'flows/main.ts',
  broker: 'sync-agent/simulators/broker-main.ts',
  platform: 'sync-agent/receiver/main.ts',
} as const;
export type Victim = keyof typeof victims;

export interface World {
  readonly random: Random;
  readonly say: (text: string) => void;
  /** The box's processes now. */
  readonly processes: () => readonly ProcessRow[];
  readonly camera: (verb: 'misbehave' | 'heal', kind?: string) => Promise<void>;
  readonly boards: (route: string, body: object) => Promise<void>;
  /** Door commands, some sent twice at once; resolves when all are answered. */
  readonly burst: (count: number) => Promise<void>;
  readonly count: (what: string) => void;
}

type Mischief = (world: World) => Promise<void>;

const names = Object.keys(victims) as Victim[];
/** Under the supervisor's breaker (five restarts in 60 s), which is another test's. */
const killsEachMinute = 3;
const killed = new Map<Victim, number[]>();

/** The possible events, and their frequency. */
export const table: readonly (readonly [weight: number, mischief: Mischief])[] = [
  [5, (world) => kill(world, [pick(world, names)])],
  [2, (world) => kill(world, shuffled(world, names).slice(0, 2 + Math.floor(world.random() * 3)))],
  [3, pause],
  [3, camera],
  [3, board],
  [4, burstUnderFire],
];

export function chooseMischief(world: World): Mischief {
  const total = table.reduce((sum, [weight]) => sum + weight, 0);
  let at = world.random() * total;
  for (const [weight, mischief] of table) {
    at -= weight;
    if (at < 0) return mischief;
  }
  throw new TypeError('the weights do not add up');
}

async function kill(world: World, chosen: readonly Victim[]): Promise<void> {
  const nowMs = Date.now();
  for (const name of chosen) {
    const recent = (killed.get(name) ?? []).filter((at) => nowMs - at < 60_000);
    const pid = pidOf(world, name);
    if (pid === undefined || recent.length >= killsEachMinute) continue;
    killed.set(name, [...recent, nowMs]);
    world.say(`kill -9 ${name}`);
    world.count(`kill ${name}`);
    process.kill(pid, 'SIGKILL');
  }
}

/** Holds one service still for 10 to 20 s, as a disk or a hypervisor does. */
async function pause(world: World): Promise<void> {
  const name = pick(world, names);
  const pid = pidOf(world, name);
  if (pid === undefined) return;
  const forMs = 10_000 + world.random() * 10_000;
  world.say(`SIGSTOP ${name} for ${(forMs / 1000).toFixed(1)} s`);
  world.count(`pause ${name}`);
  process.kill(pid, 'SIGSTOP');
  await wait(forMs);
  if (isAlive(pid)) process.kill(pid, 'SIGCONT');
}

async function camera(world: World): Promise<void> {
  const kind = pick(world, ['stall', 'drop', 'half-close', 'refuse', 'garbage']);
  world.say(`camera: ${kind}`);
  world.count(`camera ${kind}`);
  await world.camera('misbehave', kind);
  await wait(4_000 + world.random() * 6_000);
  await world.camera('heal');
}

async function board(world: World): Promise<void> {
  const [what, route, bad, good] = pick(world, [
    ['tcp board without power', '/power', { board: 'tcp', on: false }, { board: 'tcp', on: true }],
    ['rtu board without power', '/power', { board: 'rtu', on: false }, { board: 'rtu', on: true }],
    ['tcp board mute', '/mute', { board: 'tcp', on: true }, { board: 'tcp', on: false }],
    ['loop occupied', '/loop', { occupied: true }, { occupied: false }],
  ] as const);
  world.say(what);
  world.count(what);
  await world.boards(route, bad);
  const burst = world.burst(4);
  await wait(5_000 + world.random() * 7_000);
  await world.boards(route, good);
  await burst;
}

async function burstUnderFire(world: World): Promise<void> {
  world.say('burst of door commands under fire');
  world.count('burst under fire');
  const burst = world.burst(12);
  await wait(world.random() * 2_500);
  await kill(world, [pick(world, ['drivers', 'runtime'])]);
  await burst;
}

function pidOf(world: World, name: Victim): number | undefined {
  return world
    .processes()
    .find(({ command }) => command.includes(` ${victims[name]}`) && command.includes('leash'))?.pid;
}

function pick<T>({ random }: World, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new TypeError('nothing to choose from');
  return chosen;
}

function shuffled<T>({ random }: World, from: readonly T[]): T[] {
  return from
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
