import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { launchBrowser, patientContext } from '../../../edge-runtime/test/support/patient-browser.ts';
import type { AcceptanceRecord, Check, Line } from '../acceptance/record.ts';
import { acceptanceSheet } from '../acceptance/sheet.ts';
import { languages, text } from '../acceptance/texts.ts';
import en from '../locales/en.json' with { type: 'json' };
import zhCN from '../locales/zh-CN.json' with { type: 'json' };

const name = { 'zh-CN': '东门道闸', en: 'East barrier' };
const line = (check: Check, over: Partial<Line> = {}): Line => ({
  subject: 'barrier',
  name,
  check,
  verdict: 'passed',
  measures: [],
  seen: 'not-asked',
  at: '2026-11-26T09:00:00.000+08:00',
  ...over,
});
const checks = Object.keys(en.check) as Check[];
const record: AcceptanceRecord = {
  site: { id: 'demo', name: { 'zh-CN': '锦绣花园', en: 'Jinxiu Garden' } },
  box: 'box-1',
  software: '0.1.0',
  by: '赵工 <b>',
  mode: 'attended',
  startedAt: '2026-11-26T09:00:00.000+08:00',
  endedAt: '2026-11-26T09:41:20.000+08:00',
  lines: [
    line('open', {
      measures: [
        { clause: 'actuator', ms: 412 },
        { clause: 'host', ms: 58 },
      ],
      seen: 'yes',
    }),
    line('close', { measures: [{ clause: 'actuator', ms: 2310 }], verdict: 'failed', reason: 'TOO_LATE' }),
    line('loop', { verdict: 'not-tested', reason: 'NOBODY_THERE' }),
    ...checks.slice(4).map((check) => line(check, { measures: [{ clause: 'host', ms: 231 }] })),
  ],
};

describe('the acceptance sheet', () => {
  it('has the same texts in both languages', () => {
    for (const group of Object.keys(en) as (keyof typeof en)[])
      assert.deepEqual(Object.keys(zhCN[group]).toSorted(), Object.keys(en[group]).toSorted(), group);
    assert.equal(text('en', 'reason.NEVER_HEARD_OF'), 'NEVER_HEARD_OF');
    assert.equal(text('zh-CN', 'ask.see-open', { name: '外门' }), '“外门”是否打开到位？');
  });

  it('says what was measured against which limit, who, when, which box and software, and leaves room to sign', () => {
    const html = acceptanceSheet(record, 'en');
    for (const said of [
      'command → actuator 0.41 s ≤ 2 s',
      'command → actuator 2.3 s &gt; 2 s',
      'box-1',
      'Gatehouse 0.1.0',
    ])
      assert.ok(html.includes(said), said);
    assert.match(html, /2026-11-26T09:00:00\.000\+08:00 – 2026-11-26T09:41:20/);
    for (const who of ['Installer', 'Owner', 'Site supervision']) assert.ok(html.includes(who));
    assert.ok(html.includes('<strong>Failed</strong>'));
  });

  it('escapes what came from outside, fetches nothing and has no script', () => {
    for (const language of languages) {
      const html = acceptanceSheet(record, language);
      assert.ok(!html.includes('<b>') && html.includes('赵工 &lt;b&gt;'));
      assert.doesNotMatch(html, /<script|src=|href=|url\(/);
    }
  });

  it('is in its language alone', () => {
    const own = acceptanceSheet({ ...record, by: 'Zhao' }, 'en').replaceAll(
      /'[^']*(CJK|PingFang|YaHei)[^']*'/g,
      '',
    );
    assert.doesNotMatch(own, /[\u4e00-\u9fff]/);
  });

  it('fits A4: no line is wider than the page, and the table goes on over pages', async (t) => {
    for (const language of languages) await printed(t, language);
  });
});

/** Prints it in a real browser; keeps picture and PDF where GATEHOUSE_SHOTS_DIR names a folder. */
async function printed(t: TestContext, language: (typeof languages)[number]): Promise<void> {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  // 210 mm less the margins of 12 mm on either side, at 96 pixels an inch.
  const viewport = { width: Math.floor((186 / 25.4) * 96), height: 1000 };
  const page = await (await patientContext(browser, { viewport })).newPage();
  await page.setContent(acceptanceSheet(record, language));
  await page.emulateMedia({ media: 'print' });
  // As text: this part of the tree is compiled without the types of a browser.
  const wide = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  assert.equal(wide, 0);
  const folder = process.env.GATEHOUSE_SHOTS_DIR;
  const pdf = await page.pdf({
    preferCSSPageSize: true,
    ...(folder ? { path: join(made(folder), `sheet-${language}.pdf`) } : {}),
  });
  assert.match(pdf.subarray(0, 5).toString(), /%PDF-/);
  if (folder) await page.screenshot({ path: join(folder, `sheet-${language}.png`), fullPage: true });
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
