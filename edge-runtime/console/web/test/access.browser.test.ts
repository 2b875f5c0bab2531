import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { consolePages, mayOpen, pageNames } from '@gatehouse/contracts/console';
import type { Page } from 'playwright-core';
import { hashPassword } from '../../api/auth/passwords.ts';
import { startFakeEditor } from '../../api/test/fake-editor.ts';
import zhCN from '../locales/zh-CN.json' with { type: 'json' };
import { fits, openStage, password, type Stage } from './browser-stage.ts';

const texts: { readonly nav: Readonly<Record<string, string>> } = zhCN;

/** Users and the way into the flow editor, in a real browser, on a desk and on a phone. */
describe('users and the way into the flow editor', () => {
  let stage: Stage;
  let node: Awaited<ReturnType<typeof startFakeEditor>>;
  let desk: Page;
  let phone: Page;

  before(async () => {
    node = await startFakeEditor();
    stage = await openStage(node.socketPath);
    const passwordHash = await hashPassword(password);
    const createdAt = '2026-11-23T03:00:00+08:00';
    for (const [name, role] of [
      ['陈主任', 'administrator'],
      ['王卫', 'guard'],
    ] as const)
      stage.ports.store.accounts.addUser({ name, role, passwordHash, createdAt });
    desk = (await stage.open(1366, 768)).page;
    phone = (await stage.openDark(390, 844, 'en')).page;
    for (const page of [desk, phone]) await stage.logIn(page, '陈主任');
  });
  after(async () => {
    await stage?.stop();
    await node.stop();
  });

  it('open every page to a role that may, and the home page to others', async () => {
    const { page } = await stage.open(1366, 768);
    await stage.logIn(page, '陈主任');
    for (const [user, role] of [
      ['陈主任', 'administrator'],
      ['王卫', 'guard'],
    ] as const) {
      await stage.switchTo(page, user);
      await page.locator('header').waitFor();
      await page.locator('header .anticon-user').click();
      for (const name of pageNames) {
        const label = texts.nav[consolePages[name].label.replace('nav.', '')] ?? '';
        const inMenu = page.locator('.ant-dropdown-menu').getByText(label, { exact: true }).first();
        await inMenu.waitFor({ state: mayOpen(role, name) ? 'visible' : 'detached' });
      }
      for (const name of pageNames.filter((one) => one !== 'flows')) {
        const { path } = consolePages[name];
        await page.goto(stage.origin + path);
        const home = path === '/' || !mayOpen(role, name);
        await page.locator(home ? 'main.watch' : 'main:not(.watch)').waitFor();
      }
    }
    assert.deepEqual(stage.complaints, []);
    await page.context().close();
  });

  it('show the users in light on a desk and in dark on a phone', async () => {
    await desk.evaluate(() =>
      localStorage.setItem('gatehouse-preferences', JSON.stringify({ theme: 'light', language: 'zh-CN' })),
    );
    await desk.goto(`${stage.origin}/users`);
    await desk.locator('main.users tr', { hasText: '王卫' }).getByText('更改角色').waitFor();
    await stage.shot('50-users-light', desk);
    await desk.locator('main.users tr', { hasText: '王卫' }).getByText('更改角色').click();
    await desk.locator('.ant-modal #confirm').fill(password);
    await desk.locator('.ant-modal .ant-select').click();
    await desk.locator('.ant-select-item-option:visible', { hasText: '主管' }).click();
    await stage.shot('51-users-role-light', desk);
    await desk.locator('.ant-modal').getByText('保存').click();
    await desk.getByText('已更改 王卫 的角色').waitFor();
    assert.equal(stage.ports.store.accounts.findUser('王卫')?.role, 'supervisor');
    await phone.goto(`${stage.origin}/users`);
    await phone.locator('main.users').getByText('Supervisor').waitFor();
    await fits(phone);
    await stage.shot('52-users-phone-en', phone);
    await phone.locator('main.users tr', { hasText: '王卫' }).getByText('Reset password').click();
    await phone.locator('.ant-modal').getByText('Your own password').waitFor();
    await fits(phone);
    await stage.shot('53-users-password-phone-en', phone);
  });

  it('opens the editor at its own origin, in a tab of its own', async () => {
    node.answering((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<h1>flows</h1>');
    });
    await desk.goto(stage.origin);
    await desk.locator('header .anticon-user').click();
    const opened = desk.context().waitForEvent('page');
    await desk.getByText('流程编辑').click();
    const editor = await opened;
    await editor.locator('h1').waitFor();
    assert.notEqual(new URL(editor.url()).origin, stage.origin);
    assert.equal(new URL(editor.url()).pathname, '/flows/');
    assert.equal(await editor.evaluate('window.opener'), null);
    await editor.close();
  });

  it('says in words why the editor does not open, and tries again when it is asked to', async () => {
    node.answering((_request, response) => void response.destroy());
    for (const [page, text, again, name] of [
      [desk, '流程编辑器没有应答', '重试', '54-editor-down-light'],
      [phone, 'The flow editor does not answer', 'Try again', '55-editor-down-phone-en'],
    ] as const) {
      await page.goto(`${stage.origin}/flows`);
      await page.getByText(text).waitFor();
      await fits(page);
      await stage.shot(name, page);
      await page.getByRole('button', { name: again }).waitFor();
    }
    node.answering((_request, response) => void response.end('here again'));
    await desk.getByRole('button', { name: '重试' }).click();
    await desk.getByText('here again').waitFor();
  });

  it('opens the editor at an IPv6 address, too, which no policy can name', async (t) => {
    const six = await openStage(node.socketPath, '::1');
    t.after(() => six.stop());
    six.ports.store.accounts.addUser({
      name: '陈主任',
      role: 'administrator',
      createdAt: '2026-11-23T03:00:00+08:00',
      passwordHash: await hashPassword(password),
    });
    const { page } = await six.open(1366, 768);
    await six.logIn(page, '陈主任');
    await page.goto(`${six.origin}/flows`);
    await page.waitForURL(`${six.editorOrigin}/flows/`);
    await page.getByText('here again').waitFor();
    assert.deepEqual(six.complaints, []);
  });

  it('went through all this without a script error or a policy violation', () => {
    assert.deepEqual(stage.complaints, []);
    const editor = new URL(stage.editorOrigin).host;
    assert.deepEqual(
      stage.strangers.filter((url) => new URL(url).host !== editor),
      [],
    );
  });
});
