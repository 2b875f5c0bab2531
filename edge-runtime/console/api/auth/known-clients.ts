import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@gatehouse/kit';
import { peerOf } from '../connections/address.ts';
import { sameSecret } from './secrets.ts';

/** How long a browser stays known without a log-in; browsers keep no cookie longer than 400 days. */
export const deviceMaxAgeS = 400 * 86_400;
/**
 * Guards of all shifts use the gatehouse's browser. The one who has not logged in for longest is forgotten
 * first.
 */
const maxUsers = 12;
const deviceBytes = 12;
const tagBytes = 12;
/** `<device>.<tag>.<tag>…`, base64url. */
const form = /^[A-Za-z0-9_-]{16}(?:\.[A-Za-z0-9_-]{16}){1,12}$/;

/** An address stays known for this long after a log-in there. */
const addressLifeMs = 7 * 86_400_000;
/** Past it the one that has not been used for longest is forgotten. */
const maxAddresses = 1_000;

/** Where a log-in comes from. */
export interface Client {
  readonly address: string;
  /** What came as the device's cookie, each value of it. */
  readonly devices: readonly string[];
}

/**
 * Who has logged in as a user before: this browser, by a cookie that the box has signed (after OWASP, "Slow
 * down online guessing attacks with device cookies"), or this address, lately. That opens nothing: it decides
 * which attempts are counted together and which wait behind which, so that guessing from elsewhere neither
 * locks the user out nor makes them wait.
 */
export class KnownClients {
  readonly #key: Buffer;
  readonly #clock: Clock;
  /** By user and peer, the longest unused first. */
  readonly #addresses = new Map<string, number>();
  constructor(key: Buffer, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  /**
   * What the client is known by to have logged in as this user: its device or its address; `undefined` if it
   * is not.
   */
  knownAs(user: string, client: Client): string | undefined {
    const device = this.#deviceOf(user, client);
    if (device !== undefined) return `device ${device}`;
    const atMs = this.#addresses.get(addressKey(user, client));
    const lately = atMs !== undefined && this.#clock.monotonicMs() - atMs < addressLifeMs;
    return lately ? `address ${peerOf(client.address)}` : undefined;
  }

  /** Takes note of a log-in; returns the value for the device's cookie. */
  loggedIn(user: string, client: Client): string {
    const key = addressKey(user, client);
    this.#addresses.delete(key);
    this.#addresses.set(key, this.#clock.monotonicMs());
    const [oldest] = this.#addresses.keys();
    if (oldest !== undefined && this.#addresses.size > maxAddresses) this.#addresses.delete(oldest);
    const [before] = client.devices.filter((value) => form.test(value));
    const [device = newDevice(), ...tags] = before?.split('.') ?? [];
    const tag = this.#tag(device, user);
    return [device, tag, ...tags.filter((other) => other !== tag)].slice(0, maxUsers + 1).join('.');
  }

  #deviceOf(user: string, { devices }: Client): string | undefined {
    for (const value of devices.filter((one) => form.test(one))) {
      const [device = '', ...tags] = value.split('.');
      const expected = this.#tag(device, user);
      if (tags.some((tag) => sameSecret(tag, expected))) return device;
    }
    return undefined;
  }

  #tag(device: string, user: string): string {
    const mac = createHmac('sha256', this.#key).update(`${device} ${user.toLowerCase()}`).digest();
    return mac.subarray(0, tagBytes).toString('base64url');
  }
}

function newDevice(): string {
  return randomBytes(deviceBytes).toString('base64url');
}

function addressKey(user: string, { address }: Client): string {
  return `${user.toLowerCase()} ${peerOf(address)}`;
}
