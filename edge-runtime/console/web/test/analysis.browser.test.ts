import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CameraView, Condition, Incident, WouldRaise } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import type { Page } from 'playwright-core';
import { noParking } from '../../api/test/fake-tuning.ts';
import { anIncident } from '../../api/test/fakes.ts';
import { fits, openStage, password, picture, type Stage } from './browser-stage.ts';

const gates = (dwell: number, threshold = 300): Condition[] => [
  { name: 'class', value: 'car', threshold: 'car bus truck', passed: true },
  { name: 'inside-zone', value: true, threshold: true, passed: true },
  { name: 'present', value: 0.4, threshold: 10, unit: 's', passed: true },
  { name: 'stopped', value: dwell, threshold: 10, unit: 's', passed: dwell >= 10 },
  { name: 'dwell', value: dwell, threshold, unit: 's', passed: dwell >= threshold },
];

function aView(): CameraView {
  const atMs = Date.now() - 300;
  const boxes = [
    { x1: 0.3, y1: 0.45, x2: 0.45, y2: 0.62 },
    { x1: 0.55, y1: 0.5, x2: 0.75, y2: 0.75 },
    { x1: 0.02, y1: 0.1, x2: 0.08, y2: 0.2 },
  ] as const;
  return {
    camera: 'gate-1',
    atMs,
    ageMs: 300,
    zones: [noParking],
    tracks: boxes.map((box, i) => ({ id: i + 1, class: 'car', score: 0.9, box, seen: true, still: true })),
    watched: [126, 340].map((dwell, i) => ({
      kind: 'illegal-parking',
      zone: 'no-parking',
      occupancy: `no-parking/${i}a0`,
      phase: dwell < 300 ? 'watching' : 'open',
      class: 'car',
      box: boxes[i],
      sinceMs: atMs - dwell * 1000,
      gates: gates(dwell),
    })),
    stored: { fromMs: atMs - 86_000_000, toMs: atMs },
  };
}

