import {
  type CommandOrigin,
  type EventOf,
  type IncidentChange,
  type Prompt,
  type Role,
  runtimeForFlows,
  type SiteView,
} from '@gatehouse/contracts';
import {
  type Clock,
  type EventStreamWriter,
  errorOf,
  type GatehouseError,
  WindowLimit,
} from '@gatehouse/kit';
import type { LocalApi } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import type { DeviceStates } from '../devices/device-states.ts';
import type { PeerHealths } from '../health/peer-healths.ts';
import type { Hub } from '../hub.ts';
import { type RuntimeApiOptions, runtimeApi } from './runtime-api.ts';

export interface FlowsApiOptions extends RuntimeApiOptions {
  readonly store: EventStore;
  readonly changes: Hub<IncidentChange>;
  readonly prompts: Hub<Prompt>;
  readonly devices: DeviceStates;
  readonly health: Pick<PeerHealths, 'report'>;
  readonly site: () => SiteView;
  /** Called with each report of the flows service. */
  readonly onReport: () => void;
  readonly verifyEditorToken: (token: string) => Promise<{ user: string; role: Role } | undefined>;
  readonly clock: Clock;
}

type Routes = typeof runtimeForFlows.routes;

/** Changes handed to a resuming stream at a time. */
const resumeBatch = 500;

/**
 * Movements that all flows together may ask for in a minute. The palette has a limit of its own, but in a
 * process that runs other people's code. This one holds whatever that code does. Every command is journalled
 * for 48 h: 172 800 of the 400 000 that drivers.db takes before it refuses the guard's commands, too.
 */
const requestsPerMinute = 60;
/**
 * And in an hour: ten a minute is more than any gate has cars. Each request leaves the box as an event, and
 * the device and action that a flow chooses could carry a message. This limit bounds that
 * (sync-agent/README.md, "What a flow can say").
 */
const requestsPerHour = 600;

/** runtime -> flows: incidents in, device requests out, and the user of an editor token. */
export function flowsApi(options: FlowsApiOptions): LocalApi<Routes> {
  const { store, changes, prompts, devices, health, site, verifyEditorToken, onReport, clock } = options;
  const limit = new WindowLimit(requestsPerMinute, 60_000, clock);
  const hourly = new WindowLimit(requestsPerHour, 3_600_000, clock);
  return runtimeApi(
    runtimeForFlows,
    {
      site: () => site(),
      devices: () => devices.list(),
      inputs: () => devices.inputs(),
      sensors: () => devices.sensors.list(),
      fire: () => devices.fire,
      requestDevice: ({ params: { id }, body: wish }) => {
        if (!limit.take()) throw tooManyRequests(id, `${requestsPerMinute} times within a minute`);
        if (!hourly.take()) throw tooManyRequests(id, `${requestsPerHour} times within an hour`);
        const origin: CommandOrigin = {
          channel: 'flows',
          // A name that the flow claims. No login has a space in it, so this cannot read as one.
          user: `flow ${wish.user ?? ''}`.trim().slice(0, 60),
          ...(wish.reason ? { reason: wish.reason } : {}),
        };
        return devices.request(id, wish, origin);
      },
      verifyEditorToken: async ({ body }) => {
        const whom = await verifyEditorToken(body.token);
        if (whom) return whom;
        throw errorOf('EDITOR_TOKEN_UNKNOWN');
      },
      reportHealth: ({ body }) => {
        health.report('flows', body);
        onReport();
      },
      incidents: ({ request, response, events }) => {
        const from = resumePoint(request.headers['last-event-id'], store);
        const writer = events(clock);
        streamIncidents(store, changes, writer, from, (stop) => response.once('close', stop));
        const stopPrompts = prompts.subscribe((data) => writer.send({ event: 'prompt', data }));
        response.once('close', stopPrompts);
        const stopSensors = devices.sensors.changes.subscribe((data) =>
          writer.send({ event: 'sensor', data }),
        );
        response.once('close', stopSensors);
      },
    },
    options,
  );
}

function tooManyRequests(device: string, often: string): GatehouseError {
  return errorOf('FLOW_RATE_LIMIT/all', { often, device });
}

/**
 * Without `Last-Event-ID` the stream starts with the next change. The store may have been restored to an
 * earlier state since the id was given; then the id counts as the newest. Otherwise the reader would hear
 * nothing until the old number is passed.
 */
function resumePoint(header: string | string[] | undefined, store: EventStore): number {
  if (header === undefined) return store.lastChange();
  const sequence = Number(header);
  if (Number.isSafeInteger(sequence) && sequence >= 0) return Math.min(sequence, store.lastChange());
  throw errorOf('RESUME_POINT_INVALID', { id: String(header) });
}

function streamIncidents(
  store: EventStore,
  changes: Hub<IncidentChange>,
  writer: EventStreamWriter<EventOf<Routes['incidents']>>,
  from: number,
  onClose: (stop: () => void) => void,
): void {
  let last = from;
  // So a reader that has heard no change yet can resume, too.
  writer.send({ id: String(from), event: 'resume-point', data: { sequence: from } });
  const send = (change: IncidentChange) => {
    if (change.sequence <= last) return true;
    last = change.sequence;
    return writer.send({ id: String(change.sequence), event: 'incident', data: change });
  };
  onClose(changes.subscribe(send));
  // Nothing can be committed between these reads and the subscription: the store and this run in one thread.
  for (
    let batch = store.changesAfter(last, resumeBatch);
    batch.length > 0;
    batch = store.changesAfter(last, resumeBatch)
  )
    if (!batch.every(send)) return;
}
