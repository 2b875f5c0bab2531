import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  type AuditVerification,
  type CameraStatus,
  type DeviceState,
  type FireState,
  type InputState,
  runtimeForCli,
  type SensorState,
} from '@gatehouse/contracts';
import { nothingCalled, sendStream, systemCode } from '@gatehouse/kit';
import type { LocalApi } from '@gatehouse/local-api';
import { type EventStore, readSegment, type StoredSegment, type TrackStore } from '@gatehouse/store';
import type { ServiceHealths } from '../health/service-healths.ts';
import { type RuntimeApiOptions, runtimeApi } from './runtime-api.ts';

export interface CliApiOptions extends RuntimeApiOptions {
  readonly store: EventStore;
  readonly health: ServiceHealths;
  readonly cameras: () => readonly CameraStatus[];
  readonly devices: () => readonly DeviceState[];
  readonly inputs: () => readonly InputState[];
  readonly sensors: () => readonly SensorState[];
  readonly fire: () => FireState;
  /** The drivers' answer about their audit chain, compared with a head that somebody has written down. */
  readonly verifyAudit: (given: string | undefined) => Promise<AuditVerification>;
  readonly setupCode: () => Promise<string | undefined>;
  readonly tracks: TrackStore;
}

/**
 * Stored frames of a span of the box's wall clock as JSON lines, a segment in memory at a time; one that has
 * just been dropped for its age is left out.
 */
async function* trackLines(segments: readonly StoredSegment[], fromMs: number, toMs: number) {
  for (const { file } of segments) {
    const bytes = await readFile(file).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const frames = readSegment(bytes)?.frames ?? [];
    const wanted = frames.filter(({ atMs, wallOffsetMs = 0 }) => {
      const wallMs = atMs + wallOffsetMs;
      return wallMs >= fromMs && wallMs <= toMs;
    });
    if (wanted.length > 0) yield `${wanted.map((frame) => JSON.stringify(frame)).join('\n')}\n`;
  }
}

/** runtime -> cli: reads only, of which a backup is one. */
export function cliApi(options: CliApiOptions): LocalApi<typeof runtimeForCli.routes> {
  const { store, health, cameras, devices, inputs, sensors, fire, verifyAudit, setupCode, tracks } = options;
  return runtimeApi(
    runtimeForCli,
    {
      health: () => ({ services: health.services() }),
      cameras: () => cameras(),
      devices: () => devices(),
      inputs: () => inputs(),
      sensors: () => sensors(),
      fire: () => fire(),
      verifyAudit: ({ query }) => verifyAudit(query.given),
      incidents: ({ query: { limit, open } }) =>
        store
          .incidents({ limit, ...(open ? { open: open === 'true' } : {}) })
          .map(({ incident }) => incident),
      changes: ({ query: { since, limit } }) => store.changesSince(since, limit),
      verifyStore: () => store.verify(),
      backup: ({ response }) =>
        store.withCopy(async (copy) => {
          response.type('application/vnd.sqlite3');
          await sendStream(createReadStream(copy), response);
        }),
      tracks: async ({ query: { camera, fromMs, toMs }, response }) => {
        // A camera that the site no longer has may have tracks of the last day.
        const known = [...new Set([...cameras().map(({ id }) => id), ...tracks.cameras()])];
        if (!known.includes(camera)) throw nothingCalled('CAMERA_UNKNOWN/named', camera, known);
        response.type('application/x-ndjson');
        const lines = trackLines(tracks.segments(camera, fromMs, toMs), fromMs, toMs);
        await sendStream(Readable.from(lines), response);
      },
      setupCode: async () => ({ code: (await setupCode()) ?? null }),
    },
    options,
  );
}
