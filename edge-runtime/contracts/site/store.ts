import { z } from 'zod';

const mebibytes = (fallback: number, what: string) =>
  z.number().min(0.25).max(16_384).default(fallback).describe(`MiB that ${what}`);
const days = (least: number, what: string) =>
  z.int().min(least).max(36_500).default(least).describe(`Days that ${what}`);

/**
 * The amount and the time that the event store keeps events. The least terms are those of the law and cannot
 * be undercut.
 */
export const StoreSettings = z.strictObject({
  quotaMiB: z
    .strictObject({
      alarm: mebibytes(512, 'unsent alarms may take before health warns; they are never dropped'),
      door: mebibytes(256, 'unsent door records may take before health warns; they are never dropped'),
      health: mebibytes(
        32,
        'unsent health events may take; past it the oldest are dropped, and a gap says so',
      ),
      telemetry: mebibytes(
        64,
        'unsent telemetry may take; past it the oldest are dropped, and a gap says so',
      ),
    })
    .prefault({}),
  retentionDays: z
    .strictObject({
      alarms: days(30, 'an incident, its changes and its evidence are kept after its last change'),
      logs: days(183, 'device events and the audit trail are kept'),
      transfers: days(1096, 'records of transfers of personal information are kept'),
    })
    .prefault({}),
  evidenceGiB: z
    .number()
    .min(0.1)
    .max(4096)
    .default(16)
    .describe('GiB that clips may take; past it no new clip is kept'),
  pauseMedia: z
    .strictObject({
      clipsBelowGiB: z
        .number()
        .min(0)
        .max(1024)
        .default(2)
        .describe('GiB free below which no new clips are kept'),
      stillsBelowGiB: z
        .number()
        .min(0)
        .max(1024)
        .default(1)
        .describe('GiB free below which no new stills are kept'),
    })
    .prefault({}),
});
export type StoreSettings = z.infer<typeof StoreSettings>;

/** The meaning of a site file without a `store` section. */
export const defaultStoreSettings: StoreSettings = StoreSettings.parse({});
