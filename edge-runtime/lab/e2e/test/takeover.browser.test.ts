import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '@gatehouse/harness';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ensureBuilt } from '../../../console/web/build.ts';
import { launchBrowser, patientContext } from '../../../test/support/patient-browser.ts';
import { ConsoleClient } from '../console-client.ts';
import { SmallBox } from '../small-box.ts';
import { attackScript, hostileFlow, jarScript } from '../takeover/attack.ts';
import { OneOrigin } from '../takeover/one-origin.ts';

const password = 'night shift 3';
const attackersPassword = 'night shift 4';
/**
 * A name as a LAN has it. Browsers trust no plain HTTP but the machine's own, so `Sec-Fetch-Site` is not
 * there to help.
 */
const lanName = 'gatehouse.test';

type Report = Readonly<Record<string, string>>;

/** An installer's flow in the browser of an administrator, with the real Node-RED, console and Chromium. */
describe('a flow that serves its own script to an administrator', { timeout: 600_000 }, () => {
  const box = new SmallBox({ site: `console: { hostNames: [${lanName}] }\n` });
  let browser: Browser;
  let admin: ConsoleClient;
  let attacker: ConsoleClient;
  let wholeSite: string;

  before(async () => {
    await ensureBuilt();
    await box.start('runtime', 'flows');
    const origin = box.address('console-listening');
    admin = new ConsoleClient(origin);
    attacker = new ConsoleClient(origin);
    const { code } = (await box.client('runtime', 'cli').call('GET', '/setup-code')) as { code: string };
    await admin.enter('/api/setup', { code, user: 'chen', password });
    const lin = { user: 'lin', password: attackersPassword };
    const created = await admin.post('/api/users', { ...lin, role: 'installer', confirm: password });
    assert.equal(created.status, 201);
    await attacker.enter('/api/login', lin);
    wholeSite = box.siteFileText();
    browser = await launchBrowser(
      '--disable-popup-blocking',
      `--host-resolver-rules=MAP ${lanName} 127.0.0.1`,
    );
  });
  after(async () => {
    await browser?.close();
    await box.stop();
  });

  const ownSession = () => attacker.cookie.split('=')[1] ?? '';

  /** Puts a hostile flow in place that attacks `target`. */
  async function plant(target: string): Promise<void> {
    const seen = box.output('flows').split('hostile flow in place').length;
    const { origin, cookie } = await attacker.enterEditor();
    const deployed = await fetch(`${origin}/flows/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(hostileFlow(attackScript({ target, ownSession: ownSession() }))),
    });
    assert.equal(deployed.status, 204);
    await until('the flow', () => box.output('flows').split('hostile flow in place').length > seen);
  }

  async function logIn(page: Page, origin: string): Promise<void> {
    await page.goto(origin);
    await page.locator('input[autocomplete=username]').fill('chen');
    await page.locator('input[type=password]').fill(password);
    await page.locator('button[type=submit]').click();
    await page.locator('header.header').waitFor();
  }

  /** A browser of the administrator's, logged in, with something worth stealing. */
  async function victim(origin: string): Promise<{ context: BrowserContext; console: Page }> {
    const context = await patientContext(browser, { locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
    const console = await context.newPage();
    await logIn(console, origin);
    await console.evaluate(() => localStorage.setItem('planted', 'a secret'));
    return { context, console };
  }

  /** Opens the editor from the console's menu, as people do, and lets the attack run. */
  async function openEditor(
    context: BrowserContext,
    console: Page,
  ): Promise<{ editor: Page; report: Report }> {
    await console.locator('header .anticon-user').click();
    const opened = context.waitForEvent('page');
    await console.getByText('流程编辑').click();
    const editor = await opened;
    await editor.waitForURL('**/flows/');
    return { editor, report: await reportOf(editor) };
  }

  async function reportOf(editor: Page): Promise<Report> {
    await until('the report', async () => (await editor.evaluate('window.reported')) === true);
    return editor.evaluate('window.report') as Promise<Report>;
  }

  /** Cookies that a browser would send under the name of the console's, nameless ones too. */
  const sessionCookies = async (context: BrowserContext) =>
    (await context.cookies()).filter(({ name, value }) => `${name}=${value}`.includes('gatehouse_session='));

  const users = async () =>
    ((await admin.get('/api/users')) as { users: { name: string }[] }).users.map(({ name }) => name);

  for (const host of ['127.0.0.1', lanName])
    it(`takes over nothing of the console at ${host}`, async (t) => {
      const origin = box.address('console-listening').replace('127.0.0.1', host);
      await plant(origin);
      const { context, console } = await victim(origin);
      t.after(() => context.close());
      const { editor, report } = await openEditor(context, console);
      t.diagnostic(JSON.stringify(report));
      assert.notEqual(new URL(editor.url()).origin, origin);

      assert.deepEqual(await users(), ['chen', 'lin'], 'no administrator was made');
      assert.equal(box.siteFileText(), wholeSite, 'no zone was changed');
      assert.doesNotMatch(JSON.stringify(report), /a secret|heard|"open"|"loaded"/, 'nothing was read');
      assert.doesNotMatch(report['read cookies'] ?? '', /gatehouse_(session|editor)/);
      assert.deepEqual(
        await editor.evaluate('navigator.serviceWorker?.getRegistrations().then((all) => all.length) ?? 0'),
        0,
      );

      // Foreign cookies and all: the console's page works on, under its own name.
      assert.ok((await sessionCookies(context)).length > 1, 'they did come in');
      await console.reload();
      await console.locator('header.header').getByText('chen').first().waitFor();
      const who = await console.evaluate(
        `fetch('/api/session', { headers: { 'x-gatehouse-key': localStorage.getItem('gatehouse-page-key') } }).then((r) => r.text())`,
      );
      assert.match(String(who), /"user":"chen"/);
      // One that only a path below sees is met there, refused and removed.
      const cameras = () => console.evaluate(`fetch('/api/cameras').then((answer) => answer.status)`);
      assert.deepEqual([await cameras(), await cameras()], [400, 200]);
      assert.equal((await sessionCookies(context)).length, 1, 'none but its own is left');
      assert.equal(await console.evaluate(() => localStorage.getItem('planted')), 'a secret');

      // The jar's own limit evicts the login; the cookie in its place is not taken for one.
      await editor.evaluate(jarScript(ownSession()));
      await console.reload();
      await console.locator('input[type=password]').waitFor();
      await logIn(console, origin);
      await console.locator('header.header').getByText('chen').first().waitFor();
    });

  it('would take it over if both had one origin', async (t) => {
    const front = new OneOrigin(box.address('console-listening'), box.address('editor-listening'));
    const origin = await front.start();
    t.after(() => front.stop());
    await plant(origin);
    const { context, console } = await victim(origin);
    t.after(() => context.close());
    // The ticket leads to the editor's own port; its cookie is the host's, so the editor behind the one port
    // takes it, too.
    const ticket = await console.evaluate(
      `fetch('/api/editor/tickets', { method: 'POST', headers: { 'x-gatehouse': '1', 'content-type': 'application/json',
        'x-gatehouse-key': localStorage.getItem('gatehouse-page-key') }, body: '{}' }).then((r) => r.json())`,
    );
    const editor = await context.newPage();
    await context.request.post(`${origin}/enter`, {
      headers: { origin },
      form: { ticket: (ticket as { ticket: string }).ticket },
      maxRedirects: 0,
    });
    await editor.goto(`${origin}/flows/`);
    const report = await reportOf(editor);
    t.diagnostic(JSON.stringify(report));
    assert.equal(report.zones, '200');
    assert.match(box.siteFileText(), /zones: \[\]/);
    assert.equal(report.storage, 'a secret');
    assert.equal(report.worker, `${origin}/`);
    await console.goto(origin);
    assert.match(await console.content(), /taken over/, 'the service worker answers for the console');
    assert.deepEqual(await users(), ['chen', 'lin'], 'the password that is asked again still holds');
  });
});
