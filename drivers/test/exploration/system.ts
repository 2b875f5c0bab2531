import { type CommandOutcome, Device, type DeviceAction, Permissions } from '@gatehouse/contracts';
import { isoWithOffset } from '@gatehouse/kit';
import { didNothing } from '../../bus/request.ts';
import { admission, doorstep } from '../../commands/admission.ts';
import { takesOver, urgencyOf } from '../../commands/priority.ts';
import { type BarrierState, mustRaise, stepBarrier, unknownBarrier } from '../../devices/barrier.ts';
import { type ContactStates, contactsOf, readContacts } from '../../devices/contacts.ts';
import { doorPosition } from '../../devices/door.ts';
import {
  type FireLatch,
  fireLatchAtStart,
  isLatched,
  resetRefusal,
  stepFireLatch,
} from '../../devices/fire-latch.ts';
import { interlockRefusal, type Member } from '../../devices/interlock.ts';
import { isOver, resumed } from '../../devices/lease.ts';
import { inTheWay } from '../../devices/reversing.ts';
import { hasReflex, looksFirst, opensOnFire, refusal } from '../../devices/safety.ts';
import { afterCrash } from '../../journal/fact.ts';
import { holdMs, lifeMs, pulseMs, type Thing } from './world.ts';

/** The rules under exploration: the product's own functions, or mutants of them. */
export const productRules = {
  ...{
    admission,
    doorstep,
    refusal,
    looksFirst,
    hasReflex,
    opensOnFire,
    stepBarrier,
    mustRaise,
    readContacts,
    interlockRefusal,
  },
  ...{ stepFireLatch, resetRefusal, resumed, isOver, afterCrash, inTheWay, didNothing },
  ...{ urgencyOf, takesOver },
  /** Whether an accepted command is on the disk before its write. */
  journalsFirst: true,
  /** Whether the newer command takes a device over. */
  supersedes: true,
};
export type Rules = typeof productRules;

export interface Running {
  readonly id: string;
  readonly action: DeviceAction;
  readonly byFlow: boolean;
  readonly expiresMs: number;
  readonly stage: 'waits' | 'looked' | 'written';
  readonly echoed: boolean;
}

/** The relays of a machine, in the order of their channels. */
export const relayNames = ['open', 'close', 'stop'] as const;
export type RelayName = (typeof relayNames)[number];

/** What the box knows of a thing and of its board. */
export interface Unit {
  readonly comms: 'starting' | 'ok' | 'lost';
  readonly good: 0 | 1 | 2;
  readonly contacts: ContactStates;
  readonly askedMs: number | undefined;
  readonly barrier: BarrierState;
  readonly hold: { readonly by: 'lease' | 'fire'; readonly untilMs: number } | undefined;
  /** Its strike is pulsed until then. */
  readonly strikeMs: number | undefined;
  /** A relay that the box times is let go then. */
  readonly dueMs: number | undefined;
  readonly adopted: boolean;
  /** Until when the box holds each relay closed, as far as it knows. */
  readonly ours: Readonly<Partial<Record<RelayName, number | undefined>>>;
  /** Relays that were read as on last. */
  readonly readOn: readonly RelayName[];
  readonly running: Running | undefined;
  /** It was pressed then, or the box started, and it was not seen to leave its closed end since. */
  readonly steppedMs: number | undefined;
}

/** What survives a crash. */
export interface Disk {
  readonly commands: Readonly<Record<string, CommandOutcome>>;
  readonly leases: Readonly<Record<string, { readonly untilMs: number }>>;
  readonly fireSetBy: readonly string[];
  /** What each thing was last sent to do: a close even if nobody answered it, anything else only if it was heard. */
  readonly lastMoves: Readonly<Record<string, DeviceAction>>;
}

export interface Box {
  readonly units: Readonly<Record<string, Unit>>;
  readonly fire: FireLatch;
  readonly disk: Disk;
  /** What has happened and is not on the disk yet. */
  readonly behind: Readonly<Record<string, CommandOutcome>>;
}

export const permissions = Permissions.parse({});

const name = { 'zh-CN': '物', en: 'Thing' };
const common = { name, bus: 'bus', unit: 1, profile: 'board', pulseMs, moveWithinMs: 1000, failMode: 'safe' };
const atOnce = { debounceMs: 0 };
const specs = {
  door: Device.parse({
    ...common,
    id: 'door',
    kind: 'door',
    outputs: { open: 0 },
    inputs: { open: 0 },
    contacts: { open: atOnce },
    hold: { maxS: 5 },
  }),
  gate: Device.parse({
    ...common,
    id: 'gate',
    kind: 'gate',
    control: 'step-by-step',
    outputs: { open: 0 },
    inputs: { closed: 0, open: 2, loop: 1 },
    contacts: { closed: atOnce, open: atOnce, loop: atOnce },
    onFire: 'none',
  }),
  barrier: Device.parse({
    ...common,
    id: 'barrier',
    kind: 'barrier',
    outputs: { open: 0, close: 1, stop: 2 },
    inputs: { open: 0, closed: 1, loop: 2, loopFault: 3 },
    contacts: { open: atOnce, closed: atOnce, loop: atOnce, loopFault: atOnce },
  }),
};
export function specOf(thing: Thing): Device {
  return { ...specs[thing.kind], id: thing.id };
}

const unknownUnit: Unit = {
  comms: 'starting',
  good: 0,
  contacts: {},
  askedMs: undefined,
  barrier: unknownBarrier,
  hold: undefined,
  strikeMs: undefined,
  dueMs: undefined,
  adopted: false,
  ours: {},
  readOn: [],
  running: undefined,
  steppedMs: undefined,
};

