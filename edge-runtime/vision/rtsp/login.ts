import { createHash } from 'node:crypto';
import { type Challenge, parseChallenges } from './challenge.ts';

export interface LoginOptions {
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Basic is allowed: by the site file, or because the connection is TLS with a known certificate. */
  readonly inClear: boolean;
  /** Makes a client nonce, hexadecimal. */
  readonly clientNonce: () => string;
}

/**
 * What follows a 401: send the request again, or give up, because the login is wrong or would go out in
 * clear.
 */
export type LoginStep = 'again' | 'wrong' | 'in-clear';

export type LoginKind = 'none' | 'digest' | 'basic';

interface DigestChallenge {
  readonly hash: string;
  readonly session: boolean;
  readonly qop: boolean;
  readonly nonce: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 7616 3.3 by Node's names, strongest first. */
const hashes: Readonly<Record<string, string>> = {
  'sha-512-256': 'sha512-256',
  'sha-256': 'sha256',
  md5: 'md5',
};
const strongestFirst = Object.values(hashes);

/**
 * The client side of a camera's login. Uses digest (RFC 7616; RFC 2069 for old cameras) if it is offered, and
 * Basic (RFC 7617) only if that is allowed. Sends a wrong password once, because cameras lock an account
 * after a few.
 */
export class Login {
  readonly #options: LoginOptions;
  #challenge: DigestChallenge | 'basic' | undefined;
  /** How often the nonce was used (RFC 7616 3.4, "nc"), and our own nonce beside it. */
  #count = 0;
  #clientNonce = '';
  #offered: readonly string[] = [];
  /** The camera has accepted a login with this challenge. */
  #accepted = false;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** The `Authorization` of a request; undefined before the camera has asked for one. */
  authorization(method: string, uri: string): string | undefined {
    const username = bytesOf(this.#options.username);
    const password = bytesOf(this.#options.password);
    if (this.#challenge === undefined) return undefined;
    if (this.#challenge === 'basic')
      return `Basic ${Buffer.from(`${username}:${password}`, 'latin1').toString('base64')}`;
    this.#count++;
    const fields = { username, password, method, uri, count: this.#count, clientNonce: this.#clientNonce };
    return digest({ ...this.#challenge, ...fields });
  }

  /** Schemes that the camera offered with its last 401, in lower case. */
  get offered(): readonly string[] {
    return this.#offered;
  }

  /** The scheme in use. */
  get kind(): LoginKind {
    if (typeof this.#challenge === 'object') return 'digest';
    return this.#challenge ?? 'none';
  }

  /** Call when a request with an authorization was not answered with 401. */
  accepted(): void {
    this.#accepted = this.#challenge !== undefined;
  }

  /**
   * Call for a 401. `values`: its WWW-Authenticate headers. `tried`: the request had an authorization.
   * `renewed`: it was sent with an authorization twice already.
   */
  refused(values: readonly string[], tried: boolean, renewed: boolean): LoginStep {
    const { username, inClear } = this.#options;
    const before = this.#challenge;
    const offered = parseChallenges(values);
    this.#offered = offered.map(({ scheme }) => scheme);
    const next = strongest(offered) ?? (inClear && offersBasic(offered) ? 'basic' : undefined);
    if (next === undefined) return offersBasic(offered) && username !== undefined ? 'in-clear' : 'wrong';
    if (username === undefined || renewed) return 'wrong';
    // An accepted nonce may have expired. Some cameras do not say `stale` then, but send a new one.
    if (tried && !(isStale(offered) || (this.#accepted && isAnother(before, next)))) return 'wrong';
    this.#challenge = next;
    this.#count = 0;
    this.#clientNonce = this.#options.clientNonce();
    this.#accepted = false;
    return 'again';
  }
}

function offersBasic(offered: readonly Challenge[]): boolean {
  return offered.some(({ scheme }) => scheme === 'basic');
}

function isStale(offered: readonly Challenge[]): boolean {
  return offered.some(({ parameters }) => parameters.get('stale')?.toLowerCase() === 'true');
}

function isAnother(before: DigestChallenge | 'basic' | undefined, next: DigestChallenge | 'basic'): boolean {
  return typeof before === 'object' && typeof next === 'object' && before.nonce !== next.nonce;
}

/** The supported digest with the strongest hash, regardless of the camera's order. */
function strongest(offered: readonly Challenge[]): DigestChallenge | undefined {
  return offered
    .flatMap((challenge) => digestOf(challenge) ?? [])
    .sort((a, b) => strongestFirst.indexOf(a.hash) - strongestFirst.indexOf(b.hash))[0];
}

function digestOf({ scheme, parameters }: Challenge): DigestChallenge | undefined {
  const [, name = '', session] = /^([\w-]+?)(-sess)?$/i.exec(parameters.get('algorithm') ?? 'MD5') ?? [];
  const hash = hashes[name.toLowerCase()];
  const nonce = parameters.get('nonce');
  const offeredQop = parameters.get('qop');
  const qops = offeredQop?.split(',').map((text) => text.trim().toLowerCase()) ?? [];
  // `auth-int` alone is not supported; no known camera asks for it.
  if (scheme !== 'digest' || !hash || nonce === undefined || (qops.length > 0 && !qops.includes('auth')))
    return undefined;
  return { hash, session: session !== undefined, qop: qops.length > 0, nonce, parameters };
}

interface DigestFields {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly count: number;
  readonly clientNonce: string;
}

function digest(fields: DigestChallenge & DigestFields): string {
  const { hash, session, qop, nonce, parameters, username, password, method, uri, clientNonce } = fields;
  const h = (text: string) => createHash(hash).update(text, 'latin1').digest('hex');
  const realm = parameters.get('realm') ?? '';
  const nc = fields.count.toString(16).padStart(8, '0');
  const secret = h(`${username}:${realm}:${password}`);
  const first = session ? h(`${secret}:${nonce}:${clientNonce}`) : secret;
  const middle = qop ? `${nonce}:${nc}:${clientNonce}:auth` : nonce;
  const response = h(`${first}:${middle}:${h(`${method}:${uri}`)}`);
  const hashed = parameters.get('userhash')?.toLowerCase() === 'true';
  const algorithm = parameters.get('algorithm');
  const opaque = parameters.get('opaque');
  return `Digest ${[
    `username="${hashed ? h(`${username}:${realm}`) : username.replace(/["\\]/g, '\\$&')}"`,
    ...[`realm="${realm}"`, `nonce="${nonce}"`, `uri="${uri}"`, `response="${response}"`],
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(qop || session ? [`cnonce="${clientNonce}"`] : []),
    ...(qop ? ['qop=auth', `nc=${nc}`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(hashed ? ['userhash=true'] : []),
  ].join(', ')}`;
}

/** The UTF-8 bytes of a text, one per character, as in `RtspMessage`. */
function bytesOf(text = ''): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
