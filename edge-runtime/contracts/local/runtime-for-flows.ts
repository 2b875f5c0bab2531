import { z } from 'zod';
import { CommandOutcome, DeviceState, FireState, InputState } from '../device.ts';
import { IncidentChange, Prompt } from '../incident.ts';
import { Role } from '../role.ts';
import { DeviceRequest } from './device-request.ts';
import { ServiceHealth } from './health.ts';
import { SensorState } from './sensor.ts';
import { SiteView } from './site-view.ts';
import { events, json, localTable, nothing } from './table.ts';

export const runtimeForFlows = localTable('runtime', 'flows', {
  site: { is: 'GET /site', about: 'what pickers may list', answer: json(SiteView) },
  devices: { is: 'GET /devices', about: 'doors, gates and barriers', answer: json(z.array(DeviceState)) },
  inputs: { is: 'GET /inputs', about: 'dry contacts', answer: json(z.array(InputState)) },
  sensors: { is: 'GET /sensors', about: 'sensors', answer: json(z.array(SensorState)) },
  fire: { is: 'GET /fire', about: 'the fire latch and its inputs', answer: json(FireState) },
  requestDevice: {
    is: 'POST /devices/:id/requests',
    about: 'moves a device in the name of a flow; DEVICE_UNKNOWN, FLOW_RATE_LIMIT',
    body: DeviceRequest,
    answer: json(CommandOutcome),
  },
  verifyEditorToken: {
    is: 'POST /editor-sessions/verify',
    about: 'who stands behind a token of the console; EDITOR_TOKEN_UNKNOWN',
    body: z.strictObject({ token: z.string().min(1).max(500) }),
    answer: json(z.object({ user: z.string().min(1).max(60), role: Role })),
  },
  reportHealth: { is: 'PUT /flows', about: 'how the flows are', body: ServiceHealth, answer: nothing },
  incidents: {
    is: 'GET /incidents/stream',
    about:
      'changes after Last-Event-ID, from now on without one; `prompt` and `sensor` are live only: they have no id and are never sent again; RESUME_POINT_INVALID',
    answer: events({
      'resume-point': z.strictObject({ sequence: z.int().min(0) }),
      incident: IncidentChange,
      prompt: Prompt,
      sensor: SensorState,
    }),
  },
});
