import { type CameraStatus, checked, type DeviceState } from '@gatehouse/contracts';
import type { EventStore } from '@gatehouse/store';
import type { Express } from 'express';
import { z } from 'zod';
import type { HealthBoard } from '../health-board.ts';

export interface CliApiOptions {
  readonly store: EventStore;
  readonly health: HealthBoard;
  readonly cameras: () => readonly CameraStatus[];
  readonly devices: () => readonly DeviceState[];
  readonly setupCode: () => Promise<string | undefined>;
}

const limit = z.coerce.number().int().min(1).max(10_000).default(1000);
const IncidentsQuery = z.strictObject({ open: z.enum(['true', 'false']).optional(), limit });
const EventsQuery = z.strictObject({ since: z.iso.datetime({ offset: true }), limit });

/** runtime -> cli: reads only. */
export function cliRoutes({
  store,
  health,
  cameras,
  devices,
  setupCode,
}: CliApiOptions): (app: Express) => void {
  return (app) => {
    app.get('/health', (_request, response) => void response.json({ services: health.services() }));
    app.get('/cameras', (_request, response) => void response.json(cameras()));
    app.get('/devices', (_request, response) => void response.json(devices()));
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
    app.get(
      '/setup-code',
      async (_request, response) => void response.json({ code: (await setupCode()) ?? null }),
    );
  };
}
