import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { GatehouseError } from '@gatehouse/kit';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Label, Moment, View, World } from '../world.ts';
import type { StudioPage } from './studio-page.ts';

const chromiumPath = '/usr/bin/chromium';

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
  readonly #inbox: Inbox;

  private constructor(server: Server, browser: Browser, page: Page, inbox: Inbox) {
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
    this.#inbox = inbox;
  }

  /** Builds the page if need be and opens it. Throws `SIM_NO_CHROMIUM`. */
  static async open(): Promise<Studio> {
    if (!existsSync(chromiumPath))
      throw new GatehouseError(
        'SIM_NO_CHROMIUM',
        'environment',
        `${chromiumPath} is missing; the simulated compound is drawn with it.`,
        'Install it: apt-get install -y --no-install-recommends chromium fonts-noto-cjk',
      );
    // Bundling needs a development package that an installed box does not have.
    const { distFolder, ensureBuilt } = await import('../page/build.ts');
    await ensureBuilt();
    const inbox = new Inbox();
    const server = createServer((request, response) => void serve(distFolder, inbox, request, response));
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
      page.on('pageerror', (error) => inbox.fail(error));
      page.on('console', (message) => {
        if (message.type() === 'error') inbox.fail(new Error(message.text()));
      });
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction(() => 'studioPage' in globalThis);
      return new Studio(server, browser, page, inbox);
    } catch (error) {
      await browser.close();
      server.close();
      throw inbox.failure ?? error;
    }
  }

  /** Chooses what `draw` and `label` show from now on. */
  async setWorld(world: World): Promise<void> {
    await this.#page.evaluate((chosen) => {
      (globalThis as unknown as { studioPage: StudioPage }).studioPage.setWorld(chosen);
    }, world);
    this.#inbox.check();
  }

  /** Picture and labels of a moment; `frame` seeds the sensor's noise. */
  async draw(moment: Moment, view: View, frame: number): Promise<Shot> {
    const arrival = this.#inbox.next();
    const labels = await this.#ask(moment, view, frame, '/picture');
    this.#inbox.check();
    return { pixels: await arrival, labels };
  }

  /** Labels alone, in a third of the time. */
  async label(moment: Moment, view: View): Promise<readonly Label[]> {
    const labels = await this.#ask(moment, view, 0);
    this.#inbox.check();
    return labels;
  }

  #ask(moment: Moment, view: View, frame: number, postTo?: string): Promise<readonly Label[]> {
    return this.#page.evaluate(
      (asked) =>
        (globalThis as unknown as { studioPage: StudioPage }).studioPage.draw(
          asked.moment,
          asked.view,
          asked.frame,
          asked.postTo,
        ),
      { moment, view, frame, postTo },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Where the page's pictures arrive, one awaited at a time. */
class Inbox {
  failure: Error | undefined;
  #taker: { resolve: (pixels: Buffer) => void } | undefined;

  next(): Promise<Buffer> {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    this.#taker = { resolve };
    return promise;
  }

  give(pixels: Buffer): void {
    this.#taker?.resolve(pixels);
    this.#taker = undefined;
  }

  fail(error: Error): void {
    this.failure ??= error;
  }

  check(): void {
    if (this.failure) throw this.failure;
  }
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

async function serve(
  folder: string,
  inbox: Inbox,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    inbox.give(Buffer.concat(parts));
    response.end();
    return;
  }
  const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
  const file = join(folder, path === '/' ? 'index.html' : path);
  const content = await readFile(file).catch(() => undefined);
  // A browser asks for an icon; a missing one is no error of the page.
  response.writeHead(content ? 200 : 204, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
  });
  response.end(content);
}
