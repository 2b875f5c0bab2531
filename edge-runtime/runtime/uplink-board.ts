import {
  type CommandLinkStatus,
  type DesiredView,
  healthFault,
  type ServiceHealth,
  serviceHealth,
  type UplinkStatus,
} from '@gatehouse/contracts';
import { type Clock, every, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import type { EventStore, OutboxBacklog } from '@gatehouse/store';
import type { HealthBoard } from './health-board.ts';
import { Hub } from './hub.ts';

/** The upstream link as the console shows it. */
export interface UplinkView {
  readonly status: UplinkStatus;
  readonly backlog: number;
  readonly oldestUnsentAt?: string;
  /** The newest configuration of the platform, if one ever came. */
  readonly desired?: DesiredView;
}

const lookMs = 2_000;
/** sync-agent reports every 10 s; after this long its last word is no longer the state. */
const reportLifeMs = 25_000;

/** What sync-agent last reported, with what still waits in the outbox. */
export class UplinkBoard implements Part {
  readonly changes: Hub<UplinkView>;
  readonly #store: EventStore;
  readonly #health: HealthBoard;
  readonly #clock: Clock;
  /** Measures the sync service's silence; see `ProcessorMonitor.clock`. */
  readonly #watchClock: Clock;
  readonly #desired: () => DesiredView | undefined;
  readonly #log: Log;
  #backlog: readonly OutboxBacklog[] = [];
  #unread = false;
  #report: { readonly status: UplinkStatus; readonly atMs: number } | undefined;
  #told = '';
  #stop: () => void = () => undefined;

  constructor(
    store: EventStore,
    health: HealthBoard,
    clock: Clock,
    log: Log,
    desired: () => DesiredView | undefined = () => undefined,
    watchClock = clock,
  ) {
    this.#store = store;
    this.#health = health;
    this.#clock = clock;
    this.#watchClock = watchClock;
    this.#desired = desired;
    this.#log = log;
    this.changes = new Hub((error) => log.error('uplink-listener-failed', { error }));
  }
  start(): void {
    this.#stop = every(this.#clock, lookMs, () => this.#tell());
  }
  stop(): void {
    this.#stop();
  }
  report(status: UplinkStatus): void {
    this.#report = { status, atMs: this.#watchClock.monotonicMs() };
    this.#health.report('sync', healthOf(status, this.#clock.epochMs()));
    this.#tell();
  }
  view(): UplinkView {
    const desired = this.#desired();
    const waiting = this.#waiting();
    const oldest = waiting.flatMap(({ oldestMs }) => (oldestMs === undefined ? [] : [oldestMs]));
    return {
      status: this.#status(),
      backlog: waiting.reduce((sum, row) => sum + row.waiting, 0),
      ...(oldest.length > 0 ? { oldestUnsentAt: isoWithOffset(Math.min(...oldest)) } : {}),
      ...(desired ? { desired } : {}),
    };
  }

  /** As it was last read: a store that cannot be read is told in health, and must not take the guards' page away. */
  #waiting(): readonly OutboxBacklog[] {
    try {
      this.#backlog = this.#store.backlog();
      this.#unread = false;
    } catch (error) {
      if (!this.#unread) this.#log.error('backlog-not-read', { error });
      this.#unread = true;
    }
    return this.#backlog;
  }

  #status(): UplinkStatus {
    if (this.#report && this.#watchClock.monotonicMs() - this.#report.atMs <= reportLifeMs)
      return this.#report.status;
    return { state: 'down', detail: 'The sync service has not been heard of.' };
  }
  #tell(): void {
    const view = this.view();
    const text = JSON.stringify(view);
    if (text === this.#told) return;
    this.#told = text;
    this.changes.publish(view);
  }
}

function healthOf(status: UplinkStatus, nowMs: number): ServiceHealth {
  const { state, notes, commands } = status;
  const faults = [...(status.faults ?? [])];
  if (state === 'connecting' && faults.length === 0)
    faults.push(healthFault('platform', 'UPLINK_CONNECTING', 'The link to the platform is not up yet.'));
  if (commands?.state === 'down')
    faults.push(healthFault('platform', 'UPLINK_COMMANDS_DOWN', commandsDown(commands, nowMs)));
  return serviceHealth(faults, notes);
}

/** Events go up all the same, so nothing but this line would say that the platform's commands are lost. */
function commandsDown({ since, detail = '' }: CommandLinkStatus, nowMs: number): string {
  const s = Math.max(0, Math.round((nowMs - Date.parse(since)) / 1000));
  const age = s < 120 ? `${s} s` : `${Math.round(s / 60)} min`;
  return `UPLINK_COMMANDS_DOWN: the platform's commands have not reached this box for ${age} (since ${since}). ${detail}`;
}