/** The box right after its start, with what its disk kept. */
export function startedBox(
  rules: Rules,
  things: readonly Thing[],
  disk: Disk,
  nowMs: number,
): { box: Box; ended: CommandOutcome[] } {
  const cut = Object.values(disk.commands).filter(
    ({ state }) => state === 'accepted' || state === 'executing',
  );
  const ended = cut.map((outcome) => rules.afterCrash(outcome, instant));
  const units = things.map(({ id }) => {
    const lowering = disk.lastMoves[id] === 'close';
    const barrier = lowering
      ? rules.stepBarrier(specs.barrier, unknownBarrier, { type: 'interrupted' }, nowMs)
      : unknownBarrier;
    const kept = disk.leases[id];
    const lease = kept && rules.resumed(kept.untilMs, holdMs, { epochMs: nowMs, monotonicMs: nowMs });
    const hold = lease ? ({ by: 'lease', untilMs: lease.untilMs } as const) : undefined;
    // The pulse of a lowering may not be over yet.
    const ours = lowering ? { close: nowMs + pulseMs } : {};
    return [id, { ...unknownUnit, barrier, hold, ours, steppedMs: nowMs }];
  });
  const commands = {
    ...disk.commands,
    ...Object.fromEntries(ended.map((outcome) => [outcome.commandId, outcome])),
  };
  const box = {
    units: Object.fromEntries(units),
    fire: fireLatchAtStart(['fire'], disk.fireSetBy),
    disk: { ...disk, commands },
    behind: {},
  };
  return { box, ended };
}

export const emptyDisk: Disk = { commands: {}, leases: {}, fireSetBy: [], lastMoves: {} };
const instant = isoWithOffset(0);

export function unitOf(box: Box, id: string): Unit {
  const unit = box.units[id];
  if (!unit) throw new Error(`nothing is called ${id}`);
  return unit;
}
export function withUnit(box: Box, id: string, change: Partial<Unit>): Box {
  return { ...box, units: { ...box.units, [id]: { ...unitOf(box, id), ...change } } };
}
export function withDisk(box: Box, change: Partial<Disk>): Box {
  return { ...box, disk: { ...box.disk, ...change } };
}

/** What the product's safety rules say to an action now. */
export function refusalOf(
  rules: Rules,
  box: Box,
  things: readonly Thing[],
  thing: Thing,
  action: DeviceAction,
  nowMs: number,
) {
  const unit = unitOf(box, thing.id);
  const members = things.filter(({ kind }) => kind === 'door').map(({ id }) => memberOf(box, id, nowMs));
  return rules.refusal(
    specOf(thing),
    {
      contacts: contactsOf(unit.contacts),
      fireLatched: isLatched(box.fire),
      held: unit.hold?.by,
      steps: unit.steppedMs !== undefined && nowMs - unit.steppedMs < specOf(thing).moveWithinMs,
      interlock: thing.kind === 'door' ? rules.interlockRefusal(thing.id, members) : undefined,
    },
    action,
  );
}

function memberOf(box: Box, id: string, nowMs: number): Member {
  const { comms, contacts, strikeMs, hold } = unitOf(box, id);
  const position = comms === 'ok' ? doorPosition(contactsOf(contacts)) : 'unknown';
  const pulsed = strikeMs !== undefined && strikeMs > nowMs - 1000;
  return { id, position, unlocked: pulsed || hold !== undefined };
}

/** A command as its giver wrote it. */
export function commandOf(id: string, device: string, action: DeviceAction, byFlow: boolean, nowMs: number) {
  return {
    commandId: id,
    device,
    action,
    ...(action === 'hold-open' ? { holdS: holdMs / 1000 } : {}),
    expiresAt: isoWithOffset(nowMs + lifeMs),
    origin: { channel: byFlow ? ('flows' as const) : ('console' as const), user: 'somebody' },
  };
}

/** A new outcome of a command. */
export function outcomeOf(
  command: ReturnType<typeof commandOf>,
  state: CommandOutcome['state'],
  reason?: string,
): CommandOutcome {
  const { commandId, device, action, origin } = command;
  return {
    ...{ commandId, device, action, origin, state },
    ...(reason ? { reason } : {}),
    ...({ relay: 'not-actuated', feedback: 'unknown', acceptedAt: instant } as const),
  };
}

/** A hold begins: a lease is on the disk, what the fire latch holds follows from that. */
export function holding(box: Box, id: string, untilMs: number, by: string | undefined): Box {
  if (by === undefined) return withUnit(box, id, { hold: { by: 'fire', untilMs } });
  const leases = { ...box.disk.leases, [id]: { untilMs } };
  return withDisk(withUnit(box, id, { hold: { by: 'lease', untilMs } }), { leases });
}

export function endHold(box: Box, id: string): Box {
  const { [id]: _over, ...leases } = box.disk.leases;
  const { ours } = unitOf(box, id);
  const ended = {
    hold: undefined,
    strikeMs: undefined,
    dueMs: undefined,
    ours: { ...ours, open: undefined },
  };
  return withDisk(withUnit(box, id, ended), { leases });
}

/** A board counts as in contact after its first good poll, after a loss after two. */
export function trusted(box: Box, id: string): Box {
  const { comms, good } = unitOf(box, id);
  if (comms === 'ok') return box;
  const enough = comms === 'starting' || good >= 1;
  const change = enough ? { comms: 'ok' as const, good: 0 as const } : { good: 1 as const };
  return withUnit(box, id, change);
}

/** What is kept of a running command. */
export function storedOf(box: Box, { id, action, byFlow }: Running): CommandOutcome {
  const device = Object.entries(box.units).find(([, unit]) => unit.running?.id === id)?.[0] ?? '';
  return (
    box.behind[id] ?? box.disk.commands[id] ?? outcomeOf(commandOf(id, device, action, byFlow, 0), 'accepted')
  );
}
