import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DeviceState, InputState, Role, SensorState } from '@gatehouse/contracts';
import type { Page } from 'playwright-core';
import { hashPassword } from '../../api/auth/passwords.ts';
import { anIncident } from '../../api/test/fakes.ts';
import { fits, openStage, password, type Stage } from './browser-stage.ts';

const name = (zh: string, en: string) => ({ 'zh-CN': zh, en });
const answering = { comms: 'ok', ageMs: 200, inputs: {} } as const;
const gateActions: DeviceState['actions'] = ['open', 'close', 'stop', 'hold-open', 'release'];

const barrier: DeviceState = {
  ...answering,
  id: 'barrier-1',
  kind: 'barrier',
  name: name('东门道闸', 'East barrier'),
  position: 'closed',
  actions: gateActions,
  maxHoldS: 900,
};
const lost: DeviceState = {
  id: 'door-1',
  kind: 'door',
  name: name('1 号楼门', 'Block 1 door'),
  position: 'unknown',
  comms: 'lost',
  ageMs: 754_000,
  inputs: {},
  actions: ['open'],
};
const forced: DeviceState = {
  ...answering,
  id: 'door-2',
  kind: 'door',
  name: name('2 号楼门', 'Block 2 door'),
  position: 'open',
  condition: 'forced',
  alarms: ['door-forced'],
  actions: ['open', 'hold-open', 'release'],
  maxHoldS: 300,
};
const heldOpen: DeviceState = {
  ...forced,
  id: 'door-3',
  name: name('车库人行门', 'Garage side door'),
  condition: 'held-open',
  alarms: ['door-held-open'],
  actions: ['open'],
};
const gate: DeviceState = {
  ...answering,
  id: 'gate-2',
  kind: 'gate',
  name: name('消防通道大门', 'Fire lane gate'),
  position: 'closing',
  condition: 'obstructed',
  actions: gateActions,
  maxHoldS: 3200,
};
const input = (id: string, kind: InputState['kind'], zh: string, en: string): InputState => ({
  id,
  kind,
  name: name(zh, en),
  state: 'normal',
  comms: 'ok',
  ageMs: 300,
});
const climate: SensorState = {
  id: 'pump-room',
  name: name('水泵房温湿度', 'Pump room'),
  comms: 'ok',
  ageMs: 2_000,
  pollS: 5,
  values: [
    {
      id: 'temperature',
      name: name('温度', 'Temperature'),
      unit: '°C',
      value: 47.2,
      above: 45,
      below: 2,
      state: 'alarm',
    },
    { id: 'humidity', name: name('湿度', 'Humidity'), unit: '%RH', value: 51.2, state: 'normal' },
  ],
};
const floor: SensorState = {
  id: 'pump-water',
  name: name('水泵房水浸', 'Pump room floor'),
  comms: 'ok',
  ageMs: 900,
  pollS: 5,
  values: [
    {
      id: 'water',
      name: name('水浸', 'Water'),
      unit: '',
      value: 1,
      state: 'normal',
      meaning: { name: name('无水', 'Dry'), alarm: false },
    },
  ],
};
const cable: SensorState = {
  id: 'cable-room',
  name: name('配电间温度', 'Switch room'),
  comms: 'lost',
  ageMs: 312_000,
  pollS: 5,
  values: [{ id: 'temperature', name: name('温度', 'Temperature'), unit: '°C', above: 50, state: 'unknown' }],
};
const fireInput = input('fire-panel', 'fire', '消防主机联动', 'Fire panel');

