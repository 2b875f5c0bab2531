import {
  AuditHeadText,
  type CommandOutcome,
  checked,
  DeviceCommand,
  type DeviceState,
  FireReset,
  type FireState,
  type InputState,
  type PlatformAnswer,
  PlatformMessage,
  type SensorState,
  type ServiceHealth,
  WireAuditHead,
} from '@gatehouse/contracts';
import {
  apiErrorAnswer,
  type Clock,
  EventStreamWriter,
  GatehouseError,
  LocalServer,
  type Log,
  localLimits,
  type Part,
  routeUnknown,
  sleep,
} from '@gatehouse/kit';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import { z } from 'zod';
import type { CardAccess } from '../access/card-access.ts';
import type { DeviceCommands } from '../commands/device-commands.ts';
import type { FireResets } from '../commands/fire-resets.ts';
import type { PlatformCommands } from '../commands/platform-commands.ts';
import type { Journal } from '../journal/journal.ts';
import { cardRoutes } from './card-routes.ts';
import { NewestFirst } from './newest-first.ts';

export interface DriversApiOptions {
  readonly socket: string;
  /** The command line's socket: the runtime's routes, and cards, of which the runtime knows nothing. */
  readonly cliSocket: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly commands: DeviceCommands;
  readonly journal: Journal;
  readonly cards: CardAccess;
  readonly platform: PlatformCommands;
  readonly devices: () => DeviceState[];
  readonly inputs: () => InputState[];
  readonly sensors: () => SensorState[];
  readonly health: () => ServiceHealth;
  readonly fire: FireResets;
}

type Published =
  | readonly [event: 'device', state: DeviceState]
  | readonly [event: 'input', state: InputState]
  | readonly [event: 'sensor', state: SensorState]
  | readonly [event: 'fire', state: FireState];

/** A caller waits at most this long for a command's end; then it gets `executing` and asks again. */
const answerWithinMs = 5_000;
const maxCommandBytes = 16 * 1024;
/** Requests of the runtime that may be under way at once: each person has a rate, and 1,000 of them have to fit. */
const burst = 4_000;
const Page = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const Heads = z.object({ given: AuditHeadText.optional(), acknowledged: AuditHeadText.optional() });
const Acknowledgement = z.strictObject({ upTo: z.int().min(0) });

/** HTTP statuses that do not follow from whose fault the error is. */
const statusOf: Readonly<Record<string, number>> = {
  DEVICE_UNKNOWN: 404,
  COMMAND_UNKNOWN: 404,
  COMMAND_ID_REUSED: 409,
  JOURNAL_FULL: 507,
  RATE_LIMITED: 429,
  NOT_PERMITTED: 403,
  FIRE_STILL_ACTIVE: 409,
  FIRE_INPUT_UNKNOWN: 409,
  READER_UNKNOWN: 404,
  ENROLMENT_BUSY: 409,
  ENROLMENT_ENDED: 408,
  CARDS_FULL: 507,
};

/** The drivers' local API (routes: contracts/api.ts, drivers -> runtime). */
export class DriversApi implements Part {
  readonly #options: DriversApiOptions;
  readonly #streams = new Set<EventStreamWriter>();
  readonly #newestFirst: NewestFirst;
  readonly #servers: readonly LocalServer[];

  constructor(options: DriversApiOptions) {
    this.#options = options;
    const { socket, cliSocket, cards, commands, journal, clock, log } = options;
    this.#newestFirst = new NewestFirst(this.#routes(), () => commands.arrive(), clock);
    const { listener, onConnection } = this.#newestFirst;
    const forCli = this.#routes((app) => cardRoutes(app, cards, journal));
    const limits = { ...localLimits, connections: burst };
    const forRuntime = new LocalServer({ socket, log, onRequest: listener, limits });
    forRuntime.server.on('connection', onConnection);
    this.#servers = [forRuntime, new LocalServer({ socket: cliSocket, log, onRequest: forCli })];
  }

