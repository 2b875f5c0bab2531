import type { TestContext } from 'node:test';
import { seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { WebhookPlatform } from '../../simulators/webhook-platform.ts';
import { WebhookSink, type WebhookSinkOptions } from '../../webhook/webhook-sink.ts';
import { type BoxOptions, startBox } from './box.ts';

/** A platform that listens, and the sink that posts to it. */
export async function startWebhook(
  t: TestContext,
  options: Partial<WebhookSinkOptions> = {},
  tls?: { cert: string; key: string },
) {
  const platform = new WebhookPlatform(tls);
  const port = await platform.listen();
  t.after(() => platform.close());
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/events`;
  const kit = { clock: systemClock, random: seededRandom(4), log: silentLog };
  const sink = new WebhookSink({ ...kit, box: 'box-1', url, window: 100, timeoutMs: 2000, ...options });
  return { platform, url, sink };
}

/** The same with a box that uses it. */
export async function startWebhookBox(
  t: TestContext,
  options: Partial<WebhookSinkOptions> = {},
  box: BoxOptions = {},
) {
  const webhook = await startWebhook(t, options);
  return { ...webhook, ...(await startBox(t, { url: webhook.url }, { sink: webhook.sink, ...box })) };
}
