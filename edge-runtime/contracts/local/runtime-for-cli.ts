import { z } from 'zod';
import { DeviceState, FireState, InputState } from '../device.ts';
import { Incident, IncidentChange } from '../incident.ts';
import { CameraStatus } from './camera.ts';
import { AuditVerification } from './device-audit.ts';
import { ServiceHealth } from './health.ts';
import { queryNumber } from './query.ts';
import { SensorState } from './sensor.ts';
import { StoreVerification } from './store-verification.ts';
import { json, localTable, stream } from './table.ts';

const limit = queryNumber().int().min(1).max(10_000).default(1000);

export const runtimeForCli = localTable('runtime', 'cli', {
  health: {
    is: 'GET /health',
    about: 'how all services are',
    answer: json(z.object({ services: z.record(z.string(), ServiceHealth) })),
  },
  incidents: {
    is: 'GET /incidents',
    about: 'incidents, newest first',
    query: z.strictObject({ open: z.enum(['true', 'false']).optional(), limit }),
    answer: json(z.array(Incident)),
  },
  changes: {
    is: 'GET /events',
    about: 'changes of incidents since an instant',
    query: z.strictObject({ since: z.iso.datetime({ offset: true }), limit }),
    answer: json(z.array(IncidentChange)),
  },
  cameras: { is: 'GET /cameras', about: 'cameras', answer: json(z.array(CameraStatus)) },
  devices: { is: 'GET /devices', about: 'doors, gates and barriers', answer: json(z.array(DeviceState)) },
  inputs: { is: 'GET /inputs', about: 'dry contacts', answer: json(z.array(InputState)) },
  sensors: { is: 'GET /sensors', about: 'sensors', answer: json(z.array(SensorState)) },
  fire: { is: 'GET /fire', about: 'the fire latch and its inputs', answer: json(FireState) },
  verifyAudit: {
    is: 'GET /audit/verification',
    about: "the drivers' check of their audit chain, with the newest head that the platform has",
    query: z.strictObject({ given: z.string().max(100).optional() }),
    answer: json(AuditVerification),
  },
  verifyStore: {
    is: 'GET /db/verification',
    about: 'checks a copy of events.db',
    answer: json(StoreVerification),
  },
  backup: { is: 'GET /backup', about: 'a copy of events.db', answer: stream('application/vnd.sqlite3') },
  tracks: {
    is: 'GET /tracks',
    about: 'the stored TrackFrames of a camera, one a line, oldest first; CAMERA_UNKNOWN',
    query: z.strictObject({
      camera: z.string().min(1).max(200),
      fromMs: queryNumber().min(0).default(0),
      toMs: queryNumber().min(0).default(Number.MAX_SAFE_INTEGER),
    }),
    answer: stream('application/x-ndjson'),
  },
  setupCode: {
    is: 'GET /setup-code',
    about: 'the one-time code for the first administrator, `null` once there is one',
    answer: json(z.object({ code: z.string().nullable() })),
  },
});
