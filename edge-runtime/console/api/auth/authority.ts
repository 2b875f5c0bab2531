import type { Role } from '@gatehouse/contracts';
import { type Clock, errorOf, isoWithOffset, type Log } from '@gatehouse/kit';
import { peerOf } from '../connections/address.ts';
import { RetryLater } from '../errors.ts';
import type { AuditStore, UserStore } from '../parts.ts';
import type { UserRecord } from '../ports.ts';
import { type FailureKind, FailureTally } from './failure-tally.ts';
import { HashLane } from './hash-lane.ts';
import { type Client, KnownClients } from './known-clients.ts';
import { type Counted, Lockout } from './lockout.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { newSetupCode, normalizeCode, sameSecret } from './secrets.ts';
import { type Session, Sessions } from './sessions.ts';

/** The hash of a password that nobody has. With it an unknown name takes as long as a wrong password. */
const decoyHash =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZSByYW5kb20gc2FsdA$3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** A login that has just been opened: the session's token, and the value of the browser's device cookie. */
export interface Admitted {
  readonly token: string;
  readonly device: string;
}

/** An administrator who has just typed their own password again. */
export interface Confirmed {
  readonly by: string;
  readonly address: string;
}

export interface AuthorityOptions {
  readonly store: UserStore & AuditStore;
  /** Signs the device cookie. */
  readonly deviceKey: Buffer;
  readonly clock: Clock;
  readonly log: Log;
}

interface Attempt extends Credentials {
  readonly record: UserRecord | undefined;
  readonly client: Client;
  readonly kind: FailureKind;
  readonly counted: Counted;
  readonly lane: HashLane;
}

/** First set-up, log-in with lockout, and changes of users. Everything here is audited. */
export class Authority {
  readonly sessions: Sessions;
  readonly #store: UserStore & AuditStore;
  readonly #clock: Clock;
  readonly #lockout: Lockout;
  readonly #tally: FailureTally;
  readonly #known: KnownClients;
  /** One lane for known browsers and addresses, one for all others. */
  readonly #lanes: { readonly known: HashLane; readonly strangers: HashLane };
  #setupCode: string | undefined = newSetupCode();

