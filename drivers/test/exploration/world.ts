import { Violation } from './explore.ts';

// The world outside the box, and the oracle: what really stands below the arm, what the relays really do, and
// which writes must never come. It imports nothing of what it judges and shares no rule with it.

/**
 * Length of one tick, and what the explored site is set to, milliseconds. Short, so that few ticks reach
 * every threshold.
 */
export const tickMs = 500;
export const lifeMs = 2000;
export const holdMs = 1500;
const strikeMs = 500;

/** A thing on a board of its own. */
export interface Thing {
  readonly id: string;
  /** A gate has one button, which opens, stops and closes it in turn. */
  readonly kind: 'door' | 'barrier' | 'gate';
}

export interface Body {
  readonly power: boolean;
  /** It answers reads, but its relays and echoes are dead. */
  readonly mute: boolean;
  /** A barrier's arm: 0 down, 2 up; a gate: 0 closed, 2 open. */
  readonly arm: 0 | 1 | 2;
  readonly direction: -1 | 0 | 1;
  /** Where the button of a gate sends it that stands on its way. */
  readonly next: -1 | 1;
  /**
   * When the box last pressed the button of a gate that has not been read as having left its closed end
   * since.
   */
  readonly pressedMs: number | undefined;
  readonly vehicle: boolean;
  readonly loopFault: boolean;
  readonly doorOpen: boolean;
  /** The open relay is on, and of a pulse until when. */
  readonly relayOn: boolean;
  readonly relayOffMs: number | undefined;
  /** Until when the pulses of a barrier's other relays last. */
  readonly closeOffMs: number | undefined;
  readonly stopOffMs: number | undefined;
  /** How it answers writes: with an exception it has done nothing (`refuses`), or it may have. */
  readonly answers: 'echo' | 'refuses' | 'unsure-done' | 'unsure-not-done';
  /**
   * How it was when it was last read since the service started and had contact; nothing after a loss or a
   * crash.
   */
  readonly read: Read | undefined;
  /** A close was written, and neither a limit was read nor another order answered since. Outlives crashes. */
  readonly sentDown: boolean;
}

interface Read {
  readonly atMs: number;
  readonly clear: boolean;
  readonly arm: 0 | 1 | 2;
  readonly doorOpen: boolean;
  /** Reads in a row, counted to 3: after a loss the box trusts a board only then. */
  readonly inARow: 1 | 2 | 3;
}

/** A command as the oracle knows it: from the one who gave it. */
export interface Given {
  readonly device: string;
  readonly action: string;
  readonly expiresMs: number;
  readonly permitted: boolean;
  /** By a person at the box. */
  readonly atTheBox: boolean;
  readonly attempts: number;
  /** The box has died since: a stop that it had not kept is news to it. */
  readonly forgotten: boolean;
  /** A newer command for the device was given and taken. */
  readonly overtaken: boolean;
  /** The end that was reported. */
  readonly ended: string | undefined;
}

export interface World {
  readonly nowMs: number;
  readonly bodies: Readonly<Record<string, Body>>;
  readonly fireSignal: boolean;
  /** The fire signal was read as active and nobody has reset it. */
  readonly fireLatched: boolean;
  readonly fireRead: 'unknown' | 'quiet' | 'active';
  readonly given: Readonly<Record<string, Given>>;
  /** Leases by when they must be over. */
  readonly leases: Readonly<Record<string, { readonly overMs: number }>>;
}

const restingBody: Body = {
  power: true,
  mute: false,
  arm: 0,
  direction: 0,
  next: 1,
  pressedMs: undefined,
  vehicle: false,
  loopFault: false,
  doorOpen: false,
  relayOn: false,
  relayOffMs: undefined,
  closeOffMs: undefined,
  stopOffMs: undefined,
  answers: 'echo',
  read: undefined,
  sentDown: false,
};

export function worldOf(things: readonly Thing[]): World {
  return {
    nowMs: 0,
    bodies: Object.fromEntries(things.map(({ id }) => [id, restingBody])),
    fireSignal: false,
    fireLatched: false,
    fireRead: 'unknown',
    given: {},
    leases: {},
  };
}

export function bodyOf(world: World, id: string): Body {
  const body = world.bodies[id];
  if (!body) throw new Error(`nothing is called ${id}`);
  return body;
}

export function withBody(world: World, id: string, change: Partial<Body>): World {
  return { ...world, bodies: { ...world.bodies, [id]: { ...bodyOf(world, id), ...change } } };
}

