import type { CommandLinkStatus, DesiredView, ServiceHealth, UplinkStatus } from '@gatehouse/contracts';
import { type Clock, every, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';
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
  /** Measures the sync service's silence; see `ProcessorWatch.clock`. */
  readonly #watchClock: Clock;
  readonly #desired: () => DesiredView | undefined;
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
    const waiting = this.#store.backlog();
    const oldest = waiting.flatMap(({ oldestMs }) => (oldestMs === undefined ? [] : [oldestMs]));
    return {
      status: this.#status(),
      backlog: waiting.reduce((sum, row) => sum + row.waiting, 0),
      ...(oldest.length > 0 ? { oldestUnsentAt: isoWithOffset(Math.min(...oldest)) } : {}),
      ...(desired ? { desired } : {}),
    };
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

function healthOf({ state, detail, commands }: UplinkStatus, nowMs: number): ServiceHealth {
  if (state !== 'connected' && state !== 'off') return { status: 'degraded', ...(detail ? { detail } : {}) };
  if (commands?.state === 'down') return { status: 'degraded', detail: commandsDown(commands, nowMs) };
  return { status: 'ok', ...(detail ? { detail } : {}) };
}

/** Events go up all the same, so nothing but this line would say that the platform's commands are lost. */
function commandsDown({ since, detail = '' }: CommandLinkStatus, nowMs: number): string {
  const s = Math.max(0, Math.round((nowMs - Date.parse(since)) / 1000));
  const age = s < 120 ? `${s} s` : `${Math.round(s / 60)} min`;
  return `UPLINK_COMMANDS_DOWN: the platform's commands have not reached this box for ${age} (since ${since}). ${detail}`.slice(
    0,
    300,
  );
}
