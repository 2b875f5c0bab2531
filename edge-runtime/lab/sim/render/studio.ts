import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { errorOf } from '@gatehouse/kit';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Label, Moment, View, World } from '../world.ts';
import type { Drawn, StudioPage } from './studio-page.ts';

const chromiumPath = '/usr/bin/chromium';
/**
 * The page paints its textures while it loads: 2 s of a free core, over 30 s on a machine that is busy with
 * more than its cores.
 */
const loadWithinMs = 120_000;

/** A drawn moment: RGBA, row 0 at the top. */
export interface Shot {
  readonly pixels: Buffer;
  readonly labels: readonly Label[];
}

/** Draws worlds in a headless Chromium of its own, without a graphics card. One drawing at a time. */
export class Studio implements AsyncDisposable {
  readonly #server: Server;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #faults: Faults;

  private constructor(server: Server, browser: Browser, page: Page, faults: Faults) {
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
    this.#faults = faults;
  }

  /** Builds the page if need be and opens it. Throws `SIM_NO_CHROMIUM`. */
  static async open(): Promise<Studio> {
    if (!existsSync(chromiumPath)) throw errorOf('SIM_NO_CHROMIUM', { path: chromiumPath });
    // Bundling needs a development package that an installed box does not have.
    const { builtPage } = await import('../page/build.ts');
    const folder = await builtPage();
    const faults = new Faults();
    const server = createServer((request, response) => void serve(folder, request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: [
        ...['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
        ...['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
      ],
    });
    try {
      const page = await browser.newPage();
      page.on('pageerror', (error) => faults.note(error));
      page.on('console', (message) => {
        if (message.type() === 'error') faults.note(new Error(message.text()));
      });
      page.setDefaultTimeout(loadWithinMs);
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction(() => 'studioPage' in globalThis);
      return new Studio(server, browser, page, faults);
    } catch (error) {
      await browser.close();
      server.close();
      throw faults.first ?? error;
    }
  }

  /** Chooses the world that `draw` and `label` show from now on. */
  async setWorld(world: World): Promise<void> {
    await this.#page.evaluate((chosen) => {
      (globalThis as unknown as { studioPage: StudioPage }).studioPage.setWorld(chosen);
    }, world);
    this.#faults.check();
  }

  /** Picture and labels of a moment; `frame` seeds the sensor's noise. */
  async draw(moment: Moment, view: View, frame: number): Promise<Shot> {
    const { labels, pixels = '' } = await this.#ask(moment, view, frame, true);
    return { pixels: Buffer.from(pixels, 'base64'), labels };
  }

  /** Labels alone, in a tenth of the time. */
  async label(moment: Moment, view: View): Promise<readonly Label[]> {
    return (await this.#ask(moment, view, 0, false)).labels;
  }

  async #ask(moment: Moment, view: View, frame: number, withPicture: boolean): Promise<Drawn> {
    const drawn = await this.#page.evaluate(
      (asked) =>
        (globalThis as unknown as { studioPage: StudioPage }).studioPage.draw(
          asked.moment,
          asked.view,
          asked.frame,
          asked.withPicture,
        ),
      { moment, view, frame, withPicture },
    );
    this.#faults.check();
    return drawn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** The first thing that went wrong in the page. */
class Faults {
  first: Error | undefined;

  note(error: Error): void {
    this.first ??= error;
  }

  check(): void {
    if (this.first) throw this.first;
  }
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

async function serve(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
  const file = join(folder, path === '/' ? 'index.html' : path);
  const content = await readFile(file).catch(() => undefined);
  // A browser asks for an icon, and reports one that is not there as an error of the page.
  response.writeHead(content ? 200 : path === '/favicon.ico' ? 204 : 404, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
  });
  response.end(content);
}
