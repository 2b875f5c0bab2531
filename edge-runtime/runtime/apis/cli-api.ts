import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  type CameraStatus,
  checked,
  type DeviceState,
  type FireState,
  type InputState,
  type SensorState,
} from '@gatehouse/contracts';
import { nothingCalled, sendStream, systemCode } from '@gatehouse/kit';
import { type EventStore, readSegment, type StoredSegment, type TrackStore } from '@gatehouse/store';
import type { Express } from 'express';
import { z } from 'zod';
import type { ServiceHealths } from '../health/service-healths.ts';

export interface CliApiOptions {
  readonly store: EventStore;
  readonly health: ServiceHealths;
  readonly cameras: () => readonly CameraStatus[];
  readonly devices: () => readonly DeviceState[];
  readonly inputs: () => readonly InputState[];
  readonly sensors: () => readonly SensorState[];
  readonly fire: () => FireState;
  /** The drivers' answer about their audit chain, held against a head that somebody has written down. */
  readonly verifyAudit: (given: string | undefined) => Promise<unknown>;
  readonly setupCode: () => Promise<string | undefined>;
  readonly tracks: TrackStore;
}

const limit = z.coerce.number().int().min(1).max(10_000).default(1000);
const IncidentsQuery = z.strictObject({ open: z.enum(['true', 'false']).optional(), limit });
const EventsQuery = z.strictObject({ since: z.iso.datetime({ offset: true }), limit });

const GivenHead = z.strictObject({ given: z.string().max(100).optional() });
const TracksQuery = z.strictObject({
  camera: z.string().min(1).max(200),
  fromMs: z.coerce.number().min(0).default(0),
  toMs: z.coerce.number().min(0).default(Number.MAX_SAFE_INTEGER),
});

/** Stored frames as JSON lines, a segment in memory at a time; one that has just been dropped for its age is left out. */
async function* trackLines(segments: readonly StoredSegment[], fromMs: number, toMs: number) {
  for (const { file } of segments) {
    const bytes = await readFile(file).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const frames = readSegment(bytes)?.frames ?? [];
    const wanted = frames.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    if (wanted.length > 0) yield `${wanted.map((frame) => JSON.stringify(frame)).join('\n')}\n`;
  }
}

/** runtime -> cli: reads only, of which a backup is one. */
export function cliRoutes({
  store,
  health,
  cameras,
  devices,
  inputs,
  sensors,
  fire,
  verifyAudit,
  setupCode,
  tracks,
}: CliApiOptions): (app: Express) => void {
  return (app) => {
    app.get('/health', (_request, response) => void response.json({ services: health.services() }));
    app.get('/cameras', (_request, response) => void response.json(cameras()));
    app.get('/devices', (_request, response) => void response.json(devices()));
    app.get('/inputs', (_request, response) => void response.json(inputs()));
    app.get('/sensors', (_request, response) => void response.json(sensors()));
    app.get('/fire', (_request, response) => void response.json(fire()));
    app.get('/audit/verification', async (request, response) => {
      const { given } = checked(GivenHead, request.query);
      response.json(await verifyAudit(given));
    });
    app.get('/incidents', (request, response) => {
      const query = checked(IncidentsQuery, request.query);
      const rows = store.incidents({
        limit: query.limit,
        ...(query.open ? { open: query.open === 'true' } : {}),
      });
      response.json(rows.map(({ incident }) => incident));
    });
    app.get('/events', (request, response) => {
      const query = checked(EventsQuery, request.query);
      response.json(store.changesSince(query.since, query.limit));
    });
    app.get('/db/verification', async (_request, response) => {
      response.json(await store.verify());
    });
    app.get('/backup', async (_request, response) => {
      await store.withCopy(async (copy) => {
        response.type('application/vnd.sqlite3');
        await sendStream(createReadStream(copy), response);
      });
    });
    app.get('/tracks', async (request, response) => {
      const { camera, fromMs, toMs } = checked(TracksQuery, request.query);
      // One that the site has no longer may have tracks of the last day.
      const known = [...new Set([...cameras().map(({ id }) => id), ...tracks.cameras()])];
      if (!known.includes(camera)) throw nothingCalled('CAMERA_UNKNOWN/named', camera, known);
      response.type('application/x-ndjson');
      const lines = trackLines(tracks.segments(camera, fromMs, toMs), fromMs, toMs);
      await sendStream(Readable.from(lines), response);
    });
    app.get(
      '/setup-code',
      async (_request, response) => void response.json({ code: (await setupCode()) ?? null }),
    );
  };
}