  constructor({ store, deviceKey, clock, log }: AuthorityOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#lockout = new Lockout(store, clock, log);
    this.#tally = new FailureTally(store, clock, log, () => this.#lockout.save());
    this.#known = new KnownClients(deviceKey, clock);
    this.sessions = new Sessions(store, clock);
    this.#lanes = {
      known: new HashLane({ clock, waiting: 16, waitingOfPeer: 4, rests: false }),
      strangers: new HashLane({ clock, waiting: 8, waitingOfPeer: 1, rests: true }),
    };
  }

  async needsSetup(): Promise<boolean> {
    return (await this.#store.accounts.countUsers()) === 0;
  }

  /** The one-time code of this start, until it is used; `undefined` once the box has a user. */
  async setupCode(): Promise<string | undefined> {
    if (!(await this.needsSetup())) this.#setupCode = undefined;
    return this.#setupCode;
  }

  /**
   * Creates the first administrator and logs it in. Throws `SETUP_DONE`, `SETUP_CODE_WRONG`, `LOGIN_LOCKED`,
   * `LOGIN_BUSY`.
   */
  async setUp(code: string, { user, password }: Credentials, client: Client): Promise<Admitted> {
    const expected = await this.setupCode();
    if (expected === undefined) throw errorOf('SETUP_DONE');
    const counted = { key: `setup ${peerOf(client.address)}`, real: false };
    await this.#refuseLocked(counted, 'setup', client);
    if (!sameSecret(normalizeCode(code), normalizeCode(expected))) {
      await this.#fail('setup-failed', counted, 'setup', client);
      throw errorOf('SETUP_CODE_WRONG');
    }
    const hash = this.#lanes.strangers.run(peerOf(client.address), () => hashPassword(password));
    const record = this.#record(user, 'administrator', await hash);
    if (!(await this.#store.accounts.addFirstUser(record))) throw errorOf('SETUP_DONE');
    this.#setupCode = undefined;
    await this.#note('setup', user, client.address);
    return this.#admit(record.name, client);
  }

  /** Throws `LOGIN_FAILED`, `LOGIN_LOCKED`, `LOGIN_BUSY`. */
  async logIn({ user, password }: Credentials, client: Client): Promise<Admitted> {
    const record = await this.#store.accounts.findUser(user);
    const knownAs = this.#known.knownAs(user, client);
    const right = await this.#isRight({
      user,
      password,
      record,
      client,
      kind: 'login-failed',
      counted: { key: `${user.toLowerCase()} ${knownAs ?? 'strangers'}`, real: record !== undefined },
      lane: knownAs === undefined ? this.#lanes.strangers : this.#lanes.known,
    });
    if (!record || !right) throw errorOf('LOGIN_FAILED');
    await this.#note('login', record.name, client.address);
    return this.#admit(record.name, client);
  }

  async logOut(user: string, tokenHash: string, address: string): Promise<void> {
    await this.sessions.end(tokenHash);
    await this.#note('logout', user, address);
  }

  /**
   * Asks the user of a login for the password again, before an action that gives rights: a login alone, which
   * somebody else may be using, must not be enough. It asks for each request. A window of some minutes would
   * also serve another tab or script. Throws `PASSWORD_WRONG`, `LOGIN_*`.
   */
  async confirm({ user }: Session, password: string, address: string): Promise<Confirmed> {
    const right = await this.#isRight({
      user,
      password,
      record: await this.#store.accounts.findUser(user),
      kind: 'confirm-failed',
      client: { address, devices: [] },
      counted: { key: `${user.toLowerCase()} confirms`, real: true },
      lane: this.#lanes.known,
    });
    if (!right) throw errorOf('PASSWORD_WRONG');
    return { by: user, address };
  }

  /** Throws `USER_EXISTS`, `LOGIN_BUSY`. */
  async addUser(by: Confirmed, { user, password }: Credentials, role: Role): Promise<void> {
    const record = this.#record(user, role, await this.#newHash(by, password));
    if (!(await this.#store.accounts.addUser(record))) throw errorOf('USER_EXISTS', { name: record.name });
    await this.#did(by, 'user-created', record.name, { role });
  }

  /** Ends the user's logins and their open sockets. Throws `USER_UNKNOWN`, `LAST_ADMINISTRATOR`. */
  async changeRole(by: Confirmed, user: string, role: Role): Promise<void> {
    const { name, role: before } = await this.#user(user);
    const done = await this.#store.accounts.changeRole(name, role);
    if (done === 'last-administrator') throw errorOf('LAST_ADMINISTRATOR');
    if (done === 'unknown') throw errorOf('USER_UNKNOWN');
    await this.#did(by, 'role-changed', name, { before, role });
    if (before !== role) await this.sessions.endAll(name);
  }

  /** Ends the user's logins. Throws `USER_UNKNOWN`, `LOGIN_BUSY`. */
  async resetPassword(by: Confirmed, user: string, password: string): Promise<void> {
    const { name } = await this.#user(user);
    if (!(await this.#store.accounts.changePassword(name, await this.#newHash(by, password))))
      throw errorOf('USER_UNKNOWN');
    await this.#did(by, 'password-reset', name, {});
    await this.sessions.endAll(name);
  }

  /** Reports failures that are counted but not yet reported. Called before the service stops. */
  stop(): Promise<void> {
    return this.#tally.tell();
  }

  async #admit(user: string, client: Client): Promise<Admitted> {
    return { token: await this.sessions.open(user), device: this.#known.loggedIn(user, client) };
  }

  async #user(name: string): Promise<UserRecord> {
    const found = await this.#store.accounts.findUser(name);
    if (!found) throw errorOf('USER_UNKNOWN');
    return found;
  }

  #newHash({ address }: Confirmed, password: string): Promise<string> {
    return this.#lanes.known.run(peerOf(address), () => hashPassword(password));
  }

  /**
   * True if the password is right. A failure is counted before the next attempt of the lane is heard, so that
   * a burst gets no more attempts than single ones would. Throws `LOGIN_LOCKED`, `LOGIN_BUSY`.
   */
  async #isRight(attempt: Attempt): Promise<boolean> {
    const { user, password, record, client, kind, counted, lane } = attempt;
    await this.#refuseLocked(counted, user, client);
    try {
      return await lane.run(peerOf(client.address), async () => {
        await this.#refuseLocked(counted, user, client);
        const right = await verifyPassword(password, record?.passwordHash ?? decoyHash);
        if (record && right) await this.#lockout.succeed(counted);
        else await this.#fail(kind, counted, user, client);
        return record !== undefined && right;
      });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'LOGIN_BUSY')
        this.#tally.add('login-busy', user, client.address);
      throw error;
    }
  }

  async #refuseLocked(counted: Counted, user: string, { address }: Client): Promise<void> {
    const waitMs = await this.#lockout.waitMs(counted);
    if (waitMs <= 0) return;
    this.#tally.add('login-locked', user, address);
    const waitS = Math.ceil(waitMs / 1000);
    throw new RetryLater(errorOf('LOGIN_LOCKED', { seconds: waitS }), waitS);
  }

  async #fail(kind: FailureKind, counted: Counted, user: string, { address }: Client): Promise<void> {
    await this.#lockout.fail(counted);
    this.#tally.add(kind, user, address);
  }

  #record(user: string, role: Role, passwordHash: string): UserRecord {
    return { name: user, role, passwordHash, createdAt: this.#now() };
  }

  async #did(
    { by, address }: Confirmed,
    what: string,
    on: string,
    detail: Record<string, string>,
  ): Promise<void> {
    await this.#store.accounts.recordAudit({ at: this.#now(), who: by, what, on, from: address, detail });
  }

  async #note(what: string, who: string, from: string): Promise<void> {
    await this.#store.accounts.recordAudit({ at: this.#now(), who, what, from });
  }

  #now(): string {
    return isoWithOffset(this.#clock.epochMs());
  }
}
