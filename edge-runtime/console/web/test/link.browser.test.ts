import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { UplinkView } from '@gatehouse/contracts/console';
import type { Page } from 'playwright-core';
import { hashPassword } from '../../api/auth/passwords.ts';
import { fits, openStage, password, type Stage } from './browser-stage.ts';

const status = { state: 'connected', protocol: 5 } as const;

/** The guard's view of the link to the platform, in a real browser. */
describe('the link to the platform in a real browser', () => {
  let stage: Stage;
  let guard: Page;
  let phone: Page;

  before(async () => {
    stage = await openStage();
    const passwordHash = await hashPassword(password);
    stage.ports.store.accounts.addUser({
      name: '王卫',
      role: 'guard',
      passwordHash,
      createdAt: '2026-11-23T03:00:00+08:00',
    });
    guard = (await stage.openDark(1366, 768)).page;
    phone = (await stage.openDark(390, 844, 'en')).page;
    await stage.logIn(guard, '王卫');
    await stage.logIn(phone, '王卫');
  });
  after(() => stage?.stop());

  const put = (view: Partial<UplinkView>) => stage.ports.uplink.put({ status, backlog: 0, ...view });

  it('says what the platform’s newest configuration waits for', async () => {
    put({
      desired: {
        phase: 'staged',
        version: 7,
        parts: ['zones', 'flows'],
        waitsFor: ['DEVICE_MOVING', 'INCIDENT_UNHANDLED'],
      },
    });
    const line = guard.locator('[data-desired=staged]');
    await line.getByText('平台下发的配置 第 7 版').waitFor();
    await line.getByText('等门和道闸停止动作、未处理的事件有人接手').waitFor();
    await phone.getByText('until no door or barrier moves and every open incident has been taken').waitFor();
    await fits(phone);
    await stage.shot('link-1-staged', guard);
    await stage.shot('link-2-staged-phone', phone);
  });

  it('says why it was taken back, and nothing once one is in force', async () => {
    put({ desired: { phase: 'rolled-back', version: 7, parts: ['flows'], reason: 'FLOWS_DEPLOY_ERRORS' } });
    await guard.locator('[data-desired=rolled-back]').getByText('新流程启动时出错').waitFor();
    await fits(phone);
    put({ desired: { phase: 'settled', version: 8, parts: ['flows'] } });
    await guard.locator('[data-desired]').waitFor({ state: 'detached' });
  });

  it('says that commands of the platform do not come, while events go', async () => {
    const since = new Date(Date.now() - 600_000).toISOString();
    const commands = { state: 'down', since, detail: 'BROKER_UNREACHABLE: no answer.' } as const;
    put({ status: { ...status, commands } });
    await guard.locator('[data-commands=down]').waitFor();
    await fits(phone);
    await stage.shot('link-3-commands-down', guard);
    await stage.shot('link-4-commands-down-phone', phone);
  });

  it('went through all this without a script error or a policy violation', () => {
    assert.deepEqual(stage.complaints, []);
    assert.deepEqual(stage.strangers, []);
  });
});
