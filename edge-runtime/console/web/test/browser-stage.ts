import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@gatehouse/harness';
import { silentLog, systemClock } from '@gatehouse/kit';
import type { BrowserContext, Page } from 'playwright-core';
import { launchBrowser, patientContext } from '../../../test/support/patient-browser.ts';
import type { Console } from '../../api/console.ts';
import { ConsoleServer } from '../../api/console-server.ts';
import { fakeParts } from '../../api/test/fakes.ts';
import { ensureBuilt } from '../build.ts';

/** Pictures for people to look at; kept only where this names a folder. */
const shotsDir = process.env.GATEHOUSE_SHOTS_DIR;
export const password = 'night shift 3';

export interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
}

/** The console on parts in memory, and a real browser in front of it. */
export interface Stage {
  readonly ports: ReturnType<typeof fakeParts>;
  readonly gate: Console;
  readonly origin: string;
  readonly editorOrigin: string;
  /** The pages' complaints: script errors and policy violations. */
  readonly complaints: readonly string[];
  /** Requests that went anywhere but to the console. */
  readonly strangers: readonly string[];
  open(width: number, height: number): Promise<Tab>;
  /** The same, set up for a person who works in front of it at night. */
  openDark(width: number, height: number, language?: 'zh-CN' | 'en'): Promise<Tab>;
  /** Keeps a picture of the page for people to look at. */
  shot(name: string, page: Page): Promise<void>;
  logIn(page: Page, user: string): Promise<void>;
  /** The same page, wherever it is, under another login. */
  switchTo(page: Page, user: string): Promise<void>;
  /** Headers that a page of the console sends with a change. */
  changeHeaders(page: Page): Promise<Record<string, string>>;
  /** The console goes, as on a restart, and comes back at the same address. */
  loseBox(): Promise<void>;
  findBox(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param editorSocket the socket of Node-RED or of its stand-in; `host` is the console's address
 */
export async function openStage(editorSocket?: string, host = '127.0.0.1'): Promise<Stage> {
  await ensureBuilt();
  const ports = fakeParts();
  const options = {
    clock: systemClock,
    log: silentLog,
    deviceKey: randomBytes(32),
    host,
    editorSocket: editorSocket ?? '/nonexistent/flows.sock',
  };
  let server = new ConsoleServer(ports, { ...options, port: 0, editorPort: 0 });
  await server.start();
  const gate = server.console;
  const origin = server.address;
  const browser = await launchBrowser();
  const complaints: string[] = [];
  const strangers: string[] = [];
  const stage: Stage = {
    ports,
    gate,
    origin,
    editorOrigin: server.editorAddress,
    complaints,
    strangers,
    async openDark(width, height, language = 'zh-CN') {
      const tab = await stage.open(width, height);
      const preferences = JSON.stringify({ theme: 'dark', sound: false, language });
      await tab.page.addInitScript(
        `if (!localStorage.length) localStorage.setItem('gatehouse-preferences', '${preferences}')`,
      );
      return tab;
    },
    async open(width, height) {
      const context = await patientContext(browser, {
        viewport: { width, height },
        timezoneId: 'Asia/Shanghai',
        locale: 'zh-CN',
      });
      const page = await context.newPage();
      page.on('console', (message) => {
        const text = message.text();
        // A browser reports every 4xx; those the tests provoke are not faults.
        if (message.type() === 'error' && !text.startsWith('Failed to load resource')) complaints.push(text);
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        const url = new URL(request.url());
        if (url.protocol.startsWith('http') && url.origin !== origin) strangers.push(request.url());
      });
      return { context, page };
    },
    async shot(name, page) {
      if (!shotsDir) return;
      mkdirSync(shotsDir, { recursive: true });
      await page.screenshot({ path: join(shotsDir, `${name}.png`) });
    },
    async logIn(page, user) {
      await page.goto(origin);
      await page.locator('input[autocomplete=username]').fill(user);
      await page.locator('input[type=password]').fill(password);
      await page.locator('button[type=submit]').click();
      await page.locator('header.header').waitFor();
    },
    async switchTo(page, user) {
      const answer = await page.request.post(`${origin}/api/login`, {
        headers: { 'x-gatehouse': '1', origin },
        data: { user, password },
      });
      const { pageKey } = (await answer.json()) as { pageKey: string };
      await page.evaluate((key) => localStorage.setItem('gatehouse-page-key', key), pageKey);
      await page.reload();
    },
    async changeHeaders(page) {
      const key = await page.evaluate(() => localStorage.getItem('gatehouse-page-key'));
      return { 'x-gatehouse': '1', 'x-gatehouse-key': key ?? '', origin };
    },
    loseBox: () => server.stop(),
    async findBox() {
      server = new ConsoleServer(ports, { ...options, port: Number(new URL(origin).port), editorPort: 0 });
      await server.start();
    },
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
  return stage;
}

/** Nothing reaches beyond the screen's right edge once the layout for a new width is done. */
export async function fits(page: Page): Promise<void> {
  await until('nothing is wider than the screen', () =>
    page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
  );
}

/** A JPEG drawn by ffmpeg. */
export function picture(seed: number): Uint8Array {
  return execFileSync('ffmpeg', [
    ...['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=1:duration=${seed}`],
    ...['-frames:v', '1', '-f', 'mjpeg', '-'],
  ]);
}
