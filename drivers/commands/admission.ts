import {
  type CommandReason,
  type CommandState,
  type DeviceAction,
  type DeviceCommand,
  maxCommandLifeMs,
  type Permissions,
} from '@gatehouse/contracts';
import type { Comms } from '../devices/board.ts';
import type { Refusal } from '../devices/safety.ts';

/** How a command ends that is not carried out. */
export interface NotAdmitted {
  readonly state: CommandState;
  readonly reason: CommandReason;
}

/** What a device is when a command for it comes. */
export interface Admitting {
  readonly epochMs: number;
  readonly clockTrusted: boolean;
  readonly permissions: Permissions;
  readonly comms: Comms;
  readonly reachable: boolean;
  /** Longest hold-open that the site allows, seconds; 0 where it allows none. */
  readonly maxHoldS: number;
  readonly refusal: (action: DeviceAction) => Refusal | undefined;
}

/** What depends on a contact needs it read this freshly when the bus takes the command, milliseconds. */
export const freshLoopMs = 1_000;

/** Why a command ends before the bus is asked; pure. */
export function admission(command: DeviceCommand, now: Admitting): NotAdmitted | undefined {
  const lifeMs = Date.parse(command.expiresAt) - now.epochMs;
  if (lifeMs <= 0) return { state: 'expired', reason: 'COMMAND_EXPIRED' };
  const reason =
    (lifeMs > maxCommandLifeMs && 'EXPIRY_TOO_FAR') ||
    (!isPermitted(command, now.permissions) && 'NOT_PERMITTED') ||
    (isRemote(command) && !now.clockTrusted && 'CLOCK_NOT_SYNCHRONISED') ||
    (now.comms === 'starting' && 'DEVICE_STARTING') ||
    (!now.reachable && 'DEVICE_LOST') ||
    (now.maxHoldS > 0 && (command.holdS ?? 0) > now.maxHoldS && 'HOLD_TOO_LONG') ||
    now.refusal(command.action);
  return reason ? { state: 'rejected', reason } : undefined;
}

/** What has become of it when the bus takes the command. */
export interface AtTheDoorstep {
  /**
   * What is said if the contacts that the action depends on were not read right before; nothing where it
   * depends on none.
   */
  readonly looksFirst: Refusal | undefined;
  /** The absolute expiry in the command, and the monotonic deadline that it meant when the command came. */
  readonly expiresEpochMs: number;
  readonly expiresMonotonicMs: number;
  readonly epochMs: number;
  readonly monotonicMs: number;
  readonly reachable: boolean;
  readonly contactsAgeMs: number;
  readonly refusal: Refusal | undefined;
}

/** Why a command ends right before its write: whatever changed while it waited for the bus counts now; pure. */
export function doorstep(now: AtTheDoorstep): NotAdmitted | undefined {
  // A stepped clock cannot extend a command's life.
  const tooLate = now.epochMs >= now.expiresEpochMs || now.monotonicMs >= now.expiresMonotonicMs;
  if (tooLate) return { state: 'expired', reason: 'COMMAND_EXPIRED' };
  if (!now.reachable) return { state: 'rejected', reason: 'DEVICE_LOST' };
  if (now.looksFirst && now.contactsAgeMs > freshLoopMs) return { state: 'rejected', reason: now.looksFirst };
  return now.refusal && { state: 'rejected', reason: now.refusal };
}

/** Whether the site lets an origin do this to this device. The box itself asks nobody. */
export function isPermitted(
  { origin, action, device }: Pick<DeviceCommand, 'origin' | 'action' | 'device'>,
  permissions: Permissions,
): boolean {
  if (origin.channel === 'box') return true;
  return permissions[origin.channel].allow.some(
    ({ actions, devices }) => actions.includes(action) && (devices?.includes(device) ?? true),
  );
}

/** Flows run on what comes from outside as well, schedules on the clock; people at the console and the command line stand at the box. */
function isRemote({ origin }: DeviceCommand): boolean {
  return origin.channel === 'upstream' || origin.channel === 'flows' || origin.channel === 'schedule';
}
