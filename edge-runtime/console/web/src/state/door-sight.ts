import type {
  DeviceAction,
  DeviceState,
  FireState,
  InputState,
  SensorState,
  SensorValue,
  SiteView,
} from '@gatehouse/contracts';
import type { BoxState, Heard } from './box-state.ts';

/** A last value with a greater age is unknown, whatever its own state. */
const oldestMs = 15_000;

interface Answering {
  readonly comms: DeviceState['comms'];
  readonly ageMs?: number | undefined;
}

/** Shows if a board's last report is current, and its age. */
function freshness(
  box: BoxState,
  { value, atMs }: Heard<Answering>,
  nowMs: number,
  oldMs = oldestMs,
): { fresh: boolean; lost: boolean; ageMs?: number } {
  const age = value.ageMs === undefined ? {} : { ageMs: value.ageMs + nowMs - atMs };
  const old = age.ageMs === undefined || age.ageMs > oldMs;
  const fresh = box.link === 'live' && value.comms === 'ok' && !old;
  return { fresh, lost: !fresh && value.comms === 'lost', ...age };
}

export interface DeviceSight {
  readonly position: DeviceState['position'];
  readonly lost: boolean;
  readonly ageMs?: number;
  /** The device's unusual conditions; none while the position is unknown. */
  readonly condition?: NonNullable<DeviceState['condition']>;
}

/**
 * The state of a device that is certain now: its position only while the device answers and the box is heard.
 */
export function deviceSight(box: BoxState, heard: Heard<DeviceState>, nowMs: number): DeviceSight {
  const { fresh, ...age } = freshness(box, heard, nowMs);
  const { position, condition } = heard.value;
  if (!fresh || position === 'unknown') return { position: 'unknown', ...age };
  return { position, ...age, ...(condition ? { condition } : {}) };
}

/** The state of a dry contact that is certain now. */
export function inputSight(
  box: BoxState,
  heard: Heard<InputState>,
  nowMs: number,
): { state: InputState['state']; lost: boolean; ageMs?: number } {
  const { fresh, ...age } = freshness(box, heard, nowMs);
  return { state: fresh ? heard.value.state : 'unknown', ...age };
}

/** Milliseconds until a lease ends, by the box's clock; `undefined` where there is none. */
export function leaseLeftMs({ hold }: DeviceState, boxNowMs: number): number | undefined {
  return hold?.by === 'lease' ? Math.max(0, Date.parse(hold.until) - boxNowMs) : undefined;
}

/**
 * The buttons of a device: ending a lease takes the place of beginning one. A device that the fire latch
 * holds stays held anyway.
 */
export function offered({ actions, hold }: DeviceState): readonly DeviceAction[] {
  return actions.filter((action) =>
    action === 'hold-open' ? !hold : action === 'release' ? hold?.by === 'lease' : true,
  );
}

/**
 * The reason why an action would be refused now, as far as the page knows. Opening and stopping are never
 * blocked.
 */
export function refusedNow(device: DeviceState, action: DeviceAction): string | undefined {
  if (action !== 'close') return undefined;
  if (device.hold) return device.hold.by === 'fire' ? 'FIRE_LATCHED' : 'HELD_OPEN';
  return device.inputs.loop ? 'LOOP_OCCUPIED' : undefined;
}

export interface InterlockSight {
  readonly is: 'open' | 'unknown';
  /** The other door. */
  readonly door: string;
}

/**
 * The other door of an interlock that is a reason against opening this one, as far as the page knows: an open
 * one, otherwise one that is not known to be closed. The button stays, because the box may know better. A
 * fire overrules interlocks.
 */
export function interlockSight(
  box: BoxState,
  interlocks: SiteView['interlocks'],
  id: string,
  nowMs: number,
): InterlockSight | undefined {
  if (box.link !== 'live' || box.fire?.latched) return undefined;
  const others = interlocks
    .flatMap(({ doors }) => (doors.includes(id) ? doors : []))
    .filter((one) => one !== id);
  const positionOf = (door: string) => {
    const heard = box.devices.get(door);
    return heard ? deviceSight(box, heard, nowMs).position : 'unknown';
  };
  const known = others.map((door) => ({ door, position: positionOf(door) }));
  const open = known.find(({ position }) => position !== 'closed' && position !== 'unknown');
  if (open) return { is: 'open', door: open.door };
  const unknown = known.find(({ position }) => position === 'unknown');
  return unknown && { is: 'unknown', door: unknown.door };
}

/** `unsure`: a door of it is not known to be closed; `unknown`: the box is not heard. */
export type InterlockState = 'kept' | 'violated' | 'unsure' | 'unknown';

/**
 * The state of an interlock. It is violated if the box says so, or earlier if two of its doors are open: the
 * box waits for a door that is on its way. While a fire is latched doors may be open together.
 */
export function interlockState(
  box: BoxState,
  { id, doors }: SiteView['interlocks'][number],
  nowMs: number,
): InterlockState {
  if (box.link !== 'live') return 'unknown';
  const told = [...box.incidents.values()].some(
    ({ kind, phase, device }) => kind === 'interlock-violated' && phase !== 'cleared' && device === id,
  );
  const positions = doors.map((door) => {
    const heard = box.devices.get(door);
    return heard ? deviceSight(box, heard, nowMs).position : 'unknown';
  });
  const open = positions.filter((position) => position !== 'closed' && position !== 'unknown').length;
  if (told || (open > 1 && !box.fire?.latched)) return 'violated';
  return positions.includes('unknown') ? 'unsure' : 'kept';
}

/**
 * Lengths of a hold that are offered, in seconds: the usual ones that the site allows, and its longest (whole
 * minutes).
 */
export function holdLengths(maxHoldS: number): readonly number[] {
  const longest = maxHoldS < 60 ? maxHoldS : maxHoldS - (maxHoldS % 60);
  return [...[60, 300, 900, 1800].filter((seconds) => seconds < longest), longest];
}

export type FireSight = 'quiet' | 'unknown' | 'latched' | 'active';

/** The page's statement about fire: none, a fire input that is not heard, the latch, or a fire signal. */
export function fireSight(fire: FireState | undefined): FireSight {
  if (!fire) return 'quiet';
  if (fire.active.length > 0) return 'active';
  if (fire.latched) return 'latched';
  return fire.unknown.length > 0 ? 'unknown' : 'quiet';
}

export interface SensorSight {
  /** Without any value while nothing is known now. */
  readonly values: readonly SensorValue[];
  /** The worst of its values. */
  readonly state: SensorValue['state'];
  readonly lost: boolean;
  readonly ageMs?: number;
}

/** A reading and a beat may just have been missed, milliseconds. */
const sensorSlackMs = 10_000;

/**
 * The state of a sensor that is certain now: its values only while they are not older than three of its
 * readings and the box is heard.
 */
export function sensorSight(box: BoxState, heard: Heard<SensorState>, nowMs: number): SensorSight {
  const { pollS, values } = heard.value;
  const { fresh, ...age } = freshness(box, heard, nowMs, 3 * pollS * 1000 + sensorSlackMs);
  if (!fresh)
    return {
      ...age,
      values: values.map(({ value: _value, meaning: _meaning, ...kept }) => ({ ...kept, state: 'unknown' })),
      state: 'unknown',
    };
  const worst = (['alarm', 'broken', 'unknown'] as const).find((state) =>
    values.some((value) => value.state === state),
  );
  return { ...age, values, state: worst ?? 'normal' };
}