/** Its board's inputs, in the order of the site's wiring. */
export function inputsOf({ arm, vehicle, loopFault, doorOpen }: Body, kind: Thing['kind']): boolean[] {
  if (kind === 'door') return [doorOpen];
  return kind === 'gate' ? [arm === 0, vehicle, arm === 2] : [arm === 2, arm === 0, vehicle, loopFault];
}

/** Somebody presses the button of a gate. */
export function stepped({ arm, direction, next }: Body): Pick<Body, 'direction' | 'next'> {
  if (direction !== 0) return { direction: 0, next: direction === 1 ? -1 : 1 };
  return { direction: arm === 0 ? 1 : arm === 2 ? -1 : next, next };
}

/** Time passes: arms travel, pulses end. */
export function tick(world: World): World {
  const nowMs = world.nowMs + tickMs;
  const bodies = Object.entries(world.bodies).map(([id, body]) => {
    const arm = Math.min(2, Math.max(0, body.arm + body.direction)) as Body['arm'];
    const stopped = (arm === 0 && body.direction < 0) || (arm === 2 && body.direction > 0);
    const pulseOver = body.relayOffMs !== undefined && body.relayOffMs <= nowMs;
    return [
      id,
      {
        ...body,
        arm,
        direction: stopped ? (0 as const) : body.direction,
        ...(pulseOver ? { relayOn: false, relayOffMs: undefined } : {}),
        closeOffMs: stillOn(body.closeOffMs, nowMs),
        stopOffMs: stillOn(body.stopOffMs, nowMs),
      },
    ] as const;
  });
  return { ...world, nowMs, bodies: Object.fromEntries(bodies) };
}

function stillOn(offMs: number | undefined, nowMs: number): number | undefined {
  return offMs !== undefined && offMs > nowMs ? offMs : undefined;
}

type Relay = 'open' | 'close' | 'stop';
export function isOn(world: World, id: string, relay: Relay): boolean {
  const { relayOn, closeOffMs, stopOffMs } = bodyOf(world, id);
  return { open: relayOn, close: closeOffMs !== undefined, stop: stopOffMs !== undefined }[relay];
}

/** The box lets a relay of another order go. */
export function letGo(world: World, id: string, relay: Relay): World {
  const { power, mute, answers } = bodyOf(world, id);
  if (!power || mute || answers === 'refuses' || answers === 'unsure-not-done') return world;
  const off = {
    open: { relayOn: false, relayOffMs: undefined },
    close: { closeOffMs: undefined },
    stop: { stopOffMs: undefined },
  };
  return withBody(world, id, off[relay]);
}

/** The box reads a board that answers; the fire signal comes in on one of them. */
export function read(world: World, id: string, withFire: boolean): World {
  const body = bodyOf(world, id);
  const { arm, doorOpen } = body;
  const inARow = Math.min(3, (body.read?.inARow ?? 0) + 1) as Read['inARow'];
  const atLimit = arm === 0 || (arm === 2 && body.direction >= 0);
  const next = withBody(world, id, {
    read: { atMs: world.nowMs, clear: !body.vehicle && !body.loopFault, arm, doorOpen, inARow },
    sentDown: body.sentDown && !atLimit,
    pressedMs: arm === 0 ? body.pressedMs : undefined,
  });
  if (!withFire) return next;
  if (!world.fireSignal) return { ...next, fireRead: 'quiet' };
  return { ...next, fireRead: 'active', fireLatched: true };
}

/** After a read: what the box must have done about it before anything else happens. */
export function judgeRead(before: World, after: World, id: string, kind: Thing['kind']): void {
  const body = bodyOf(after, id);
  if (kind === 'barrier') judgeReflex(before, after, id);
  else if (kind === 'door' && after.fireLatched && !body.relayOn && !body.mute && body.read?.inARow === 3)
    throw new Violation('fire', `${id} is not held open although the fire signal was read`);
  const overMs = after.leases[id]?.overMs;
  if (overMs !== undefined && after.nowMs >= overMs && body.relayOn && !after.fireLatched && !body.mute)
    throw new Violation('lease', `${id} is still held open ${after.nowMs - overMs} ms after its lease`);
}

/**
 * GB/T 24973: something below an arm that comes down raises it at once, wherever the box can know that it
 * comes down.
 */
