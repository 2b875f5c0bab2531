/**
 * The time in which a guard cannot press a door's button after the runtime was killed, as a guard sees it.
 * Chromium shows the doors of a real runtime and real drivers. The runtime gets SIGKILL, its supervisor
 * starts it again, and the page is watched until its button can be pressed. Once on the machine as it is, and
 * once beside busy loops that ask for all its cores many times over.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@gatehouse/kit';
import type { Browser, Page } from 'playwright-core';
import { DoorPlant } from '../../../drivers/simulators/plants.ts';
import { RelayBoard } from '../../../drivers/simulators/relay-board.ts';
import { TcpSlave } from '../../../drivers/simulators/tcp-slave.ts';
import { launchBrowser, patientContext } from '../../test/support/patient-browser.ts';
import { freePorts } from '../demo/free-ports.ts';
import { boxProcesses } from '../demo/process-table.ts';
import { Supervisor } from '../demo/supervisor/index.ts';
import { percentile, reporter } from './bench-report.ts';
import { benchDoor, siteHead } from './bench-site.ts';

const report = reporter('doors');

const targetMs = 3_000;
/** A service that fails a sixth time within a minute is held down. */
const kills = 5;
const giveUpMs = 60_000;
const root = join(import.meta.dirname, '../../..');
const guard = { user: 'wang', password: 'night shift 3' };
const usable = '[data-device=door] .actions button:enabled';

const site = (port: number) => `${siteHead}clock: { keptBy: elsewhere }\n${benchDoor(port, 0)}`;

/** Kills the runtime five times on the machine as it is, and five times beside so many busy loops. */
export async function restartBench(loops: number): Promise<void> {
  for (const beside of [0, loops]) {
    const gone = await withBox((box) => besides(beside, () => killAll(box)));
    const where = beside === 0 ? 'as the machine is' : `beside ${beside} busy loops`;
    report(`runtime killed -> door's button usable, worst, ${where}`, Math.max(...gone), 'ms', {
      target: targetMs,
    });
    report(`runtime killed -> door's button usable, p50, ${where}`, percentile(gone, 0.5), 'ms');
  }
}

interface Box {
  readonly page: Page;
  readonly supervisor: Supervisor;
}

async function killAll({ page, supervisor }: Box): Promise<number[]> {
  const gone: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await page.waitForSelector(usable, { timeout: giveUpMs });
    const { runtime } = supervisor.pids();
    if (runtime === undefined) throw new Error('the runtime is not running');
    const startedMs = systemClock.monotonicMs();
    process.kill(runtime, 'SIGKILL');
    // The page knows at once, for its stream breaks.
    await page.waitForSelector(usable, { timeout: giveUpMs, state: 'detached' });
    await page.waitForSelector(usable, { timeout: giveUpMs });
    gone.push(systemClock.monotonicMs() - startedMs);
  }
  return gone;
}

async function withBox<T>(body: (box: Box) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-restart-'));
  const slave = new TcpSlave(new RelayBoard([new DoorPlant(0, 0)]));
  await slave.listen();
  const file = join(folder, 'site.yaml');
  await writeFile(file, site(slave.port));
  const { console: port, editor } = await freePorts({ console: 18_080, editor: 18_081 });
  Object.assign(process.env, {
    GATEHOUSE_CONSOLE_PORT: String(port),
    GATEHOUSE_EDITOR_PORT: String(editor),
    GATEHOUSE_RUN_DIR: join(folder, 'run'),
  });
  let code: string | undefined;
  const supervisor = new Supervisor(
    boxProcesses(file, folder).filter(({ name }) => name === 'drivers' || name === 'runtime'),
    {
      // As the unit file of the service has it (RestartSec=1), and without a back-off: each kill counts
      // alone.
      restart: { firstMs: 1_000, capMs: 1_000 },
      random: () => 1,
      clock: systemClock,
      logDir: join(folder, 'logs'),
      cwd: root,
      say: () => undefined,
      onLine: (_name, line) => {
        code ??= /"event":"setup-code".*"code":"([^"]+)"/.exec(line)?.[1];
      },
    },
  );
  let browser: Browser | undefined;
  try {
    await supervisor.start(new AbortController().signal);
    const origin = `http://127.0.0.1:${port}`;
    if (code === undefined) throw new Error(`the runtime said no set-up code; its log is in ${folder}`);
    browser = await launchBrowser();
    const page = await (await patientContext(browser)).newPage();
    await setUp(page, origin, code);
    await page.goto(`${origin}/#/doors`);
    return await body({ page, supervisor });
  } finally {
    await browser?.close();
    await supervisor.stop();
    await slave.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first user of the box; the browser keeps the cookie and the page its key. */
async function setUp(page: Page, origin: string, code: string): Promise<void> {
  const answer = await page.request.post(`${origin}/api/setup`, {
    headers: { 'x-gatehouse': '1', origin },
    data: { code, ...guard },
  });
  if (!answer.ok()) throw new Error(`set-up was refused: ${answer.status()} ${await answer.text()}`);
  const { pageKey } = (await answer.json()) as { pageKey: string };
  await page.addInitScript((key) => localStorage.setItem('gatehouse-page-key', key), pageKey);
}

async function besides<T>(loops: number, body: () => Promise<T>): Promise<T> {
  const busy: ChildProcess[] = Array.from({ length: loops }, () =>
    spawn('sha256sum', ['/dev/zero'], { stdio: 'ignore' }),
  );
  try {
    // So that they have all begun.
    if (loops > 0) await delay(2_000);
    return await body();
  } finally {
    for (const loop of busy) {
      const ended = once(loop, 'exit');
      loop.kill('SIGKILL');
      await ended;
    }
  }
}
