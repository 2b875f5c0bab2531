import { z } from 'zod';
import type { SiteFault } from '../site-file/fault.ts';
import { MediaUplink } from './media.ts';
import { PlatformCommands } from './platform.ts';
import { SecretSource } from './secret-source.ts';
import { offeredUrls, securedUrls, sinkOf, uplinkUrl } from './sinks.ts';
import { addressFaults, UplinkTls } from './tls.ts';

/** The one way up: an MQTT broker, or a webhook that takes batches over HTTPS. */
export const Uplink = z.strictObject({
  url: z
    .string()
    .regex(
      uplinkUrl,
      `must be ${offeredUrls.slice(0, -1).join(', ')} or ${offeredUrls.at(-1)} without user and password`,
    ),
  username: z.string().min(1).max(64).optional().describe('MQTT user'),
  password: SecretSource.optional().describe('MQTT password'),
  tls: UplinkTls.optional(),
  plaintext: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('Host of a mqtt:// broker beyond this machine, to which all goes unencrypted'),
  token: SecretSource.optional().describe('Bearer token of a webhook'),
  signingSecret: SecretSource.optional().describe(
    'Signs each webhook request (HMAC-SHA256, Standard Webhooks)',
  ),
  topicPrefix: z
    .string()
    .regex(/^[a-z0-9-]+(\/[a-z0-9-]+)*$/)
    .default('gatehouse'),
  window: z.int().min(1).max(1000).default(100).describe('Most events in flight'),
  ackTimeoutS: z
    .number()
    .min(1)
    .max(300)
    .default(10)
    .describe('Seconds without acknowledgement before a resend'),
  maxKbps: z
    .int()
    .min(8)
    .max(1_000_000)
    .optional()
    .describe('Most kilobits a second that events may take; alarms may exceed it for a moment'),
  commands: PlatformCommands.optional(),
  media: MediaUplink.optional().describe('Redacted pictures of incidents; without it none leaves the box'),
});
export type Uplink = z.infer<typeof Uplink>;

/** Parts of an uplink that do not fit together. */
export function uplinkFaults(uplink: Uplink): SiteFault[] {
  const faults = [
    ...addressFaults(uplink, ['uplink'], securedUrls.join(', ')),
    ...(uplink.media ? addressFaults(uplink.media, ['uplink', 'media'], 'https://') : []),
  ];
  if (!URL.canParse(uplink.url)) return faults;
  const { protocol, hostname } = new URL(uplink.url);
  const webhook = sinkOf(uplink.url) === 'webhook';
  if (uplink.plaintext !== undefined && protocol !== 'mqtt:')
    faults.push({ path: ['uplink', 'plaintext'], code: 'plaintext-not-mqtt' });
  else if (uplink.plaintext !== undefined && uplink.plaintext !== hostname)
    faults.push({ path: ['uplink', 'plaintext'], code: 'plaintext-other-host', values: { host: hostname } });
  for (const key of webhook ? (['username', 'password'] as const) : (['token', 'signingSecret'] as const))
    if (uplink[key] !== undefined)
      faults.push({ path: ['uplink', key], code: webhook ? 'mqtt-only' : 'webhook-only', values: { key } });
  if (webhook && uplink.commands !== undefined)
    faults.push({ path: ['uplink', 'commands'], code: 'commands-mqtt' });
  return faults;
}