function judgeReflex(before: World, after: World, id: string): void {
  const was = bodyOf(before, id);
  const is = bodyOf(after, id);
  const obstacle = was.vehicle || was.loopFault;
  const seenLeaving = was.read?.arm === 2 && was.arm < 2;
  const knows = was.sentDown || seenLeaving;
  if (was.direction < 0 && obstacle && knows && is.direction < 0 && !is.mute)
    throw new Violation('reflex', `${id} goes on down onto what was read below it`);
}

/** A write of the box. `by` is a command, or the box itself. */
export interface Write {
  readonly device: string;
  readonly relay: 'open' | 'close' | 'stop' | 'release';
  readonly by: string | undefined;
  /** How long the open relay closes; until it is opened again where the box times it. */
  readonly untilMs: number | undefined;
  readonly lease: boolean;
}

/** Judges a write and lets it happen. */
export function write(world: World, things: readonly Thing[], order: Write): World {
  judgeWrite(world, things, order);
  const { device, relay, by, lease } = order;
  const body = bodyOf(world, device);
  const heard = body.power && !body.mute && body.answers !== 'refuses' && body.answers !== 'unsure-not-done';
  const counted = by === undefined || body.answers === 'refuses' ? world : attempt(world, by);
  const down = relay === 'close' || (body.sentDown && (!heard || relay === 'release'));
  const isGate = things.some(({ id, kind }) => id === device && kind === 'gate');
  const press = isGate && relay === 'open' ? { ...stepped(body), pressedMs: world.nowMs } : {};
  const next = withBody(counted, device, {
    ...(heard ? { ...moved(body, order, world.nowMs), ...press } : {}),
    sentDown: down,
  });
  return lease ? { ...next, leases: { ...next.leases, [device]: { overMs: world.nowMs + holdMs } } } : next;
}

function attempt(world: World, by: string): World {
  const given = world.given[by];
  if (!given) throw new Error(`no command is called ${by}`);
  return { ...world, given: { ...world.given, [by]: { ...given, attempts: given.attempts + 1 } } };
}

function moved(body: Body, { relay, untilMs }: Write, nowMs: number): Partial<Body> {
  const offMs = nowMs + pulseMs;
  if (relay === 'release') return { relayOn: false, relayOffMs: undefined };
  if (relay === 'stop') return { direction: 0, stopOffMs: offMs };
  const closes = relay === 'open' ? { relayOn: true, relayOffMs: untilMs } : { closeOffMs: offMs };
  // A controller hears nothing while its stop contact is closed.
  if (body.stopOffMs !== undefined) return closes;
  if (relay === 'open') return { ...closes, direction: body.arm === 2 ? 0 : 1 };
  // The open contact wins over the other while it is closed.
  return body.relayOn ? closes : { ...closes, direction: body.arm > 0 ? -1 : 0 };
}

function judgeWrite(world: World, things: readonly Thing[], order: Write): void {
  const { device, relay, by } = order;
  const body = bodyOf(world, device);
  if (!body.read) throw new Violation('unread', `${relay} was written to ${device} before it was read`);
  if (by !== undefined) judgeCommand(world, by, relay);
  if (relay === 'open' || relay === 'close') judgeReversing(world, order);
  if (relay === 'close') judgeLowering(world, device, body);
  if (relay === 'open' && things.some(({ id, kind }) => id === device && kind === 'gate'))
    judgeStep(world, device, order, body);
  if (relay === 'release' && by !== undefined && world.fireLatched)
    throw new Violation('fire', `${device} was let go during a fire alarm`);
  if (relay === 'open' && by !== undefined && !world.fireLatched) judgeInterlock(world, things, device);
}

/**
 * A machine hears one order at a time; only what cannot be let go may still be on when the box raises an arm
 * by itself.
 */
function judgeReversing(world: World, { device, relay, by }: Write): void {
  const others = (['open', 'close', 'stop'] as const).filter(
    (other) => other !== relay && isOn(world, device, other),
  );
  const { mute, answers } = bodyOf(world, device);
  const cannot = mute || answers === 'refuses' || answers === 'unsure-not-done';
  if (others.length > 0 && !(by === undefined && cannot))
    throw new Violation('reversing', `${relay} of ${device} was closed while ${others.join(' and ')} was on`);
}

