import { errorOf, GatehouseError, systemCode } from '@gatehouse/kit';
import { tlsError } from '../tls/tls-error.ts';

/** CONNACK codes that say "not this protocol version": 3.1.1 return code 1, 5.0 reason code 0x84. */
const versionRefused = new Set([1, 0x84]);
/** CONNACK codes about who we are: 3.1.1 return codes 4 and 5, 5.0 reason codes 0x86, 0x87 and 0x8c. */
const loginRefused = new Set([4, 5, 0x86, 0x87, 0x8c]);

/** The code a broker refused with (mqtt.js puts it on the error), if it is one. */
export function refusalCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/**
 * True if the older protocol is worth a try at once: the version was refused, or the peer did not understand
 * CONNECT.
 */
export function mayBeOlderProtocol(error: GatehouseError): boolean {
  return (
    error.code === 'BROKER_CLOSED' ||
    error.code === 'BROKER_PROTOCOL' ||
    systemCode(error.cause) === 'ECONNRESET' ||
    versionRefused.has(refusalCode(error.cause) ?? -1)
  );
}

/**
 * One line for people from whatever mqtt.js, TCP or TLS gave. `url` carries no user or password (contract).
 */
export function brokerError(url: string, cause: unknown): GatehouseError {
  if (cause instanceof GatehouseError) return cause;
  const secured = tlsError(url, cause);
  if (secured) return secured;
  const code = refusalCode(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (code !== undefined && loginRefused.has(code))
    return errorOf('BROKER_LOGIN_REFUSED', { url, reason }, { cause });
  if (code !== undefined) return errorOf('BROKER_REFUSED', { url, reason }, { cause });
  const system = systemCode(cause);
  if (system !== undefined) return errorOf('BROKER_UNREACHABLE', { url, reason: system }, { cause });
  if (/timeout/i.test(reason)) return errorOf('BROKER_SILENT', { url, reason }, { cause });
  return errorOf('BROKER_PROTOCOL', { url, reason }, { cause });
}

/** MQTT 5.0, 4.13: another client has connected with the same client id. */
export const sessionTakenOver = 0x8e;

export function takenOver(url: string): GatehouseError {
  return errorOf('BROKER_ID_TAKEN', { url });
}

export function silent(url: string, what: string): GatehouseError {
  return errorOf('BROKER_SILENT/quiet', { url, what });
}

export function closedBy(url: string, reason: string): GatehouseError {
  return errorOf('BROKER_CLOSED', { url, reason });
}
