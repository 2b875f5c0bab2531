import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { FailureTally } from '../auth/failure-tally.ts';
import { Lockout } from '../auth/lockout.ts';
import type { AuditRecord } from '../parts.ts';
import { MemoryUsers } from './memory-users.ts';

const minuteMs = 60_000;

describe('failed log-ins', () => {
  it('that come while others are written down are counted with the next', async () => {
    const { tally, rows } = await talliesInto(async () => tally.add('login-failed', 'late', '127.0.0.9'));
    tally.add('login-failed', 'guard', '127.0.0.1');
    await tally.tell();
    await tally.tell();
    assert.deepEqual(
      rows.slice(0, 2).map(({ on, detail }) => [on, detail?.count]),
      [
        ['guard', 1],
        ['late', 1],
      ],
    );
  });

  it('that the audit refuses are written down with those that follow', async () => {
    let refuses = true;
    const { tally, rows, clock } = await talliesInto(async () => {
      if (!refuses) return;
      tally.add('login-failed', 'guard', '127.0.0.2');
      throw new Error('disk full');
    });
    tally.add('login-failed', 'guard', '127.0.0.1');
    await tally.tell();
    refuses = false;
    await clock.advance(minuteMs);
    assert.deepEqual(
      rows.map(({ on, from, detail }) => [on, from, detail?.count, detail?.addresses]),
      [['guard', undefined, 2, '2']],
    );
    assert.equal(clock.pendingTimers, 0);
  });

  it('count for the lockout also when they come while others are saved, or the disk refuses them', async () => {
    const clock = new ManualClock(0);
    const users = new MemoryUsers();
    const lockout = new Lockout({ accounts: users }, clock, silentLog);
    const counted = { key: 'guard strangers', real: true };
    const save = users.saveFailedLogins.bind(users);
    users.saveFailedLogins = async (...list) => {
      await lockout.fail(counted);
      save(...list);
    };
    await lockout.fail(counted);
    await lockout.save();
    users.saveFailedLogins = async () => {
      throw new Error('disk full');
    };
    await lockout.save();
    users.saveFailedLogins = save;
    await lockout.save();
    assert.equal(users.failedLogins(counted.key)?.count, 2);
  });
});

/** A tally that writes into `rows`, after `onRecord`. */
async function talliesInto(onRecord: () => Promise<void>) {
  const clock = new ManualClock(0);
  const rows: AuditRecord[] = [];
  const recordAudit = async (row: AuditRecord) => {
    await onRecord();
    rows.push(row);
  };
  const tally = new FailureTally({ accounts: { recordAudit } }, clock, silentLog, async () => undefined);
  return { tally, rows, clock };
}