function judgeCommand(world: World, by: string, relay: string): void {
  const given = world.given[by];
  if (!given) throw new Violation('unexplained', `${relay} was written for ${by}, which nobody gave`);
  // A stop is journalled behind its write, and a second one moves nothing.
  if (given.attempts > 0 && relay !== 'stop')
    throw new Violation('once', `${by} (${given.action}) was written twice`);
  if (world.nowMs >= given.expiresMs) throw new Violation('expired', `${by} was written after its expiry`);
  if (!given.permitted) throw new Violation('permission', `${by} was written without permission`);
  if (given.overtaken && relay !== 'stop')
    throw new Violation('newest', `${by} was written after a newer command for the device`);
  if (given.ended && relay !== 'stop')
    throw new Violation('once', `${by} was written after it was told to be ${given.ended}`);
}

function judgeLowering(world: World, device: string, { read: seen }: Body): void {
  if (!seen?.clear) throw new Violation('lowering', `${device} was lowered onto what was read below it`);
  if (world.nowMs - seen.atMs > 1000)
    throw new Violation('lowering', `${device} was lowered on a reading ${world.nowMs - seen.atMs} ms old`);
  if (world.fireLatched) throw new Violation('fire', `${device} was lowered during a fire alarm`);
}

/**
 * The button opens a gate from its closed end only: pressed elsewhere it may close, and nobody can say which.
 */
function judgeStep(world: World, device: string, { by }: Write, { read: seen, pressedMs }: Body): void {
  if (pressedMs !== undefined && world.nowMs - pressedMs < 1000)
    throw new Violation('step', `${device} was pressed again ${world.nowMs - pressedMs} ms after it was`);
  if (by === undefined) throw new Violation('step', `${device} was pressed by the box itself`);
  if (seen?.arm !== 0) throw new Violation('step', `${device} was pressed while it was not read as closed`);
  if (world.nowMs - seen.atMs > 1000)
    throw new Violation('step', `${device} was pressed on a reading ${world.nowMs - seen.atMs} ms old`);
}

/** Of the doors of the interlock one at most may be open; the oracle's interlock is all doors there are. */
function judgeInterlock(world: World, things: readonly Thing[], device: string): void {
  const doors = things.filter(({ kind }) => kind === 'door').map(({ id }) => id);
  if (!doors.includes(device)) return;
  for (const other of doors) {
    if (other === device) continue;
    const body = bodyOf(world, other);
    if (!body.read)
      throw new Violation('interlock', `${device} was opened while nothing was known of ${other}`);
    if (body.read.doorOpen)
      throw new Violation('interlock', `${device} was opened while ${other} was read as open`);
    if (body.relayOn) throw new Violation('interlock', `${device} was opened while ${other} was unlocked`);
  }
}

/** A command is told to have ended; `over`: a newer command that is no stop took over. */
export function told(world: World, by: string, ended: string, over = false): World {
  const given = world.given[by];
  if (!given) throw new Error(`no command is called ${by}`);
  if (
    over &&
    given.action === 'stop' &&
    given.atTheBox &&
    given.attempts === 0 &&
    bodyOf(world, given.device).answers !== 'refuses'
  )
    throw new Violation('stop', `${by} gave way to a newer command without having been written`);
  const moves = given.attempts > 0;
  const mayHaveMoved = ['confirmed', 'unconfirmed', 'unknown', 'superseded'];
  const isNews = given.action === 'stop' && given.forgotten;
  if (moves && !isNews && !mayHaveMoved.includes(ended))
    throw new Violation('explained', `${by} was written and is told to be ${ended}`);
  if (!moves && ['confirmed', 'unconfirmed'].includes(ended))
    throw new Violation('explained', `${by} was not written and is told to be ${ended}`);
  return { ...world, given: { ...world.given, [by]: { ...given, ended } } };
}

/** The box resets its fire latch because a person at the box asked for it. */
export function reset(world: World): World {
  if (world.fireRead !== 'quiet')
    throw new Violation('fire', `the latch was reset while the fire signal was ${world.fireRead}`);
  return { ...world, fireLatched: false };
}

/** The box dies and starts anew: nothing is read yet. */
export function crashed(world: World): World {
  const bodies = Object.entries(world.bodies).map(([id, body]) => [id, { ...body, read: undefined }]);
  const given = Object.entries(world.given).map(([id, one]) => [id, { ...one, forgotten: true }]);
  return {
    ...world,
    bodies: Object.fromEntries(bodies),
    given: Object.fromEntries(given),
    fireRead: 'unknown',
  };
}

/** A plain pulse's length for the world's relays. */
export const pulseMs = strikeMs;
