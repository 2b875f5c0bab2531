import { randomUUID } from 'node:crypto';
import {
  type CommandOrigin,
  CommandOutcome,
  type DeviceCommand,
  type DeviceRequest,
  DeviceState,
  defaultCommandLifeMs,
  type Site,
} from '@gatehouse/contracts';
import {
  type Clock,
  every,
  GatehouseError,
  isoWithOffset,
  type LocalClient,
  type Log,
  type Part,
  systemCode,
} from '@gatehouse/kit';
import { Hub } from './hub.ts';
import { StreamLink } from './stream-link.ts';

/** Longer than the 5 s after which the drivers answer with what they know, so that the answer is theirs and no time-out. */
const commandTimeoutMs = 8_000;

export interface DeviceBoardOptions {
  readonly site: Site;
  readonly drivers: LocalClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** Drivers send changes at once; a device that just goes on answering is asked for this often, to know its age. */
const refreshMs = 2_000;
/** Two refreshes unanswered: the drivers hang with their connection open, and what they last said is no longer known. */
const silentAfterMs = 5_000;

/** What is known of doors and barriers, and the one way to ask them to move. While drivers are away or silent all is `unknown`. */
export class DeviceBoard implements Part {
  readonly changes: Hub<DeviceState>;
  readonly #options: DeviceBoardOptions;
  readonly #link: StreamLink;
  readonly #known = new Map<string, { readonly state: DeviceState; readonly heardMs: number }>();
  #stopRefresh: () => void = () => undefined;

  constructor(options: DeviceBoardOptions) {
    const { site, drivers, clock, log } = options;
    this.#options = options;
    this.changes = new Hub((error) => log.error('device-listener-failed', { error }));
    this.#link = new StreamLink({
      client: drivers,
      route: '/events',
      clock,
      log,
      onLink: (up) => (up ? undefined : this.#allLost()),
      onEvent: ({ event, data }) => (event === 'device' ? this.#take(data) : undefined),
    });
    for (const { id, kind, name } of site.devices)
      this.#known.set(id, {
        heardMs: clock.monotonicMs(),
        state: { id, kind, name, position: 'unknown', comms: 'starting', inputs: {}, actions: [] },
      });
  }

  start(): void {
    this.#link.start();
    this.#stopRefresh = every(this.#options.clock, refreshMs, () => {
      this.#loseSilent();
      void this.#refresh();
    });
  }
  async stop(): Promise<void> {
    this.#stopRefresh();
    await this.#link.stop();
  }

  list(): DeviceState[] {
    const now = this.#options.clock.monotonicMs();
    return [...this.#known.values()].map(({ state, heardMs }) =>
      state.ageMs === undefined ? state : { ...state, ageMs: state.ageMs + (now - heardMs) },
    );
  }

  /**
   * Asks a device to move, once: no retry and no queue (doors.md, contract 1). The command expires 10 s from now.
   * Throws `DEVICE_UNKNOWN`, or what the drivers answer; `PEER_DOWN` while they are away.
   */
  async request(device: string, request: DeviceRequest, origin: CommandOrigin): Promise<CommandOutcome> {
    const { clock, drivers } = this.#options;
    if (!this.#known.has(device))
      throw new GatehouseError(
        'DEVICE_UNKNOWN',
        'input',
        `no device is called "${device}".`,
        'Use a device of the site file.',
      );
    const command: DeviceCommand = {
      commandId: request.commandId ?? randomUUID(),
      device,
      action: request.action,
      expiresAt: isoWithOffset(clock.epochMs() + defaultCommandLifeMs),
      origin,
    };
    const answer = drivers.call('POST', '/commands', { body: command, timeoutMs: commandTimeoutMs });
    return CommandOutcome.parse(
      await answer.catch((error) => {
        throw unanswered(error, device);
      }),
    );
  }

  async #refresh(): Promise<void> {
    try {
      const states = await this.#options.drivers.call('GET', '/devices', { timeoutMs: refreshMs });
      if (Array.isArray(states)) for (const state of states) this.#take(state);
    } catch (error) {
      // The stream's own loss marks everything unknown, silence does too; this is only the reason, for the log.
      this.#options.log.debug('device-refresh-failed', { error });
    }
  }

  #take(data: unknown): void {
    const parsed = DeviceState.safeParse(data);
    if (parsed.success) this.#set(parsed.data);
    else this.#options.log.error('device-state-refused', { detail: parsed.error.issues[0]?.message });
  }

  #set(state: DeviceState): void {
    if (!this.#known.has(state.id)) return;
    this.#known.set(state.id, { state, heardMs: this.#options.clock.monotonicMs() });
    this.changes.publish(state);
  }

  #allLost(): void {
    for (const state of this.list()) this.#lose(state);
  }

  #loseSilent(): void {
    const now = this.#options.clock.monotonicMs();
    for (const state of this.list())
      if (now - (this.#known.get(state.id)?.heardMs ?? now) > silentAfterMs) this.#lose(state);
  }

  /** Takes a state whose age is as of now. */
  #lose(state: DeviceState): void {
    if (state.comms === 'ok') this.#set({ ...state, position: 'unknown', comms: 'lost', inputs: {} });
  }
}

/** Causes with which a request never reached the drivers, so that nothing can have moved. */
const neverSent: readonly (string | undefined)[] = ['ENOENT', 'ECONNREFUSED'];

/** A connection that broke after the request went out says nothing about the door: that must not read as "not done". */
function unanswered(error: unknown, device: string): unknown {
  if (!(error instanceof GatehouseError) || error.code !== 'PEER_DOWN') return error;
  if (neverSent.includes(systemCode(error.cause))) return error;
  return new GatehouseError(
    'COMMAND_UNANSWERED',
    'peer',
    `drivers did not answer; whether ${device} has moved is not known.`,
    'Look at it before asking again.',
    { cause: error },
  );
}