/** The doors as a tired guard meets them, in a real browser, on ports in memory. */
describe('doors, gates and alarm inputs in a real browser', () => {
  let stage: Stage;
  let ports: Stage['ports'];
  let page: Page;

  const card = (id: string) => page.locator(`[data-device="${id}"]`);
  const yes = () =>
    page.locator('.ant-popconfirm:visible .ant-btn-primary, .ant-popover:visible .ant-btn-primary').click();
  /** The same page under another login. */
  const as = async (user: string) => {
    await stage.switchTo(page, user);
    await page.locator('main.doors').waitFor();
  };
  const toDoors = async () => {
    await page.locator('header .anticon-user').click();
    await page.locator('.ant-dropdown:visible [data-menu-id$="/doors"]').click();
    await page.locator('main.doors').waitFor();
  };

  before(async () => {
    stage = await openStage();
    ports = stage.ports;
    const passwordHash = await hashPassword(password);
    const createdAt = '2026-11-23T03:00:00+08:00';
    for (const [user, role] of [
      ['王卫', 'guard'],
      ['赵工', 'installer'],
    ] as const satisfies [string, Role][])
      ports.store.accounts.addUser({ name: user, role, passwordHash, createdAt });
    const view = ports.site.view();
    ports.site.view = () => ({
      ...view,
      inputs: [...ports.devices.contacts.list()].map(({ id, kind, name: named }) => ({
        id,
        kind,
        name: named,
      })),
      interlocks: [{ id: 'trap', name: name('1 号楼门斗', 'Block 1 lobby'), doors: ['door-2', 'door-3'] }],
    });
    for (const state of [barrier, lost, forced, heldOpen, gate]) ports.devices.put(state);
    for (const state of [
      fireInput,
      input('lobby-help', 'help', '门厅求助按钮', 'Lobby help button'),
      input('garage-smoke', 'smoke', '车库烟感', 'Garage smoke'),
      { ...input('pump-water', 'water', '泵房水浸', 'Pump room water'), state: 'active' } as const,
      {
        ...input('wall', 'intrusion', '围墙红外', 'Wall beam'),
        state: 'unknown',
        comms: 'lost',
        ageMs: 61_000,
      } as const,
    ])
      ports.devices.contacts.put(state);
    for (const state of [floor, climate, cable]) ports.devices.sensors.put(state);
    page = (await stage.open(1366, 768)).page;
    await page.addInitScript(() => {
      localStorage.setItem('gatehouse-preferences', JSON.stringify({ theme: 'dark' }));
    });
    await stage.logIn(page, '王卫');
    await toDoors();
  });
  after(() => stage?.stop());

  it('says of each door what it is, what that means, and what may be done', async () => {
    await card('door-2').getByText('强行开门').waitFor();
    await card('door-2').getByText('没有命令、没有按出门按钮，门却开了').waitFor();
    await card('door-3').getByText('门超时未关').waitFor();
    await card('gate-2').getByText('受阻', { exact: true }).waitFor();
    await card('door-1').getByText('设备失联').waitFor();
    await card('door-1')
      .getByText(/最后应答：1\d 分/)
      .waitFor();
    assert.equal(await card('door-1').getAttribute('data-position'), 'unknown');
    await stage.shot('doors-01-zh', page);
  });

  it('lists alarm inputs, the alarming first, a lost one as unknown with its age', async () => {
    const rows = page.locator('[data-input]');
    assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-input'))), [
      ...['pump-water', 'wall', 'fire-panel', 'lobby-help', 'garage-smoke'],
    ]);
    const lostInput = page.locator('[data-input="wall"]');
    await lostInput.getByText('设备失联').waitFor();
    await lostInput.getByText(/最后应答：[1-9] 分/).waitFor();
    await page.locator('[data-input="pump-water"]').getByText('报警中').waitFor();
    ports.devices.contacts.put(input('pump-water', 'water', '泵房水浸', 'Pump room water'));
    await page.locator('[data-input="pump-water"][data-state=normal]').waitFor();
  });

  it('shows sensors with value, unit, limit and age, what is in alarm first, and no value of a lost one', async () => {
    const rows = page.locator('[data-sensor]');
    assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-sensor'))), [
      ...['pump-room', 'cable-room', 'pump-water'],
    ]);
    const hot = page.locator('[data-sensor="pump-room"]');
    await hot.getByText('47.2 °C').waitFor();
    await hot.getByText('高于 45 °C 报警，低于 2 °C 报警').waitFor();
    await hot.getByText('报警中').waitFor();
    const lostSensor = page.locator('[data-sensor="cable-room"][data-state=unknown]');
    await lostSensor.getByText('设备失联').waitFor();
    await lostSensor.getByText(/[5-9] 分 \d+ 秒前读到/).waitFor();
    assert.equal(await lostSensor.locator('[data-value=temperature] dd').first().innerText(), '—');
    await hot.scrollIntoViewIfNeeded();
    await stage.shot('doors-11-sensors', page);
    ports.devices.sensors.put({ ...climate, comms: 'lost' });
    await page.locator('[data-sensor="pump-room"][data-state=unknown]').waitFor();
    assert.equal(await page.getByText('47.2').count(), 0, 'a stale value is no value');
    ports.devices.sensors.put(climate);
  });

  it('holds a barrier open for chosen minutes, says when it ends, and ends it now', async () => {
    const until = new Date(Date.now() + 300_000).toISOString();
    ports.devices.onRequest = (outcome) => {
      const held = outcome.action === 'hold-open';
      ports.devices.put({
        ...barrier,
        position: held ? 'open' : 'closing',
        ...(held ? { condition: 'locked-open', hold: { by: 'lease', until } } : {}),
        lastCommand: outcome,
      });
      return outcome;
    };
    await card('barrier-1').locator('[data-action=hold-open]').click();
    await page.getByText('保持打开“东门道闸”？').waitFor();
    await page.locator('.ant-popover:visible').getByText('5 分钟', { exact: true }).click();
    await stage.shot('doors-02-hold-question', page);
    await yes();
    await card('barrier-1')
      .getByText(/保持打开到 .*（还有 [1-5] 分 \d+ 秒）/)
      .waitFor();
    const { action, holdS, user } = ports.devices.requests.at(-1) ?? {};
    assert.deepEqual([action, holdS, user], ['hold-open', 300, '王卫']);
    assert.equal(await card('barrier-1').locator('[data-action=close]').isDisabled(), true);
    await card('barrier-1').getByText('现在不能关闭：正保持打开，先结束保持').waitFor();
    await stage.shot('doors-03-held', page);
    await card('barrier-1').locator('[data-action=release]').click();
    await page.getByText('结束“东门道闸”的保持打开？').waitFor();
    await yes();
    await card('barrier-1').locator('[data-action=hold-open]').waitFor();
    assert.equal(ports.devices.requests.at(-1)?.action, 'release');
  });

  it('says beforehand that another door of an interlock is open, and why it refuses, and shows one that is violated', async () => {
    await card('door-2').getByText('车库人行门开着：互锁，现在不能开这道门。').waitFor();
    assert.equal(await card('gate-2').locator('[data-interlocked]').count(), 0);
    ports.devices.onRequest = (outcome) => ({
      ...outcome,
      state: 'rejected',
      reason: 'INTERLOCKED',
      relay: 'not-actuated',
    });
    await card('door-2').locator('[data-action=open]').click();
    await yes();
    await card('door-2').getByText('互锁的另一道门开着').waitFor();
    const interlock = page.locator('[data-interlock="trap"]');
    // Both of its doors are open, whatever the box has reported so far.
    await interlock.getByText('互锁违规').waitFor();
    const { condition: ____, ...shut } = heldOpen;
    ports.devices.put({ ...shut, position: 'closed', alarms: [] });
    await interlock.getByText('互锁正常').waitFor();
    const { camera: _, zone: __, evidence: ___, ...facts } = anIncident();
    ports.incidents.put({ ...facts, kind: 'interlock-violated', device: 'trap', stills: [] });
    await interlock.getByText('互锁违规').waitFor();
    await interlock.getByText('两道门同时开着').waitFor();
    ports.devices.put(heldOpen);
  });

  it('shows fire on every page, refuses to close, and says why it cannot be reset yet', async () => {
    ports.devices.contacts.put({ ...fireInput, state: 'active' });
    const since = new Date().toISOString();
    ports.devices.latch.put({ latched: true, since, active: ['fire-panel'], unknown: [] });
    ports.devices.put({ ...barrier, position: 'open', condition: 'locked-open', hold: { by: 'fire' } });
    const banner = page.locator('[data-fire=active]');
    await banner.getByText('火警：消防主机联动').waitFor();
    await banner.getByText('火警信号还在，不能复位').waitFor();
    assert.equal(await banner.locator('[data-fire-reset=button]').count(), 0);
    await card('barrier-1').getByText('火警锁定，保持打开').waitFor();
    await card('barrier-1').getByText('火警锁定：保持打开，不接受关闭').waitFor();
    assert.equal(await card('barrier-1').locator('[data-action=close]').isDisabled(), true);
    assert.equal(await card('barrier-1').locator('[data-action=open]').isDisabled(), false);
    await stage.shot('doors-04-fire', page);
    await page.getByRole('button', { name: '值班' }).click();
    await banner.waitFor();
    await stage.shot('doors-05-fire-watch', page);
    await toDoors();
  });

  it('lets a guard who says that they are there reset it once the signal is gone', async () => {
    ports.devices.contacts.put(fireInput);
    ports.devices.latch.put({
      latched: true,
      since: new Date().toISOString(),
      active: [],
      unknown: ['fire-panel'],
    });
    await page.locator('[data-fire-reset=why]').getByText('消防主机联动 失联，不能复位').waitFor();
    ports.devices.latch.put({ latched: true, since: new Date().toISOString(), active: [], unknown: [] });
    await page.locator('[data-fire=latched] [data-fire-reset=button]').click();
    const question = page.locator('.ant-modal:visible');
    const confirm = question.locator('.ant-modal-footer .ant-btn-dangerous');
    assert.equal(await confirm.isDisabled(), true, 'nobody resets without saying that they are there');
    await question.getByText('我在岗亭现场，已核实火警解除。').click();
    await stage.shot('doors-06-fire-reset', page);
    await confirm.click();
    await page.locator('[data-fire]').waitFor({ state: 'detached' });
    assert.deepEqual(ports.devices.latch.resets, ['王卫']);
  });

  it('offers no reset to an installer, who may be anywhere, but opening all the same', async () => {
    ports.devices.latch.put({ latched: true, active: [], unknown: [] });
    await as('赵工');
    await page.getByText('须由岗亭现场的保安或主管复位').waitFor();
    assert.equal(await page.locator('[data-fire-reset=button]').count(), 0);
    assert.equal(await card('barrier-1').locator('[data-action=open]').isDisabled(), false);
    await as('王卫');
  });

  it('warns when a fire input is not heard', async () => {
    ports.devices.latch.put({ latched: false, active: [], unknown: ['fire-panel'] });
    await page.locator('[data-fire=unknown]').getByText('火警输入失联：消防主机联动').waitFor();
    await stage.shot('doors-07-fire-unknown', page);
  });

  it('says all of it in English, and fits a phone in both languages', async () => {
    ports.devices.latch.put({
      latched: true,
      since: new Date().toISOString(),
      active: ['fire-panel'],
      unknown: [],
    });
    await page.getByText('English').click();
    await page.getByRole('heading', { name: 'Alarm inputs' }).waitFor();
    const text = await page.locator('.app').innerText();
    assert.doesNotMatch(text.replaceAll(/王卫|中文/g, ''), /[\u4e00-\u9fff]/, 'no Chinese left on the page');
    await stage.shot('doors-08-en', page);
    await page.locator('[data-sensor="cable-room"]').scrollIntoViewIfNeeded();
    await stage.shot('doors-14-sensors-en', page);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [language, other] of [
      ['en', '中文'],
      ['zh', 'English'],
    ] as const) {
      await fits(page);
      await page.locator('main.doors').evaluate((main) => main.scrollTo(0, 0));
      await stage.shot(`doors-09-phone-${language}`, page);
      await page.locator('[data-input="wall"]').scrollIntoViewIfNeeded();
      await stage.shot(`doors-10-phone-inputs-${language}`, page);
      await page.locator('[data-interlock]').scrollIntoViewIfNeeded();
      await stage.shot(`doors-12-phone-interlock-${language}`, page);
      await page.locator('[data-sensor="cable-room"]').scrollIntoViewIfNeeded();
      await stage.shot(`doors-13-phone-sensors-${language}`, page);
      await page.getByText(other, { exact: true }).click();
    }
  });

  it('asks on a phone to let the alarm sound, within the screen', async () => {
    const { page: phone, context } = await stage.open(390, 844);
    await phone.addInitScript(`
      Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' });
      localStorage.setItem('gatehouse-preferences', '{"theme":"dark","sound":true,"language":"en"}');
    `);
    await stage.logIn(phone, '王卫');
    await phone.locator('.sound-blocked').waitFor();
    await fits(phone);
    await stage.shot('doors-15-phone-sound-blocked', phone);
    await context.close();
  });

  it('went through all this without a script error or a policy violation', () => {
    assert.deepEqual(stage.complaints, []);
    assert.deepEqual(stage.strangers, []);
  });
});
