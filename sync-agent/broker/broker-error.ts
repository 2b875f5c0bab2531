import { GatehouseError, systemCode } from '@gatehouse/kit';
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
  const text = cause instanceof Error ? cause.message : String(cause);
  const make = (name: string, fault: 'environment' | 'peer' | 'input', message: string, remedy: string) =>
    new GatehouseError(name, fault, message, remedy, { cause });
  if (code !== undefined && loginRefused.has(code))
    return make(
      'BROKER_LOGIN_REFUSED',
      'input',
      `${url} refused the login (${text}).`,
      'Check "username" and "password" below "uplink" and the rights that the broker grants.',
    );
  if (code !== undefined)
    return make(
      'BROKER_REFUSED',
      'peer',
      `${url} refused the connection (${text}).`,
      "See the broker's log.",
    );
  const system = systemCode(cause);
  if (system !== undefined)
    return make(
      'BROKER_UNREACHABLE',
      'environment',
      `cannot reach ${url} (${system}).`,
      'Check the network, the address and that the broker runs.',
    );
  if (/timeout/i.test(text))
    return make(
      'BROKER_SILENT',
      'peer',
      `${url} does not answer (${text}).`,
      'Check that an MQTT broker runs there.',
    );
  return make(
    'BROKER_PROTOCOL',
    'peer',
    `${url} does not speak MQTT (${text}).`,
    'Check the address and port.',
  );
}

/** MQTT 5.0, 4.13: another client has connected with the same client id. */
export const sessionTakenOver = 0x8e;

export function takenOver(url: string): GatehouseError {
  return new GatehouseError(
    'BROKER_ID_TAKEN',
    'peer',
    `${url} gave the connection to another client of the same id (reason 0x8E).`,
    "Another box or program uses this box's id: switch one of them off.",
  );
}

export function silent(url: string, what: string): GatehouseError {
  return new GatehouseError(
    'BROKER_SILENT',
    'peer',
    `${url} does not answer (${what}).`,
    'Check the network and that an MQTT broker runs there.',
  );
}

export function closedBy(url: string, reason: string): GatehouseError {
  return new GatehouseError(
    'BROKER_CLOSED',
    'peer',
    `${url} closed the connection${reason}.`,
    "See the broker's log.",
  );
}
