import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const chromiumPath = '/usr/bin/chromium';

/**
 * Longest wait of a browser test for one thing, milliseconds. It only ends a test that has failed. A step of
 * 1 s on a free machine has taken over 40 s on one that ran all the tests at once.
 */
export const patienceMs = 120_000;

/** Chromium without its own traffic and without a graphics card. `args` are switches beyond those. */
export function launchBrowser(...args: readonly string[]): Promise<Browser> {
  assert.ok(existsSync(chromiumPath), 'chromium is not installed: apt install chromium');
  return chromium.launch({
    executablePath: chromiumPath,
    timeout: patienceMs,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...args,
    ],
  });
}

/** A context whose every wait, click, navigation and request is patient; playwright's own limit is 30 s. */
export async function patientContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(patienceMs);
  context.setDefaultNavigationTimeout(patienceMs);
  return context;
}
