import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { errorFault, faultBy, healthFault, type Incident, serviceHealth } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/errors';
import { until } from '@gatehouse/harness';
import type { BrowserContext, Page } from 'playwright-core';
import { anIncident } from '../../api/test/fakes.ts';
import { fits, openStage, password, picture, type Stage } from './browser-stage.ts';

/** The console as a guard meets it, in a real browser, on ports in memory. */
describe('the pages in a real browser', () => {
  let stage: Stage;
  let ports: Stage['ports'];
  let gate: Stage['gate'];
  let context: BrowserContext;
  let page: Page;
  let origin: string;

  before(async () => {
    stage = await openStage();
    ({ ports, gate, origin } = stage);
    ({ context, page } = await stage.open(1366, 768));
  });
  after(() => stage?.stop());

  const shot = (name: string, tab: Page = page) => stage.shot(name, tab);
  const open = (width: number, height: number) => stage.open(width, height);
  const logIn = (tab: Page, user: string) => stage.logIn(tab, user);
  const row = (incident: Incident) => page.locator(`[data-incident="${incident.id}"]`);

  it('sets the box up with the one-time code', async () => {
    await page.goto(origin);
    await page.getByText('首次设置').waitFor();
    await shot('01-setup');
    const fields = page.locator('form input');
    await fields.nth(0).fill((await gate.setupCode()) ?? '');
    await fields.nth(1).fill('陈主任');
    await fields.nth(2).fill('short');
    await page.locator('button[type=submit]').click();
    await page.locator('.ant-form-item-explain-error').waitFor();
    await fields.nth(2).fill(password);
    await page.locator('button[type=submit]').click();
    await page.getByText('没有待处理的事件').waitFor();
    await shot('02-empty-watch');
  });

  it('lets the administrator add a guard and an installer', async () => {
    await page.goto(`${origin}/users`);
    for (const [name, role] of [
      ['王卫', '保安'],
      ['赵工', '安装员'],
    ] as const) {
      await page.locator('main.users #user').fill(name);
      await page.locator('main.users #password').fill(password);
      await page.locator('main.users #confirm').fill(password);
      await page.locator('main.users .ant-select').click();
      await page.locator('.ant-select-item-option', { hasText: role }).click();
      await page.locator('main.users button[type=submit]').click();
      await page.getByText(`已创建用户 ${name}`).waitFor();
    }
    await shot('03-users');
    await page.locator('main.users #user').fill('外人');
    await page.locator('main.users #password').fill(password);
    await page.locator('main.users #confirm').fill('a guess at it');
    await page.locator('main.users button[type=submit]').click();
    await page.getByText('您本人的密码不对').waitFor();
    assert.equal(ports.store.accounts.findUser('外人'), undefined);
  });

  it('changes a role and resets a password only for who types their own password again', async () => {
    const row = page.locator('main.users tr', { hasText: '王卫' });
    const dialog = page.locator('.ant-modal');
    await row.getByText('重设密码').click();
    await dialog.getByText('王卫 将立即退出登录').waitFor();
    await dialog.locator('#password').fill('another night 4');
    await dialog.locator('#confirm').fill('a guess at it');
    await dialog.getByText('保存').click();
    await dialog.getByText('您本人的密码不对').waitFor();
    await shot('03-users-password');
    await dialog.locator('#password').fill(password);
    await dialog.locator('#confirm').fill(password);
    await dialog.getByText('保存').click();
    await page.getByText('已重设 王卫 的密码').waitFor();
    await page.locator('main.users tr', { hasText: '陈主任' }).getByText('更改角色').click();
    await dialog.locator('.ant-select').click();
    await page.locator('.ant-select-item-option:visible', { hasText: '保安' }).click();
    await dialog.locator('#confirm').fill(password);
    await dialog.getByText('保存').click();
    await dialog.getByText('这是唯一的管理员').waitFor();
    await shot('03-users-last-administrator');
    await dialog.getByText('取消').click();
    await dialog.waitFor({ state: 'hidden' });
  });

  it('offers the flow editor, and logs out', async () => {
    await page.locator('header .anticon-user').click();
    await page.getByText('流程编辑').waitFor();
    await page.getByText('退出登录').click();
    await page.locator('button[type=submit]').waitFor();
    await shot('04-login');
  });

  it('refuses a wrong password in words', async () => {
    await page.locator('input[autocomplete=username]').fill('王卫');
    await page.locator('input[type=password]').fill('wrong password');
    await page.locator('button[type=submit]').click();
    await page.getByText('用户名或密码错误').waitFor();
  });

  it('shows a new incident live, with its picture, and one key acknowledges it', async () => {
    await logIn(page, '王卫');
    await page.getByText('没有待处理的事件').waitFor();
    const since = Date.now() - 95_000;
    const incident = anIncident({
      openedAt: new Date(since + 30_000).toISOString(),
      evidence: { ...anIncident().evidence, sinceMs: since, atMs: since + 30_000, gates: gates() },
      priority: 1,
    });
    ports.incidents.stills.set(`${incident.id}/opened`, picture(2));
    ports.cameras.stills.set('gate-1', picture(3));
    ports.incidents.put(incident);
    await row(incident).getByText('违停').waitFor();
    await row(incident).getByText('东门车道 · 禁停区').waitFor();
    await row(incident).getByText('仍在现场').waitFor();
    await row(incident)
      .getByText(/已持续 [1-9] 分 \d+ 秒/)
      .waitFor();
    await until('the picture is there', () =>
      page.evaluate(() => document.querySelector<HTMLImageElement>('.thumb')?.naturalWidth === 640),
    );
    for (let i = 0; i < 3; i++) ports.incidents.put(olderIncident(i));
    await shot('05-incident-new');
    await page.keyboard.press('Enter');
    await row(incident).getByText('已接警', { exact: true }).waitFor();
    assert.equal(ports.incidents.get(incident.id)?.handling.by, '王卫');
    await shot('06-acknowledged');
  });

  it('tells why, value against threshold', async () => {
    await page.locator('.incident-body', { hasText: '紧急' }).click();
    const drawer = page.locator('.detail');
    await drawer.getByText('为什么报警').waitFor();
    await drawer.getByText('停留时间 30 秒，已达到 30 秒').waitFor();
    await drawer.getByText('识别为 小汽车（计入的：小汽车 / 大客车 / 货车）').waitFor();
    await shot('07-detail');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
  });

  it('opens the barrier after a question and shows the read-back', async () => {
    const card = page.locator('[data-device="barrier-1"]');
    assert.equal(await card.getAttribute('data-position'), 'closed');
    let answer: () => void = () => undefined;
    const moved = new Promise<void>((resolve) => {
      answer = resolve;
    });
    ports.devices.onRequest = async (outcome) => {
      const state = ports.devices.states.get('barrier-1');
      assert.ok(state);
      ports.devices.put({ ...state, position: 'opening', lastCommand: { ...outcome, state: 'executing' } });
      await moved;
      ports.devices.put({ ...state, position: 'open', lastCommand: outcome });
      return outcome;
    };
    await card.locator('[data-action=open]').click();
    await page.getByText('打开“东门道闸”？').waitFor();
    assert.equal(ports.devices.requests.length, 0, 'nothing moves before the answer');
    await shot('08-confirm-open');
    await page.getByText('是，执行').click();
    await card.getByText('执行中，等待读回').waitFor();
    answer();
    await card.getByText('已确认到位').waitFor();
    await card.locator('[data-outcome=confirmed]').waitFor();
    assert.equal(await card.getAttribute('data-position'), 'open');
    assert.deepEqual(
      ports.devices.requests.map(({ deviceId, action, user }) => ({ deviceId, action, user })),
      [{ deviceId: 'barrier-1', action: 'open', user: '王卫' }],
    );
    await shot('09-opened');
  });

  it('says why a command was refused, and shows a lost door as unknown with its age', async () => {
    ports.devices.onRequest = (outcome) => ({
      ...outcome,
      state: 'rejected',
      reason: 'LOOP_OCCUPIED',
      relay: 'not-actuated',
      feedback: 'unknown',
    });
    const card = page.locator('[data-device="barrier-1"]');
    await card.locator('[data-action=close]').click();
    await page.getByText('请先确认下方没有车辆和行人').waitFor();
    await page
      .locator('.ant-popconfirm:visible .ant-btn-primary, .ant-popover:visible .ant-btn-primary')
      .click();
    await card.getByText('杆下有车，不能落杆').waitFor();
    const door = page.locator('[data-device="door-1"]');
    assert.equal(await door.getAttribute('data-position'), 'unknown');
    await door.getByText('设备失联').waitFor();
    await door.getByText(/最后应答：1\d 分/).waitFor();
  });

  it('plays the camera live on a canvas under the content policy', async () => {
    ports.cameras.source = () => liveCamera();
    await page.locator('[data-camera="gate-1"] button[data-live=false]').click();
    await page.locator('[data-player=playing]').waitFor();
    await page.locator('.stage canvas[width="640"][height="360"]').waitFor();
    await shot('10-live');
    await page.locator('[data-camera="gate-1"] button[data-live=true]').click();
  });

  it('shows a stale camera as such, and the situation there as unknown', async () => {
    ports.cameras.put({ id: 'gate-1', state: 'stale', frameAgeMs: 42_000, analysedFps: 0, reconnects: 3 });
    await page.locator('[data-camera="gate-1"][data-sight=stale]').waitFor();
    await page.getByText('现场情况未知').first().waitFor();
    ports.uplink.put({
      status: { state: 'down' },
      backlog: 17,
      oldestUnsentAt: new Date(Date.now() - 3_700_000).toISOString(),
    });
    await page.getByText('待上传 17 条').waitFor();
    await page.getByText(/最早 1 小时 \d+ 分前/).waitFor();
    const since = new Date(Date.now() - 3_700_000).toISOString();
    const detail = 'BROKER_LOGIN_REFUSED: mqtt://p refused the login.';
    ports.uplink.put({
      status: { state: 'connected', commands: { state: 'down', since, detail } },
      backlog: 17,
    });
    await page
      .locator('.uplink.down')
      .getByText(/远程命令已中断 1 小时 \d+ 分/)
      .waitFor();
    await page.getByText('消息服务器拒绝登录').waitFor();
    ports.uplink.put({ status: { state: 'down' }, backlog: 17 });
    ports.health.runtime = serviceHealth([
      healthFault('platform', 'PICTURES_WAIT', { hours: 2 }),
      faultBy('watch', 'FINDINGS_WAIT', errorOf('STORE_FULL', { file: '/var/lib/gatehouse/events.db' }), {
        count: 2,
      }),
      { endangers: 'records', code: 'NOT_IN_THE_LOCALES', detail: 'Something else. Mend it.' },
      errorFault('records', errorOf('REDACTION_FAILED', { reason: 'odd' })),
    ]);
    await page.locator('[data-trouble=runtime]').getByText('主机磁盘已满').waitFor();
    assert.deepEqual(
      await page.locator('.trouble > span:last-child').allTextContents(),
      [
        '主机磁盘已满，无法保存记录，请立即通知管理员。',
        'Something else. Mend it.',
        'REDACTION_FAILED：一张图片无法打码（odd）。图片留在主机上；请查看 vision 服务的日志。',
        '有图片长时间未能上传平台。',
      ],
      'all of them, the gravest first',
    );
    await shot('11-stale-and-down');
    ports.health.runtime = serviceHealth([]);
    await page.locator('.troubles').waitFor({ state: 'detached' });
    ports.cameras.put({ id: 'gate-1', state: 'live', frameAgeMs: 100, analysedFps: 5, reconnects: 3 });
  });

  it('tells a guard calmly of a spare model and a clock that nobody keeps, and an administrator which model runs and why', async () => {
    const recall = { vehicle: 0.71, person: 0.8 };
    const model = { id: 'gatehouse-compact', width: 512, height: 288, cameras: ['gate-1'], recall };
    const instead = { id: 'yolox-nano-dyn', recall: { vehicle: 0.91, person: 0.97 } };
    const admin = await open(1366, 768);
    await logIn(admin.page, '陈主任');
    const line = admin.page.locator('[data-model=gatehouse-compact]');
    ports.health.vision = {
      status: 'ok',
      models: [{ ...model, why: 'bundled', instead: { ...instead, code: 'MODEL_MISSING' } }],
    };
    await line.getByText('软件自带的模型：本机没有默认模型 yolox-nano-dyn。').waitFor();
    await line.getByText('能找到 71% 的车辆和 80% 的行人').waitFor();
    await line.scrollIntoViewIfNeeded();
    await shot('16-model-administrator', admin.page);
    assert.equal(await page.locator('[data-model], [data-model-notice]').count(), 0, 'nothing for a guard');
    ports.health.vision = {
      status: 'degraded',
      models: [{ ...model, why: 'fallback', instead: { ...instead, code: 'MODEL_CORRUPT' } }],
    };
    await page.locator('[data-model-notice]').getByText('备用模型').waitFor();
    await shot('17-model-guard');
    await line.getByText('暂代 yolox-nano-dyn：识别模型文件损坏').waitFor();
    ports.health.vision = { status: 'ok' };
    await page.locator('[data-model-notice]').waitFor({ state: 'detached' });
    const clock = admin.page.locator('[data-clock]');
    ports.health.runtime = { status: 'ok', clock: { state: 'unknown' } };
    await clock.getByText('不知道时钟是否同步').waitFor();
    assert.equal(await page.locator('[data-clock]').count(), 0, 'a guard is told of trouble only');
    const since = new Date(Date.now() - 3_700_000).toISOString();
    ports.health.runtime = { status: 'ok', clock: { state: 'unsynchronised', since } };
    await page
      .locator('[data-clock]')
      .getByText(/主机时间已 1 小时 \d+ 分未同步/)
      .waitFor();
    ports.health.runtime = { status: 'ok' };
    await page.locator('[data-clock]').waitFor({ state: 'detached' });
    await admin.context.close();
  });

  it('switches to English, all of it, and to light', async () => {
    await page.getByText('English').click();
    await page.getByRole('heading', { name: 'Doors and barriers' }).waitFor();
    await page.locator('header .anticon-user').click();
    await page.getByText('Theme: Light').click();
    await page.locator('html[data-theme=light]').waitFor();
    const text = await page.locator('main').textContent();
    assert.doesNotMatch(
      (text ?? '').replaceAll('王卫', ''),
      /[\u4e00-\u9fff]/,
      'no Chinese left on the page',
    );
    await shot('12-english-light');
    await page.locator('header .anticon-user').click();
    assert.equal(await page.getByText('Flow editor').count(), 0, 'a guard is offered no flow editor');
    await page.keyboard.press('Escape');
    const refused = await context.request.post(`${origin}/api/editor/tickets`, {
      headers: await stage.changeHeaders(page),
      data: {},
    });
    assert.equal(refused.status(), 403);
  });

  it('fits a phone', async () => {
    const phone = await open(390, 844);
    await logIn(phone.page, '王卫');
    await phone.page.locator('[data-incident]').first().waitFor();
    await shot('13-phone', phone.page);
    await fits(phone.page);
    await phone.page.locator('.panes').getByText('门与道闸').click();
    await phone.page.locator('[data-device="barrier-1"] [data-action=open]').waitFor();
    await fits(phone.page);
    await shot('14-phone-doors', phone.page);
    await phone.context.close();
  });

  it('marks everything unknown the moment the box is lost, and recovers by itself', async () => {
    await stage.loseBox();
    await page.locator('.lost-banner').waitFor();
    await page.locator('[data-device="barrier-1"][data-position=unknown]').waitFor();
    await page.locator('[data-camera="gate-1"][data-sight=unknown]').waitFor();
    assert.equal(await page.locator('[data-device="barrier-1"] [data-action=open]').isDisabled(), true);
    await shot('15-lost');
    await stage.findBox();
    await page.locator('.uplink').waitFor();
    await page.locator('[data-device="barrier-1"][data-position=open]').waitFor();
  });

  it('went through all this without a script error, a policy violation or a request to anywhere else', () => {
    const own = stage.complaints.filter((text) => !/ERR_CONNECTION_REFUSED|WebSocket connection/.test(text));
    assert.deepEqual(own, []);
    assert.deepEqual(stage.strangers, []);
  });
});

