import { z } from 'zod';
import { ruleConditions } from '../site/rules/index.ts';

/**
 * Reasons as the platform gets them: codes out of closed lists. A service's local text is longer and may name
 * hosts, paths and a peer's answer; it stays on the box. A code that the lists do not have leaves as `OTHER`.
 */

/** Why a command ended as it did. */
export const CommandReason = z.enum([
  ...['COMMAND_EXPIRED', 'EXPIRY_TOO_FAR', 'NOT_PERMITTED', 'CLOCK_NOT_SYNCHRONISED'],
  ...['DEVICE_STARTING', 'DEVICE_LOST', 'HOLD_TOO_LONG', 'NOT_SUPPORTED', 'NOT_HELD', 'HELD_OPEN'],
  ...[
    'LOOP_OCCUPIED',
    'LOOP_UNKNOWN',
    'LOOP_FAULT',
    'CONTACT_FAULT',
    'INTERLOCKED',
    'INTERLOCK_UNKNOWN',
    'NOT_CLOSED',
    'ON_ITS_WAY',
  ],
  ...['FIRE_LATCHED', 'SUPERSEDED', 'INTERRUPTED', 'ECHO_MISSING', 'RELAY_NOT_ACTUATED'],
  ...['RELAY_NOT_RELEASED', 'FEEDBACK_NOT_REACHED', 'NOT_READ_BACK', 'INTERNAL_ERROR'],
  ...['EXCEPTION_UNCLEAR', 'EARLIER_COMMANDS_LOST', 'OUT_OF_SERVICE'],
  ...['BUS_BUSY', 'BUS_DOWN', 'BUS_EXCEPTION', 'BUS_TIMEOUT', 'BUS_UNIT_SILENT', 'BUS_WRONG_REPLY'],
  ...['WRITE_FORBIDDEN', 'JOURNAL_FULL', 'DRIVERS_DOWN', 'RUNTIME_RESTARTED', 'COMMAND_REPEATED'],
  ...['COMMAND_UNANSWERED', 'OTHER'],
] as const);
export type CommandReason = z.infer<typeof CommandReason>;

/** Why a message of the platform did not become a command. */
export const RefusalReason = z.enum([
  ...['MESSAGE_TOO_LONG', 'MESSAGE_MALFORMED', 'PAYLOAD_TYPE_WRONG', 'KEY_UNKNOWN', 'SIGNATURE_WRONG'],
  ...['COMMANDS_NOT_ENABLED', 'RETAINED', 'OTHER_BOX', 'DEVICE_UNKNOWN', 'EXPIRY_TOO_FAR'],
  ...['CLOCKS_DISAGREE', 'COMMAND_REPEATED', 'COMMAND_ID_REUSED', 'RATE_LIMITED', 'TOO_MANY_AT_ONCE'],
  ...['JOURNAL_FULL', 'DRIVERS_DOWN', 'RUNTIME_RESTARTED', 'OTHER'],
] as const);
export type RefusalReason = z.infer<typeof RefusalReason>;

/** Why a device, a sensor or a card reader is lost. */
export const CommsReason = z.enum([
  ...['BUS_BUSY', 'BUS_DOWN', 'BUS_EXCEPTION', 'BUS_TIMEOUT', 'BUS_UNIT_SILENT', 'BUS_WRONG_REPLY'],
  ...['OUT_OF_SERVICE', 'OTHER'],
] as const);
export type CommsReason = z.infer<typeof CommsReason>;

/** Why a version of the desired state is not, or no longer, in force. */
export const DesiredReason = z.enum([
  ...['MESSAGE_TOO_LONG', 'MESSAGE_MALFORMED', 'PAYLOAD_TYPE_WRONG', 'KEY_UNKNOWN', 'SIGNATURE_WRONG'],
  ...['COMMANDS_NOT_ENABLED', 'OTHER_BOX', 'CLOCKS_DISAGREE', 'NOT_PERMITTED', 'CAMERA_UNKNOWN'],
  ...['ZONES_INVALID', 'ZONES_NOT_WRITTEN', 'FLOW_TYPE_UNKNOWN', 'FLOWS_NOT_DEPLOYED', 'FLOWS_NOT_READ'],
  ...['SITE_FILE_CHANGED', 'SITE_FILE_NOT_WRITABLE', 'SITE_FILE_MISSING', 'PEER_DOWN', 'INTERNAL'],
  ...['CAMERA_NOT_LIVE', 'RULES_STOPPED', 'SERVICE_DEGRADED', 'SERVICE_DOWN', 'FLOWS_RESTARTED'],
  ...['FLOWS_NOT_RUNNING', 'FLOWS_DEPLOY_ERRORS', 'APPLY_INTERRUPTED', 'RUNTIME_RESTARTS'],
  ...['LOCALLY_EDITED', 'NEWER_VERSION', 'OTHER'],
] as const);
export type DesiredReason = z.infer<typeof DesiredReason>;

/**
 * The code that a local reason is or begins with (`BUS_DOWN: cannot open …`), if the list has it; else
 * `OTHER`.
 */
export function codeIn<T extends string>(
  list: { readonly options: readonly T[] },
  text: string,
): T | 'OTHER' {
  const [code] = /^[A-Z][A-Z0-9_]*/.exec(text) ?? [];
  return list.options.find((one) => one === code) ?? 'OTHER';
}

/** Conditions of every rule, of camera health and of devices. */
const otherConditions = [
  ...['in-force', 'collapsed'],
  ...['stale', 'covered', 'blinded', 'moved', 'blurred', 'decode-errors', 'reconnecting', 'clock-off'],
  ...['cameras-lost', 'open-for', 'opened-without', 'contacts-contradict', 'relay-on', 'arrived'],
  ...['loop-fault', 'tamper-contact', 'input', 'fire-latched', 'doors-open', 'unknown-cards'],
  /** Of a sensor, whose value is named beside it: beyond a limit, and whether it can be measured at all. */
  ...['reading', 'measured'],
] as const;

/** The conditions of rules, camera health and devices. */
export const ConditionName = z.enum([...ruleConditions, ...otherConditions]);
export type ConditionName = z.infer<typeof ConditionName>;

/** Units of rules and sensors, as people read them; empty for a state or a share. */
export const Unit = z.enum([
  ...['', 's', 'min', 'h', '/min', '/h', '%', '%RH', '°C', '°F', 'K', '°'],
  ...['Pa', 'hPa', 'kPa', 'MPa', 'bar', 'mbar', 'mm', 'cm', 'm', 'm/s', 'mm/h', 'l/min', 'l/h', 'm³/h', 'm³'],
  ...['ppm', 'ppb', 'µg/m³', 'mg/m³', '%LEL', 'lx', 'dB', 'W/m²'],
  ...['mV', 'V', 'mA', 'A', 'W', 'kW', 'kWh', 'VA', 'var', 'Hz', 'Ω', 'kg', 'pH', 'µS/cm', 'NTU'],
] as const);
export type Unit = z.infer<typeof Unit>;
