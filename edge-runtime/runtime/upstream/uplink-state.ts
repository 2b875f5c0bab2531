import {
  type CommandLinkStatus,
  type DesiredView,
  type HealthFault,
  healthFault,
  type ServiceHealth,
  serviceHealth,
  type UplinkStatus,
} from '@gatehouse/contracts';
import type { UplinkView } from '@gatehouse/contracts/console';
import {
  type Clock,
  every,
  type HealthLine,
  healthLine,
  isoWithOffset,
  LastHeard,
  type Log,
  type Part,
} from '@gatehouse/kit';
import type { EventStore, OutboxBacklog } from '@gatehouse/store';
import type { PeerHealths } from '../health/peer-healths.ts';
import { Hub } from '../hub.ts';

const lookMs = 2_000;
/** sync-agent reports every 10 s. After this long its last report no longer counts. */
const reportLifeMs = 25_000;

/** The last report of sync-agent, with the rows that still wait in the outbox. */
export class UplinkState implements Part {
  readonly changes: Hub<UplinkView>;
  readonly #store: EventStore;
  readonly #health: Pick<PeerHealths, 'report'>;
  readonly #clock: Clock;
  /** Measures the sync service's silence; see `ProcessorMonitor.clock`. */
  readonly #watchClock: Clock;
  readonly #desired: () => DesiredView | undefined;
  readonly #log: Log;
  #backlog: readonly OutboxBacklog[] = [];
  #unread = false;
  #report: LastHeard<UplinkStatus> | undefined;
  #told = '';
  #stop: () => void = () => undefined;

  constructor(
    store: EventStore,
    health: Pick<PeerHealths, 'report'>,
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
    this.#report = new LastHeard(status, { clock: this.#clock, watchClock: this.#watchClock });
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

  /**
   * The value of the last read. Health reports a store that cannot be read, and the guards' page must go on
   * without it.
   */
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
    if (this.#report && this.#report.silentMs <= reportLifeMs) return this.#report.value;
    return { state: 'down', detail: healthLine('SERVICE_DOWN', { service: 'sync' }) };
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
    faults.push(healthFault('platform', 'UPLINK_CONNECTING'));
  if (commands?.state === 'down') faults.push(commandsDown(commands, nowMs));
  // The sync service made them of the table.
  return serviceHealth(faults, notes as HealthLine[] | undefined);
}

/** Events still go up, so only this line says that the platform's commands are lost. */
function commandsDown({ since, detail: error }: CommandLinkStatus, nowMs: number): HealthFault {
  const s = Math.max(0, Math.round((nowMs - Date.parse(since)) / 1000));
  const age = s < 120 ? `${s} s` : `${Math.round(s / 60)} min`;
  return error === undefined
    ? healthFault('platform', 'UPLINK_COMMANDS_DOWN', { age, since })
    : healthFault('platform', 'UPLINK_COMMANDS_DOWN/error', { age, since, error });
}
