import { z } from 'zod';
import { DeviceAction } from './device.ts';
import { Id } from './primitives.ts';

/** Actions on some devices. */
export const Grant = z.strictObject({
  actions: z.array(DeviceAction).min(1),
  devices: z.array(Id).min(1).optional().describe('Which devices; all of them if absent'),
});
export type Grant = z.infer<typeof Grant>;

const perMinute = z
  .int()
  .min(1)
  .max(6000)
  .describe(
    'Most commands a minute of each login, card reader or key of the platform, and of all flows and all schedules; a third of them at once, stops counted apart; those above are refused',
  );

function origin(standard: { readonly allow: Grant[]; readonly perMinute: number }) {
  return z
    .strictObject({
      allow: z.array(Grant).max(64).default(standard.allow).describe('All that it may do; nothing else'),
      perMinute: perMinute.default(standard.perMinute),
    })
    .prefault({});
}

/** Somebody at the box: a fire latch is reset here or nowhere. */
function atTheBox(standard: { readonly allow: Grant[]; readonly perMinute: number }) {
  return origin(standard)
    .unwrap()
    .extend({ resetFire: z.boolean().default(true).describe('Whether it may reset the fire latch') })
    .prefault({});
}

/** Parts of the box that the platform may set from afar (`uplink.commands` says by whose signature). */
export const ConfigurePart = z.enum(['zones', 'flows']);
export type ConfigurePart = z.infer<typeof ConfigurePart>;

/** The platform: it may also set zones and flows, if the site says so. */
function platform(standard: { readonly allow: Grant[]; readonly perMinute: number }) {
  return origin(standard)
    .unwrap()
    .extend({
      configure: z
        .array(ConfigurePart)
        .max(2)
        .default([])
        .describe('What it may set from afar: zones (with their rules), flows (code that runs on the box)'),
    })
    .prefault({});
}

const all: Grant[] = [{ actions: [...DeviceAction.options] }];
const move: Grant[] = [{ actions: ['open', 'close', 'stop'] }];

/**
 * The rights of each origin. An origin that is not named has the defaults that stand here: the platform moves
 * nothing by itself, and holding open is a permission of its own, which flows do not have.
 */
export const Permissions = z
  .strictObject({
    console: atTheBox({ allow: all, perMinute: 600 }),
    cli: atTheBox({ allow: all, perMinute: 600 }),
    flows: origin({ allow: move, perMinute: 60 }),
    upstream: platform({ allow: [], perMinute: 30 }),
    schedule: origin({ allow: all, perMinute: 30 }),
    reader: origin({ allow: [{ actions: ['open'] }], perMinute: 60 }),
  })
  .prefault({});
export type Permissions = z.infer<typeof Permissions>;
