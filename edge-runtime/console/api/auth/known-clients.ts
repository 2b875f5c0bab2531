import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@gatehouse/kit';
import { peerOf } from '../connections/address.ts';
import { sameSecret } from './secrets.ts';

/** A browser stays known for this long without a log-in. Browsers keep no cookie longer than 400 days. */
export const deviceMaxAgeS = 400 * 86_400;
/** Guards of all shifts share the gatehouse's browser. The user with the oldest log-in is dropped first. */
const maxUsers = 12;
const deviceBytes = 12;
const tagBytes = 12;
/** `<device>.<tag>.<tag>…`, base64url. */
const form = /^[A-Za-z0-9_-]{16}(?:\.[A-Za-z0-9_-]{16}){1,12}$/;

/** An address stays known for this long after a log-in from it. */
const addressLifeMs = 7 * 86_400_000;
/** Past this number the least recently used address is dropped. */
const maxAddresses = 1_000;

/** The origin of a log-in. */
export interface Client {
  readonly address: string;
  /** Every value of the device cookie in the request. */
  readonly devices: readonly string[];
}

/**
 * Knows which users have logged in from a browser or an address before. A browser shows it by a cookie that
 * the box has signed (OWASP, "Slow down online guessing attacks with device cookies"), an address by a log-in
 * within a week. This opens nothing. It decides which attempts are counted together and which lane they wait
 * in, so that guesses from elsewhere neither lock a user out nor delay the log-in.
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

  /** The device or address by which a client is known for this user; `undefined` if it is not. */
  knownAs(user: string, client: Client): string | undefined {
    const device = this.#deviceOf(user, client);
    if (device !== undefined) return `device ${device}`;
    const atMs = this.#addresses.get(addressKey(user, client));
    const lately = atMs !== undefined && this.#clock.monotonicMs() - atMs < addressLifeMs;
    return lately ? `address ${peerOf(client.address)}` : undefined;
  }

  /** Remembers a log-in; returns the new value of the device cookie. */
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
