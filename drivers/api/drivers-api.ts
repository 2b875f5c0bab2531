import {
  type CommandOutcome,
  type DeviceState,
  driversForCli,
  driversForRuntime,
  type EventOf,
  type InputState,
  type SensorState,
  type ServiceHealth,
} from '@gatehouse/contracts';
import {
  type Clock,
  type EventStreamWriter,
  errorOf,
  LocalServer,
  type Log,
  localLimits,
  type Part,
  sleep,
} from '@gatehouse/kit';
import { type AppOptions, type Handlers, LocalApi, localApp } from '@gatehouse/local-api';
import type { CardAccess } from '../access/card-access.ts';
import type { DeviceCommands } from '../commands/device-commands.ts';
import type { FireResets } from '../commands/fire-resets.ts';
import type { PlatformCommands } from '../commands/platform-commands.ts';
import type { Journal } from '../journal/journal.ts';
import { cardHandlers } from './card-handlers.ts';
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

type Published = EventOf<(typeof driversForRuntime.routes)['events']>;

/** A caller waits at most this long for a command's end; then it gets `executing` and asks again. */
const answerWithinMs = 5_000;
/**
 * Requests of the runtime that may be under way at once. Each person has a rate, and 1,000 of them have to
 * fit.
 */
const burst = 4_000;

/** The drivers' local APIs: one for the runtime, one for the command line. */
export class DriversApi implements Part {
  readonly #options: DriversApiOptions;
  readonly #streams = new Set<EventStreamWriter<Published>>();
  readonly #newestFirst: NewestFirst;
  readonly #servers: readonly Pick<LocalServer, 'start' | 'stop'>[];

  constructor(options: DriversApiOptions) {
    this.#options = options;
    const { socket, cliSocket, cards, commands, journal, clock, log } = options;
    const handlers = this.#handlers();
    const answering: AppOptions = { log, tagged: false };
    const app = localApp(driversForRuntime, handlers, answering);
    this.#newestFirst = new NewestFirst(app, () => commands.arrive(), clock);
    const { listener, onConnection } = this.#newestFirst;
    const forCli = new LocalApi({
      ...answering,
      table: driversForCli,
      handlers: { ...handlers, ...cardHandlers(cards, journal), process: () => ({ pid: process.pid }) },
      socket: cliSocket,
    });
    const limits = { ...localLimits, connections: burst };
    const forRuntime = new LocalServer({ socket, log, onRequest: listener, limits });
    forRuntime.server.on('connection', onConnection);
    this.#servers = [forRuntime, forCli];
  }

  async start(): Promise<void> {
    for (const server of this.#servers) await server.start();
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.stop();
  }

  /** Sends a new state to every open stream. */
  publish(event: Published): void {
    for (const stream of this.#streams) if (!stream.send(event)) this.#streams.delete(stream);
  }

  #handlers(): Handlers<typeof driversForRuntime.routes> {
    const { commands, journal, devices, inputs, sensors, health, fire, platform, clock } = this.#options;
    return {
      health: () => health(),
      devices: () => devices(),
      inputs: () => inputs(),
      sensors: () => sensors(),
      fire: () => fire.state,
      resetFire: ({ body }) => fire.reset(body),
      events: ({ events, request }) => {
        const stream = events(clock);
        this.#streams.add(stream);
        request.once('close', () => this.#streams.delete(stream));
        for (const data of devices()) stream.send({ event: 'device', data });
        for (const data of inputs()) stream.send({ event: 'input', data });
        for (const data of sensors()) stream.send({ event: 'sensor', data });
        stream.send({ event: 'fire', data: fire.state });
      },
      audit: ({ query: { after, limit } }) => journal.auditAfter(after, limit),
      verifyAudit: ({ query: { given, acknowledged } }) =>
        journal.verifyAudit([
          ...(given ? [{ ...given, by: 'given' as const }] : []),
          ...(acknowledged ? [{ ...acknowledged, by: 'acknowledged' as const }] : []),
        ]),
      acknowledgeAudit: ({ body }) => journal.acknowledgeHead(body),
      command: ({ body: command, request }) => {
        if (command.origin.channel === 'box' || command.origin.channel === 'reader')
          throw errorOf('COMMAND_INVALID/box-channel', { channel: command.origin.channel });
        if (command.origin.channel === 'upstream' || command.origin.key !== undefined)
          throw errorOf('COMMAND_INVALID/unsigned');
        const ended = commands.submit(command, this.#newestFirst.arrivalOf(request));
        return this.#endedOrCurrent(ended, command.commandId);
      },
      outcome: ({ params }) => this.#find(params.commandId),
      // A command that takes longer is answered with neither. Its end goes upstream as an event like any
      // other.
      platformMessage: async ({ body }) => (await this.#within(platform.take(body))) ?? {},
      outbox: ({ query: { after, limit } }) => journal.eventsAfter(after, limit),
      acknowledgeOutbox: ({ body }) => journal.acknowledge(body.upTo),
    };
  }

  #find(commandId: string): CommandOutcome {
    const outcome = this.#options.commands.find(commandId);
    if (outcome) return outcome;
    throw errorOf('COMMAND_UNKNOWN', { commandId: commandId.slice(0, 40) });
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
}
