import type { Role } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import { isoWithOffset } from '@gatehouse/kit';
import { consoleError } from '../errors.ts';
import type { AuditPort, UserRecord, UsersPort } from '../ports.ts';
import { Lockout } from './lockout.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { newSetupCode, normalizeCode, sameSecret } from './secrets.ts';
import { Sessions } from './sessions.ts';

/** A hash nobody has the password of: an unknown name takes as long as a wrong password. */
const decoyHash =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZSByYW5kb20gc2FsdA$3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8';

/** Name under which wrong set-up codes are counted; no user can have it (see `UserName` in the routes). */
const setupKey = '*setup';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Who may come in: first set-up, logins with lockout, and new users. Everything here is audited. */
export class Authority {
  readonly sessions: Sessions;
  readonly #users: UsersPort;
  readonly #audit: AuditPort;
  readonly #clock: Clock;
  readonly #lockout: Lockout;
  #setupCode: string | undefined = newSetupCode();

  constructor(users: UsersPort, audit: AuditPort, clock: Clock) {
    this.#users = users;
    this.#audit = audit;
    this.#clock = clock;
    this.#lockout = new Lockout(users, clock);
    this.sessions = new Sessions(users, clock);
  }

  async needsSetup(): Promise<boolean> {
    return (await this.#users.countUsers()) === 0;
  }

  /** The one-time code of this start, until it is used; `undefined` once the box has a user. */
  async setupCode(): Promise<string | undefined> {
    if (!(await this.needsSetup())) this.#setupCode = undefined;
    return this.#setupCode;
  }

  /** Creates the first administrator and logs it in. Throws `SETUP_DONE`, `SETUP_CODE_WRONG`, `LOGIN_LOCKED`. */
  async setUp(code: string, { user, password }: Credentials, address: string): Promise<string> {
    const expected = await this.setupCode();
    if (expected === undefined) throw consoleError('SETUP_DONE');
    await this.#refuseLocked(setupKey, address);
    if (!sameSecret(normalizeCode(code), normalizeCode(expected))) {
      await this.#fail(setupKey, address, 'setup-failed');
      throw consoleError('SETUP_CODE_WRONG');
    }
    const record = await this.#record({ user, password }, 'administrator');
    if (!(await this.#users.addFirstUser(record))) throw consoleError('SETUP_DONE');
    this.#setupCode = undefined;
    await this.#note('setup', user, address);
    return this.sessions.open(record.name);
  }

  /** Returns the new session's token. Throws `LOGIN_FAILED`, `LOGIN_LOCKED`, `LOGIN_BUSY`. */
  async logIn({ user, password }: Credentials, address: string): Promise<string> {
    await this.#refuseLocked(user, address);
    const record = await this.#users.findUser(user);
    const right = await verifyPassword(password, record?.passwordHash ?? decoyHash);
    if (!record || !right) {
      await this.#fail(user, address, 'login-failed');
      throw consoleError('LOGIN_FAILED');
    }
    await this.#lockout.succeed(user, address);
    await this.#note('login', record.name, address);
    return this.sessions.open(record.name);
  }

  async logOut(user: string, tokenHash: string, address: string): Promise<void> {
    await this.sessions.end(tokenHash);
    await this.#note('logout', user, address);
  }

  /** Throws `USER_EXISTS`. */
  async addUser(by: string, credentials: Credentials, role: Role, address: string): Promise<void> {
    const record = await this.#record(credentials, role);
    if (!(await this.#users.addUser(record)))
      throw consoleError('USER_EXISTS', `a user called ${record.name} exists.`);
    await this.#audit.record({
      at: this.#now(),
      who: by,
      what: 'user-created',
      on: record.name,
      from: address,
      detail: { role },
    });
  }

  async #record({ user, password }: Credentials, role: Role): Promise<UserRecord> {
    return { name: user, role, passwordHash: await hashPassword(password), createdAt: this.#now() };
  }

  async #refuseLocked(user: string, address: string): Promise<void> {
    const waitMs = await this.#lockout.waitMs(user, address);
    if (waitMs > 0)
      throw consoleError(
        'LOGIN_LOCKED',
        `too many failed attempts; the next one is heard in ${Math.ceil(waitMs / 1000)} s.`,
      );
  }

  async #fail(user: string, address: string, what: string): Promise<void> {
    await this.#lockout.fail(user, address);
    await this.#note(what, 'anonymous', address, user);
  }

  async #note(what: string, who: string, from: string, on?: string): Promise<void> {
    await this.#audit.record({ at: this.#now(), who, what, from, ...(on === undefined ? {} : { on }) });
  }

  #now(): string {
    return isoWithOffset(this.#clock.epochMs());
  }
}