function gates() {
  return [
    { name: 'class', value: 'car', threshold: 'car bus truck', passed: true },
    { name: 'inside-zone', value: true, threshold: true, passed: true },
    { name: 'stopped', value: 30.04, threshold: 10, unit: 's', passed: true },
    { name: 'dwell', value: 30.04, threshold: 30, unit: 's', passed: true },
  ];
}

/** Yesterday's work: cleared, acknowledged, or both. */
function olderIncident(i: number): Incident {
  const openedAt = new Date(Date.now() - (i + 1) * 3_000_000);
  const cleared = i > 0;
  return anIncident({
    kind: i === 0 ? 'crowd' : 'illegal-parking',
    priority: i === 0 ? 3 : 2,
    openedAt: openedAt.toISOString(),
    evidence: { ...anIncident().evidence, gates: [], sinceMs: openedAt.getTime(), atMs: openedAt.getTime() },
    ...(cleared ? { phase: 'cleared', clearedAt: new Date(openedAt.getTime() + 400_000).toISOString() } : {}),
    handling: i === 1 ? { state: 'acknowledged', by: '李姐', at: openedAt.toISOString() } : { state: 'new' },
    stills: [],
  });
}

/** MPEG-1 as vision gives it: the buffered part at once, then the rest. */
function liveCamera(): PassThrough {
  const out = new PassThrough();
  const source = spawn('ffmpeg', [
    ...['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=20'],
    ...['-c:v', 'mpeg1video', '-g', '25', '-bf', '0', '-b:v', '1800k', '-f', 'mpegts', '-'],
  ]);
  source.stdout.pipe(out, { end: false });
  out.once('close', () => source.kill('SIGKILL'));
  return out;
}
