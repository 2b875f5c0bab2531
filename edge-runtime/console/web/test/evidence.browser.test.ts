import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Incident } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import type { Page } from 'playwright-core';
import { anIncident } from '../../api/test/fakes.ts';
import { openStage, password, picture, type Stage } from './browser-stage.ts';

/** Two seconds of H.264 as fragmented MP4, as the box cuts a clip out of a camera's own stream. */
function clip(): Uint8Array {
  return execFileSync('ffmpeg', [
    ...['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=10:duration=2'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    ...['-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4', '-'],
  ]);
}

const stills = ['first', 'opened', 'cleared'] as const;

/** The evidence by which a guard judges an incident, on a dark screen. */
describe('the evidence of an incident in a real browser', () => {
  let stage: Stage;
  let ports: Stage['ports'];
  let guard: Page;

  before(async () => {
    stage = await openStage();
    ports = stage.ports;
    ports.cameras.stills.set('gate-1', picture(3));
    guard = (await stage.openDark(1366, 768)).page;
    await guard.goto(stage.origin);
    const fields = guard.locator('form input');
    await fields.nth(0).fill((await stage.gate.setupCode()) ?? '');
    await fields.nth(1).fill('陈主任');
    await fields.nth(2).fill(password);
    await guard.locator('button[type=submit]').click();
    await guard.locator('header.header').waitFor();
  });
  after(() => stage?.stop());
  /** A dialog that a test has left open would cover the rows of the next. */
  afterEach(() => guard.reload());

  const put = (overrides: Partial<Incident> = {}): Incident => {
    const incident = anIncident({ stills: [], ...overrides });
    for (const [i, name] of incident.stills.entries())
      ports.incidents.stills.set(`${incident.id}/${name}`, picture(i + 1));
    ports.incidents.put(incident);
    return incident;
  };
  const open = async (page: Page, { id }: Incident) => {
    await page.locator(`[data-incident="${id}"] .incident-body`).click();
    return page.locator('.detail');
  };

  it('shows how it began, when it was raised, how it ended and the clip, and takes a verdict beside them', async () => {
    const incident = put({ stills: [...stills], clip: true });
    ports.incidents.clips.set(incident.id, clip());
    const detail = await open(guard, incident);
    await detail.locator('[data-shown=clip]').waitFor();
    await until('the clip plays', () =>
      guard.evaluate(() => {
        const video = document.querySelector<HTMLVideoElement>('.detail video');
        return video !== null && video.currentTime > 0 && video.error === null;
      }),
    );
    const choices = await detail.locator('[data-evidence]').allTextContents();
    assert.deepEqual(choices, ['录像', '开始时', '报警时', '解除时']);
    await stage.shot('40-evidence-zh', guard);
    for (const name of stills) {
      await detail.locator(`[data-evidence=${name}]`).click();
      await shown(guard, `${incident.id}/stills/${name}`);
      const box = await detail.locator('.overlay .object').count();
      assert.equal(box, name === 'cleared' ? 0 : 1, 'what has gone is not boxed');
    }
    await stage.shot('41-evidence-cleared-zh', guard);
    await detail.locator('[data-verdict=confirmed]').click();
    await detail.locator('[data-verdict=confirmed][aria-pressed=true]').waitFor();
    await detail.getByText(/^陈主任 于 .* 判定$/).waitFor();
    assert.equal(ports.incidents.get(incident.id)?.handling.verdict?.label, 'confirmed');
    await detail.locator('.conditions').scrollIntoViewIfNeeded();
    await stage.shot('42-evidence-facts-zh', guard);
  });

  it('says whether a clip has gone or cannot be played here, and hands it out then', async () => {
    const gone = await open(guard, put({ stills: ['opened'], clip: true }));
    await gone.getByText('录像已让位给更新的事件').waitFor();
    await gone.locator('[data-evidence=opened]').click();
    await gone.locator('img[alt=报警时]').waitFor();
    await guard.keyboard.press('Escape');
    await gone.waitFor({ state: 'hidden' });
    const odd = put({ clip: true });
    ports.incidents.clips.set(odd.id, Buffer.from('a kind of video that no browser knows'));
    const detail = await open(guard, odd);
    await detail.getByText('此浏览器不能播放这段录像').waitFor();
    const [download] = await Promise.all([
      guard.waitForEvent('download'),
      detail.getByText('下载录像').click(),
    ]);
    assert.equal(download.suggestedFilename(), `${odd.id}.mp4`);
  });

  it('says of equipment that it is not well yet, never that it is still there, and in English too', async () => {
    const lost = { camera: 'gate-1', kind: 'camera-health', evidence: undefined, zone: undefined } as const;
    const row = (page: Page, { id }: Incident) => page.locator(`[data-incident="${id}"]`);
    const camera = put(lost);
    const door = put({ ...lost, camera: undefined, device: 'barrier-1', kind: 'device-tamper' });
    const well = put({
      ...lost,
      camera: undefined,
      device: 'barrier-1',
      kind: 'device-lost',
      phase: 'cleared',
      clearedAt: '2026-11-23T03:20:00.000+08:00',
    });
    await row(guard, camera).getByText('尚未恢复').waitFor();
    await row(guard, door).getByText('尚未恢复').waitFor();
    await row(guard, well).getByText('已恢复正常').waitFor();
    await stage.shot('43-equipment-zh', guard);
    const english = (await stage.openDark(1366, 768, 'en')).page;
    await stage.logIn(english, '陈主任');
    await row(english, door).getByText('Not back to normal').waitFor();
    // Of a kind of its own: four new ones of one kind are a storm, and one row.
    const detail = await open(english, put({ kind: 'crowd', stills: [...stills], clip: true }));
    await detail.locator('[data-evidence=first]').click();
    await stage.shot('44-evidence-en', english);
    assert.doesNotMatch((await detail.textContent()) ?? '', /仍|尚|录像/);
  });

  it('went through all this without a script error, a policy violation or a request to anywhere else', () => {
    assert.deepEqual(stage.complaints, []);
    assert.deepEqual(stage.strangers, []);
  });
});

/** Waits until a picture is there, not only its frame. */
async function shown(page: Page, source: string): Promise<void> {
  await until(`${source} is shown`, () =>
    page.evaluate(
      (end) =>
        [...document.querySelectorAll<HTMLImageElement>('.detail img')].some(
          (img) => img.src.endsWith(end) && img.naturalWidth > 0,
        ),
      source,
    ),
  );
}
