import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UserRecord, UsersPort } from '../ports.ts';

const li: UserRecord = {
  name: '李Wei',
  role: 'administrator',
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$dGFn',
  createdAt: '2026-11-23T18:00:00.000+08:00',
};
const guard: UserRecord = { ...li, name: 'guard', role: 'guard' };

/**
 * The contract of every `UsersPort`. `make` gives a fresh, empty one; `reopen`, if given, opens the same data
 * as a new process would.
 */
export function usersPortContract(
  name: string,
  make: () => UsersPort,
  reopen?: (port: UsersPort) => UsersPort,
): void {
  describe(`users port: ${name}`, () => {
    it('starts without a user', async () => {
      const port = make();
      assert.equal(await port.countUsers(), 0);
      assert.deepEqual(await port.listUsers(), []);
      assert.equal(await port.findUser('guard'), undefined);
    });

    it('takes a first user once', async () => {
      const port = make();
      assert.equal(await port.addFirstUser(li), true);
      assert.equal(await port.addFirstUser(guard), false);
      assert.deepEqual(await port.listUsers(), [li]);
    });

    it('finds a user by name in any case and keeps the name as typed', async () => {
      const port = make();
      await port.addUser(li);
      assert.deepEqual(await port.findUser('李wEI'), li);
    });

    it('refuses a name that is taken, also in another case, and changes nothing', async () => {
      const port = make();
      await port.addUser(guard);
      assert.equal(await port.addUser({ ...li, name: 'GUARD' }), false);
      assert.deepEqual(await port.listUsers(), [guard]);
    });

    it('lists users by name', async () => {
      const port = make();
      for (const userName of ['b', 'c', 'a']) await port.addUser({ ...guard, name: userName });
      assert.deepEqual(
        (await port.listUsers()).map((user) => user.name),
        ['a', 'b', 'c'],
      );
    });

    it('keeps, touches and removes sessions', async () => {
      const port = make();
      await port.addUser(guard);
      const session = { tokenHash: 'ab'.repeat(32), user: 'guard', createdAtMs: 1000, lastSeenAtMs: 1000 };
      await port.addSession(session);
      await port.touchSession(session.tokenHash, 5000);
      assert.deepEqual(await port.findSession(session.tokenHash), { ...session, lastSeenAtMs: 5000 });
      await port.removeSession(session.tokenHash);
      assert.equal(await port.findSession(session.tokenHash), undefined);
      await port.removeSession(session.tokenHash);
    });

    it('removes sessions that are too old or too long unseen, and only those', async () => {
      const port = make();
      await port.addUser(guard);
      const add = (tokenHash: string, createdAtMs: number, lastSeenAtMs: number) =>
        port.addSession({ tokenHash, user: 'guard', createdAtMs, lastSeenAtMs });
      await add('old', 99, 1000);
      await add('unseen', 100, 499);
      await add('live', 100, 500);
      await port.removeStaleSessions(100, 500);
      assert.equal(await port.findSession('old'), undefined);
      assert.equal(await port.findSession('unseen'), undefined);
      assert.equal((await port.findSession('live'))?.user, 'guard');
    });

    it('keeps counts of failed logins a key, clears them, and forgets old ones', async () => {
      const port = make();
      assert.equal(await port.failedLogins('a@1'), undefined);
      const one = { key: 'a@1', count: 1, lastAtMs: 10 };
      await port.saveFailedLogins([one, { ...one, key: 'b@1', lastAtMs: 5 }], 0);
      assert.deepEqual(await port.failedLogins('a@1'), { count: 1, lastAtMs: 10 });
      await port.saveFailedLogins([{ ...one, count: 7, lastAtMs: 20 }], 6);
      assert.deepEqual(await port.failedLogins('a@1'), { count: 7, lastAtMs: 20 });
      assert.equal(await port.failedLogins('b@1'), undefined);
      await port.clearFailedLogins('a@1');
      assert.equal(await port.failedLogins('a@1'), undefined);
    });

    it('changes a role, but never takes the last administrator away', async () => {
      const port = make();
      await port.addFirstUser(li);
      await port.addUser(guard);
      assert.equal(await port.changeRole('nobody', 'guard'), 'unknown');
      assert.equal(await port.changeRole('李WEI', 'guard'), 'last-administrator');
      assert.equal((await port.findUser(li.name))?.role, 'administrator');
      assert.equal(await port.changeRole(li.name, 'administrator'), 'changed');
      assert.equal(await port.changeRole('Guard', 'administrator'), 'changed');
      assert.equal(await port.changeRole(li.name, 'supervisor'), 'changed');
      assert.deepEqual((await port.listUsers()).map(({ name: who, role }) => [who, role]).toSorted(), [
        ['guard', 'administrator'],
        ['李Wei', 'supervisor'],
      ]);
    });

    it('changes a password of a user that there is, and keeps sessions by user', async () => {
      const port = make();
      await port.addUser(guard);
      assert.equal(await port.changePassword('GUARD', 'another'), true);
      assert.equal((await port.findUser('guard'))?.passwordHash, 'another');
      assert.equal(await port.changePassword('nobody', 'another'), false);
      await port.addUser(li);
      const session = { user: 'guard', createdAtMs: 1, lastSeenAtMs: 2 };
      await port.addSession({ ...session, tokenHash: 'a' });
      await port.addSession({ ...session, tokenHash: 'b', user: li.name });
      assert.deepEqual(await port.sessionsOf('GUARD'), [{ ...session, tokenHash: 'a' }]);
    });

    if (reopen)
      it('has everything again after a restart', async () => {
        const port = make();
        await port.addFirstUser(li);
        await port.addSession({ tokenHash: 'cd', user: li.name, createdAtMs: 1, lastSeenAtMs: 2 });
        await port.saveFailedLogins([{ key: 'x@1', count: 1, lastAtMs: 3 }], 0);
        const again = reopen(port);
        assert.deepEqual(await again.findUser(li.name), li);
        assert.equal(await again.addFirstUser(guard), false);
        assert.equal((await again.findSession('cd'))?.lastSeenAtMs, 2);
        assert.equal((await again.failedLogins('x@1'))?.count, 1);
      });
  });
}
