import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type CommandOutcome,
  type IncidentChange,
  type SensorState,
  ServiceHealth,
} from '@gatehouse/contracts';
import { closeServer } from '@gatehouse/harness';
import { listenOnSocket } from '@gatehouse/kit';

export const tokens: Readonly<Record<string, { user: string; role: string }>> = {
  'token-installer': { user: 'lin', role: 'installer' },
  'token-admin': { user: 'chen', role: 'administrator' },
  'token-guard': { user: 'wang', role: 'guard' },
  'token-supervisor': { user: 'zhao', role: 'supervisor' },
  'token-odd': { user: 'odd', role: 'root' },
};

/** A runtime that keeps its history across `stop` and `start`, as the real one keeps its database. */
export class FakeRuntime {
  readonly path: string;
  readonly changes: IncidentChange[] = [];
  readonly resumes: (string | undefined)[] = [];
  readonly requests: { device: string; body: Record<string, unknown> }[] = [];
  readonly health: ServiceHealth[] = [];
  answerRequest: (device: string, body: Record<string, unknown>, response: ServerResponse) => void =
    confirmed;
  #server: Server | undefined;
  readonly #streams = new Map<ServerResponse, number>();

  constructor(path: string) {
    this.path = path;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      this.#route(request, response).catch((error) => response.destroy(error));
    });
    await listenOnSocket(this.#server, this.path);
  }

  async stop(): Promise<void> {
    this.#streams.clear();
    if (this.#server) await closeServer(this.#server);
  }

  get readers(): number {
    return this.#streams.size;
  }

  publish(change: IncidentChange): void {
    this.changes.push(change);
    for (const [stream, after] of this.#streams) this.#send(stream, change, after);
  }

  /** Sends a sensor's values, live only. */
  sense(state: SensorState): void {
    for (const stream of this.#streams.keys())
      stream.write(`event: sensor\ndata: ${JSON.stringify(state)}\n\n`);
  }

  #send(stream: ServerResponse, change: IncidentChange, after: number): void {
    if (change.sequence <= after) return;
    stream.write(`id: ${change.sequence}\nevent: incident\ndata: ${JSON.stringify(change)}\n\n`);
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    const [, first, second, third] = (request.url ?? '').split('/');
    const route = `${request.method} /${first}/${third ? `:id/${third}` : (second ?? '')}`;
    if (route === 'GET /incidents/stream') return this.#stream(request, response);
    if (route === 'POST /editor-sessions/verify') {
      const whom = tokens[String(body.token)];
      return whom ? json(response, 200, whom) : refuse(response, 401, 'EDITOR_TOKEN_UNKNOWN');
    }
    if (route === 'POST /devices/:id/requests') {
      this.requests.push({ device: second ?? '', body });
      return this.answerRequest(second ?? '', body, response);
    }
    if (route === 'PUT /flows/') {
      this.health.push(ServiceHealth.parse(body));
      response.writeHead(204).end();
      return;
    }
    if (route === 'GET /site/') return json(response, 200, site);
    refuse(response, 404, 'NOT_FOUND');
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    const resume = request.headers['last-event-id'];
    this.resumes.push(typeof resume === 'string' ? resume : undefined);
    const after = typeof resume === 'string' ? Number(resume) : (this.changes.at(-1)?.sequence ?? 0);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': open\n\n');
    for (const change of this.changes) this.#send(response, change, after);
    this.#streams.set(response, after);
    response.once('close', () => this.#streams.delete(response));
  }
}

const name = (zh: string, en: string) => ({ 'zh-CN': zh, en });

export const site = {
  id: 'demo',
  name: name('演示小区', 'Demo'),
  cameras: [
    {
      id: 'gate',
      name: name('大门', 'Gate'),
      zones: [
        {
          id: 'fire-lane',
          name: name('消防通道', 'Fire lane'),
          polygon: [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
        },
      ],
    },
  ],
  devices: [{ id: 'yard-door', kind: 'door', name: name('院门', 'Yard door'), actions: ['open'] }],
  inputs: [],
  sensors: [{ id: 'pump-room', name: name('水泵房', 'Pump room') }],
  readers: [],
  interlocks: [],
};

export function change(
  sequence: number,
  over: Partial<IncidentChange> = {},
  at = new Date(),
): IncidentChange {
  const time = at.toISOString();
  return {
    sequence,
    change: 'opened',
    at: time,
    incident: {
      id: `00000000-0000-4000-8000-${String(sequence).padStart(12, '0')}`,
      kind: 'illegal-parking',
      phase: 'opened',
      priority: 2,
      camera: 'gate',
      zone: 'fire-lane',
      openedAt: time,
      updatedAt: time,
      handling: { state: 'new' },
      stills: ['opened'],
    },
    ...over,
  };
}

export function outcome(device: string, body: Record<string, unknown>, over: Partial<CommandOutcome> = {}) {
  return {
    commandId: body.commandId,
    device,
    action: body.action,
    origin: { channel: 'flows', user: body.user },
    state: 'confirmed',
    relay: 'actuated',
    feedback: 'reached',
    acceptedAt: '2026-11-23T18:30:00+08:00',
    ...over,
  };
}

export function confirmed(device: string, body: Record<string, unknown>, response: ServerResponse): void {
  json(response, 200, outcome(device, body));
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function refuse(response: ServerResponse, status: number, code: string): void {
  json(response, status, { error: { code, message: `${code} happened.`, remedy: 'Try less.' } });
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : {};
}