  async start(): Promise<void> {
    for (const server of this.#servers) await server.start();
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.stop();
  }

  /** Sends a new state to every open stream. */
  publish(...[event, data]: Published): void {
    for (const stream of this.#streams) if (!stream.send({ event, data })) this.#streams.delete(stream);
  }

  #routes(more: (app: Express) => void = () => undefined): Express {
    const { commands, journal, devices, inputs, sensors, health, fire, platform, clock } = this.#options;
    const app = express();
    app.disable('x-powered-by');
    // Nobody asks whether an answer has changed, and its tag costs a hash.
    app.disable('etag');
    app.use(express.json({ limit: maxCommandBytes }));
    app.get('/health', (_request, response) => void response.json(health()));
    app.get('/inputs', (_request, response) => void response.json(inputs()));
    app.get('/sensors', (_request, response) => void response.json(sensors()));
    app.get('/fire', (_request, response) => void response.json(fire.state));
    app.post('/fire/reset', (request, response) => {
      response.json(fire.reset(checked(FireReset, request.body, 'FIRE_RESET_INVALID')));
    });
    app.get('/audit', (request, response) => {
      const { after, limit } = checked(Page, request.query, 'QUERY_INVALID');
      response.json(journal.auditAfter(after, limit));
    });
    app.get('/audit/verification', async (request, response) => {
      const { given, acknowledged } = checked(Heads, request.query, 'QUERY_INVALID');
      const heads = [
        ...(given ? [{ ...given, by: 'given' as const }] : []),
        ...(acknowledged ? [{ ...acknowledged, by: 'acknowledged' as const }] : []),
      ];
      response.json(await journal.verifyAudit(heads));
    });
    app.post('/audit/acknowledged', (request, response) => {
      journal.acknowledgeHead(checked(WireAuditHead, request.body, 'HEAD_INVALID'));
      response.status(204).end();
    });
    app.get('/devices', (_request, response) => void response.json(devices()));
    app.get('/events', (request, response) => {
      const stream = new EventStreamWriter(response, clock);
      this.#streams.add(stream);
      request.once('close', () => this.#streams.delete(stream));
      for (const state of devices()) stream.send({ event: 'device', data: state });
      for (const state of inputs()) stream.send({ event: 'input', data: state });
      for (const state of sensors()) stream.send({ event: 'sensor', data: state });
      stream.send({ event: 'fire', data: fire.state });
    });
    app.post('/commands', async (request, response) => {
      const command = checked(DeviceCommand, request.body, 'COMMAND_INVALID');
      if (command.origin.channel === 'box' || command.origin.channel === 'reader')
        throw new GatehouseError(
          'COMMAND_INVALID',
          'input',
          `origin.channel: "${command.origin.channel}" is the box itself.`,
          'Name the caller.',
        );
      if (command.origin.channel === 'upstream' || command.origin.key !== undefined)
        throw new GatehouseError(
          'COMMAND_INVALID',
          'input',
          'origin: what the platform commands is known by its signature only.',
          'Hand its message to POST /platform-messages as it came.',
        );
      response.json(
        await this.#endedOrCurrent(
          commands.submit(command, this.#newestFirst.arrivalOf(request)),
          command.commandId,
        ),
      );
    });
    app.post('/platform-messages', async (request, response) => {
      const message = checked(PlatformMessage, request.body, 'MESSAGE_INVALID');
      // A command that takes longer is answered with neither; its end goes upstream as an event like any other.
      const answer: PlatformAnswer = (await this.#within(platform.take(message))) ?? {};
      response.json(answer);
    });
    app.get('/commands/:commandId', (request, response) => void response.json(this.#find(request)));
    app.get('/outbox', (request, response) => {
      const { after, limit } = checked(Page, request.query, 'QUERY_INVALID');
      response.json(journal.eventsAfter(after, limit));
    });
    app.post('/outbox/ack', async (request, response) => {
      await journal.acknowledge(checked(Acknowledgement, request.body, 'ACK_INVALID').upTo);
      response.status(204).end();
    });
    more(app);
    app.use((request) => {
      throw routeUnknown(request.method, request.path);
    });
    app.use(this.#answerError());
    return app;
  }

  #find(request: Request): CommandOutcome {
    const commandId = String(request.params.commandId);
    const outcome = this.#options.commands.find(commandId);
    if (outcome) return outcome;
    throw new GatehouseError(
      'COMMAND_UNKNOWN',
      'input',
      `no command ${commandId.slice(0, 40)} is known.`,
      'Outcomes are kept for at least 24 hours.',
    );
  }

  async #endedOrCurrent(ended: Promise<CommandOutcome>, commandId: string): Promise<CommandOutcome> {
    const outcome = await this.#within(ended);
    return outcome ?? this.#options.commands.find(commandId) ?? (await ended);
  }

  async #within<T>(ended: Promise<T>): Promise<T | undefined> {
    const waited = new AbortController();
    const late = sleep(this.#options.clock, answerWithinMs, waited.signal).then(() => undefined);
    return Promise.race([ended, late]).finally(() => waited.abort());
  }

  #answerError(): ErrorRequestHandler {
    return (error: unknown, request, response, _next) => {
      const { status, body } = apiErrorAnswer(error, statusOf);
      if (status >= 500) this.#options.log.error('request-failed', { route: request.path, error });
      if (response.headersSent) response.destroy();
      else response.status(status).json(body);
    };
  }
}
