import { z } from 'zod';
import { SecretSource } from './secret-source.ts';
import type { SiteFault } from './site-checks.ts';
import { PlatformCommands } from './site-platform.ts';

/** PEM files of a TLS connection, each where a secret may be: a file relative to the site file, or the environment. */
export const UplinkTls = z.strictObject({
  ca: SecretSource.optional().describe(
    "Authorities that may sign the platform's certificate; the system's if absent",
  ),
  cert: SecretSource.optional().describe("This box's certificate, with what leads to its authority"),
  key: SecretSource.optional().describe('The private key of "cert"'),
});
export type UplinkTls = z.infer<typeof UplinkTls>;

/** The one way up: an MQTT broker, or a webhook that takes batches over HTTPS. */
export const Uplink = z.strictObject({
  url: z
    .string()
    .regex(
      /^(mqtts?|https?):\/\/[^@\s]+$/,
      'must be mqtt://, mqtts:// or https:// without user and password',
    ),
  username: z.string().min(1).max(64).optional().describe('MQTT user'),
  password: SecretSource.optional().describe('MQTT password'),
  tls: UplinkTls.optional(),
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
});
export type Uplink = z.infer<typeof Uplink>;

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What of an uplink does not fit together. */
export function uplinkFaults(uplink: Uplink): SiteFault[] {
  const faults: SiteFault[] = [];
  const fault = (key: keyof Uplink, message: string) => faults.push({ path: ['uplink', key], message });
  if (!URL.canParse(uplink.url)) return [{ path: ['uplink', 'url'], message: 'is no URL' }];
  const { protocol, hostname } = new URL(uplink.url);
  const webhook = protocol.startsWith('http');
  if (protocol === 'http:' && !loopback.test(hostname))
    fault('url', 'http:// is taken for this machine alone; use https://');
  for (const key of webhook ? (['username', 'password'] as const) : (['token', 'signingSecret'] as const))
    if (uplink[key] !== undefined)
      fault(key, webhook ? 'is for MQTT; a webhook takes "token"' : 'is for a webhook (https://)');
  if (webhook && uplink.commands !== undefined)
    fault('commands', 'come over MQTT; a webhook only takes events');
  if (!uplink.tls) return faults;
  if (protocol === 'mqtt:' || protocol === 'http:') fault('tls', 'needs mqtts:// or https://');
  if ((uplink.tls.cert === undefined) !== (uplink.tls.key === undefined))
    fault('tls', '"cert" and "key" belong together');
  return faults;
}