/** The guard's verdicts on incidents, and the view of rules and zones, in a real browser. */
describe('verdicts and analysis in a real browser', () => {
  let stage: Stage;
  let ports: Stage['ports'];
  let guard: Page;
  let installer: Page;

  before(async () => {
    stage = await openStage();
    ports = stage.ports;
    ports.cameras.stills.set('gate-1', picture(3));
    ports.watching.view = aView();
    guard = (await stage.openDark(1366, 768)).page;
    installer = (await stage.openDark(1920, 1080)).page;
    await guard.goto(stage.origin);
    const fields = guard.locator('form input');
    await fields.nth(0).fill((await stage.gate.setupCode()) ?? '');
    await fields.nth(1).fill('陈主任');
    await fields.nth(2).fill(password);
    await guard.locator('button[type=submit]').click();
    await guard.locator('header.header').waitFor();
    for (const [user, role] of [
      ['王卫', 'guard'],
      ['赵工', 'installer'],
    ])
      await guard.request.post(`${stage.origin}/api/users`, {
        headers: await stage.changeHeaders(guard),
        data: { user, role, password, confirm: password },
      });
    await guard.request.post(`${stage.origin}/api/logout`, {
      headers: await stage.changeHeaders(guard),
      data: {},
    });
    await stage.logIn(guard, '王卫');
    await stage.logIn(installer, '赵工');
  });
  after(() => stage?.stop());

  const put = (overrides: Partial<Incident> = {}): Incident => {
    const sinceMs = Date.now() - 340_000;
    const incident = anIncident({
      openedAt: new Date(sinceMs + 300_000).toISOString(),
      evidence: { ...anIncident().evidence, sinceMs, atMs: sinceMs + 300_000, gates: gates(300) },
      stills: [],
      ...overrides,
    });
    ports.incidents.put(incident);
    return incident;
  };
  const row = (incident: Incident) => guard.locator(`[data-incident="${incident.id}"]`);
  /**
   * Buttons carry the words of the verdicts, so the words on the page do not show that a press has arrived.
   */
  const written = (incident: Incident, holds: (handling: Incident['handling']) => boolean) =>
    until(`${incident.id} handled`, () => {
      const handling = ports.incidents.get(incident.id)?.handling;
      return handling !== undefined && holds(handling);
    });

  it('takes a verdict with one key, and the reason of a false alarm with another', async () => {
    const first = put({ priority: 1 });
    const second = put();
    await row(second).waitFor();
    await guard.keyboard.press('1');
    await row(first).getByText('属实', { exact: true }).first().waitFor();
    await written(first, ({ verdict }) => verdict?.by === '王卫');
    await row(second).locator('.incident-body').focus();
    await guard.keyboard.press('2');
    await guard.getByText('为什么是误报？').waitFor();
    await stage.shot('20-false-alarm-reasons', guard);
    await guard.keyboard.press('4');
    await row(second).getByText('允许的').waitFor();
    await written(second, ({ state, verdict }) => state === 'false-alarm' && verdict?.reason === 'allowed');
    await stage.shot('21-verdicts', guard);
  });

  it('shows a storm as one row with its count, and one press takes all of it', async () => {
    const members = Array.from({ length: 12 }, (_, i) =>
      put({
        kind: 'camera-health',
        zone: `zone-${i}`,
        openedAt: new Date(Date.now() - i * 2_000).toISOString(),
      }),
    );
    const storm = guard.locator('[data-storm="12"]');
    await storm.getByText('12 个摄像机异常').waitFor();
    await stage.shot('22-storm', guard);
    await storm.locator('.incident-body').click();
    await row(members[3] ?? anIncident()).waitFor();
    await storm.locator('button.ant-btn-primary').click();
    await storm.waitFor({ state: 'detached' });
    for (const member of members) await written(member, ({ state }) => state === 'acknowledged');
  });

  it('shows what the rules have their eye on, how far it has come and why it is none yet', async () => {
    ports.watching.view = aView();
    await guard.locator('[data-camera="gate-1"] [data-why]').click();
    const watched = guard.locator('[data-phase=watching]');
    await watched.getByText('还不是事件：停留时间 126 秒，还差 174 秒（满 300 秒才报警）').waitFor();
    await guard.locator('[data-phase=open]').getByText('已经是事件').waitFor();
    assert.equal(await watched.locator('.dwell-bar').getAttribute('data-share'), '0.42');
    await guard.locator('.watched-tag.watching').click();
    await watched.locator('[data-condition=stopped][data-passed=true]').waitFor();
    // The wall that was left asks for pictures of its own, and one of them may come last.
    const { atMs } = ports.watching.view;
    await guard.locator(`.scene-ground[src*="atMs=${atMs}"]`).waitFor();
    assert.ok(
      ports.cameras.stillsAsked.some((asked) => asked.atMs === atMs),
      'the picture of that frame',
    );
    await stage.shot('23-watching-1366', guard);
    assert.equal(await guard.getByText('编辑区域').count(), 0, 'a guard draws no zones');
  });

  it('looks back at a moment of the last 24 h', async () => {
    ports.watching.view = aView();
    await guard.getByText('回看', { exact: true }).click();
    await guard.getByText('当时规则盯着 2 个目标').waitFor();
    const before = ports.watching.askedMs.at(-1) ?? 0;
    await guard.getByRole('button', { name: '−10 分' }).click();
    await guard.locator(`[data-at="${before - 600_000}"]`).waitFor();
    assert.equal(ports.watching.askedMs.at(-1), before - 600_000);
    await stage.shot('24-look-back-1366', guard);
  });

  it('goes from an incident to the moment it was raised', async () => {
    await guard.goto(stage.origin);
    await guard.locator('.incidents').waitFor();
    const incident = put({ priority: 1 });
    await row(incident).locator('.incident-body').click();
    await guard.getByText('停留时间 300 秒，已达到 300 秒').waitFor();
    await stage.shot('25-why-detail', guard);
    await guard.getByRole('button', { name: '回看当时' }).click();
    await guard.locator(`[data-at="${Date.parse(incident.openedAt)}"]`).waitFor();
  });

  it('lets an installer draw a zone, try it on the stored tracks and save it', async () => {
    await installer.goto(`${stage.origin}/cameras?camera=gate-1`);
    await installer.locator('.watched-tag').first().waitFor();
    await stage.shot('26-watching-1920', installer);
    await installer.getByText('编辑区域').click();
    const corner = installer.locator('[data-corner="0"]');
    const from = await corner.boundingBox();
    assert.ok(from);
    await installer.mouse.move(from.x + 13, from.y + 13);
    await installer.mouse.down();
    await installer.mouse.move(from.x + 213, from.y + 63, { steps: 4 });
    await installer.mouse.up();
    await installer.locator('[data-side="2"]').click();
    await installer.locator('[data-param=violationAfterS]').fill('120');
    await installer.keyboard.press('Tab');
    await installer.locator('[data-try]').click();
    await installer.getByText('40%').waitFor();
    await stage.shot('26-dry-run-runs-1920', installer);
    await Promise.all([
      installer.waitForResponse((answer) => answer.url().endsWith('/cancel')),
      installer.getByText('停止试运行').click(),
    ]);
    const [stopped] = ports.tuning.runs.values();
    assert.equal(stopped?.state, 'cancelled', 'the box was told');
    await installer.locator('[data-try]').waitFor();
    ports.tuning.tried.length = 0;
    const raised = (openedMs: number, label?: 'confirmed' | 'false-alarm'): WouldRaise => ({
      kind: 'illegal-parking',
      zone: 'no-parking',
      sinceMs: openedMs - 120_000,
      openedMs,
      class: 'car',
      box: { x1: 0.3, y1: 0.45, x2: 0.45, y2: 0.62 },
      gates: gates(120, 120),
      ...(label
        ? {
            really: {
              id: crypto.randomUUID(),
              verdict: { label, by: '王卫', at: '2026-11-24T03:00:00+08:00' },
            },
          }
        : {}),
    });
    const nowMs = Date.now();
    ports.tuning.result = {
      fromMs: nowMs - 85_000_000,
      toMs: nowMs,
      frames: 1000,
      raised: 4,
      missed: 1,
      wouldRaise: [
        raised(nowMs - 80_000_000, 'confirmed'),
        raised(nowMs - 60_000_000, 'confirmed'),
        raised(nowMs - 30_000_000, 'false-alarm'),
        raised(nowMs - 3_000_000),
      ],
      wouldMiss: [
        { id: crypto.randomUUID(), kind: 'illegal-parking', zone: 'no-parking', openedMs: nowMs - 9_000_000 },
      ],
    };
    await installer.locator('[data-try]').click();
    await installer.getByText('会报警 4 起').waitFor();
    await installer.getByText('值班人员判为属实 2 起、误报 1 起，未判定 0 起；新增 1 起').waitFor();
    await installer.locator('[data-raised=fresh] button').click();
    await installer.getByText('停留时间 120 秒，已达到 120 秒').waitFor();
    await stage.shot('27-dry-run-1920', installer);
    const [tried] = ports.tuning.tried;
    assert.equal(tried?.[0]?.polygon.length, 5);
    assert.ok((tried?.[0]?.polygon[0]?.[0] ?? 0) > 0.2, 'the corner was moved');
    await installer.locator('[data-save]').click();
    await installer.getByText('已用存下的记录试运行过').waitFor();
    await installer.getByText('是，执行').click();
    await installer.getByText('已保存并生效').waitFor();
    assert.deepEqual(ports.tuning.zones, tried);
    assert.deepEqual(ports.tuning.zones[0]?.rules[0], { ...noParking.rules[0], violationAfterS: 120 });
  });

  it('shows precision with its number and interval, never without', async () => {
    const of = { camera: 'gate-1', zone: 'no-parking', kind: 'illegal-parking' } as const;
    ports.tuning.counts = [
      { ...of, confirmed: 41, falseAlarms: 3, unlabelled: 6, interval: { low: 0.818, high: 0.976 } },
      {
        ...of,
        kind: 'crowd',
        confirmed: 1,
        falseAlarms: 1,
        unlabelled: 0,
        interval: { low: 0.09, high: 0.91 },
      },
      { ...of, kind: 'fire-passage', confirmed: 0, falseAlarms: 0, unlabelled: 2 },
    ];
    await installer.goto(`${stage.origin}/analytics`);
    await installer.getByText('93%（共 44 次判定，95% 区间 82–98%）').waitFor();
    await installer.getByText('判定太少，仅供参考').waitFor();
    await installer.getByText('还没有判定').waitFor();
    await stage.shot('28-precision-1920', installer);
  });

  it('is all there in English, and on a phone', async () => {
    await installer.goto(`${stage.origin}/cameras?camera=gate-1`);
    await installer.getByText('English').click();
    await installer.getByText('no incident yet:').waitFor();
    const text = await installer.locator('main').textContent();
    assert.doesNotMatch(text ?? '', /[\u4e00-\u9fff]/);
    await installer.getByText('Edit zones').click();
    await installer.locator('[data-corner="0"]').waitFor();
    await installer.locator('[data-try]').click();
    await installer.getByText('4 would be raised').waitFor();
    await stage.shot('29-dry-run-english', installer);
    await installer.getByText('Look back', { exact: true }).click();
    await installer.getByText('The rules watched 2').waitFor();
    await stage.shot('31-look-back-english', installer);
    await installer.goto(`${stage.origin}/analytics`);
    await installer.locator('[data-share]').first().waitFor();
    await stage.shot('32-precision-english', installer);
    assert.doesNotMatch((await installer.locator('main').textContent()) ?? '', /[\u4e00-\u9fff]/);
    const phone = await stage.open(390, 844);
    await stage.logIn(phone.page, '王卫');
    await phone.page.goto(`${stage.origin}/cameras?camera=gate-1`);
    await phone.page.locator('.watched-tag').first().waitFor();
    await stage.shot('30-watching-phone', phone.page);
    // The boxes are fractions of the scene: a scene that is cut shorter than its picture draws them beside
    // what they mark.
    const heightOf = async (part: string) => (await phone.page.locator(part).boundingBox())?.height ?? 0;
    const [scene, ground] = [await heightOf('.scene'), await heightOf('.scene-ground')];
    assert.ok(ground > 100 && Math.abs(scene - ground) < 1, `scene ${scene} px, picture ${ground} px`);
    // The widest heading: an installer has one more mode, and English words are longer.
    const english = await stage.openDark(390, 844, 'en');
    await stage.logIn(english.page, '赵工');
    await english.page.goto(`${stage.origin}/cameras?camera=gate-1`);
    await english.page.getByText('Edit zones').waitFor();
    const [needed = 1, given = 0] = await english.page.evaluate(() =>
      [...document.querySelectorAll('main')].flatMap((main) => [main.scrollWidth, main.clientWidth]),
    );
    assert.ok(needed <= given, `the page needs ${needed} px of ${given}`);
    await fits(phone.page);
  });

  it('went through all this without a script error, a policy violation or a request to anywhere else', () => {
    assert.deepEqual(stage.complaints, []);
    assert.deepEqual(stage.strangers, []);
  });
});
