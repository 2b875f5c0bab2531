import type { CommandOrigin, DeviceAction, Permissions } from '@gatehouse/contracts';
import { type Clock, TokenBucket } from '@gatehouse/kit';

type Channel = keyof Permissions;

/** How much of a minute's commands may come at once. */
const burstShare = 1 / 3;
/** More than anybody has logins for; past it those who come new share one rate. */
const mostParties = 1_000;
/**
 * A flood lets one command through with each part of its rate; it has ended when nothing was refused for so
 * long, milliseconds.
 */
const floodEndsMs = 60_000;

interface Party {
  readonly bucket: TokenBucket;
  askedMs: number;
  refusedMs: number;
}

/**
 * Commands a minute for each person, so that nobody's flood keeps another from a door (drop policy:
 * refuse-newest, nothing is queued): each login of the console and the command line, each card reader, each
 * key of the platform. What flows and schedules call themselves is free text, so each of these is one party.
 * Stops are counted apart.
 */
export class RateLimit {
  readonly #permissions: Permissions;
  readonly #clock: Clock;
  readonly #parties = new Map<string, Party>();

  constructor(permissions: Permissions, clock: Clock) {
    this.#permissions = permissions;
    this.#clock = clock;
  }

  /** `first` is the refusal that begins a flood: it is worth an entry in the audit, the others are not. */
  take(origin: LimitedOrigin, action: DeviceAction): 'taken' | 'first' | 'refused' {
    const { perMinute } = this.#permissions[origin.channel];
    const nowMs = this.#clock.monotonicMs();
    const party = this.#party(
      `${partyOf(origin)}/${action === 'stop' ? 'stop' : 'others'}`,
      perMinute,
      nowMs,
    );
    party.askedMs = nowMs;
    if (party.bucket.take() === 0) return 'taken';
    const first = nowMs - party.refusedMs >= floodEndsMs;
    party.refusedMs = nowMs;
    return first ? 'first' : 'refused';
  }

  #party(key: string, perMinute: number, nowMs: number): Party {
    const known = this.#parties.get(key);
    if (known) return known;
    if (this.#parties.size >= mostParties) this.#dropIdle(nowMs);
    const shared = this.#parties.size >= mostParties ? 'others' : key;
    const rate = { capacity: Math.max(1, perMinute * burstShare), refill: perMinute, everyMs: 60_000 };
    const party = this.#parties.get(shared) ?? {
      bucket: new TokenBucket({ ...rate, clock: this.#clock }),
      askedMs: nowMs,
      refusedMs: Number.NEGATIVE_INFINITY,
    };
    this.#parties.set(shared, party);
    return party;
  }

  /**
   * A party that has asked for nothing within a minute has its whole rate again, so nothing is remembered of
   * it.
   */
  #dropIdle(nowMs: number): void {
    for (const [key, { askedMs }] of this.#parties) if (nowMs - askedMs >= 60_000) this.#parties.delete(key);
  }
}

export type LimitedOrigin = Pick<CommandOrigin, 'user' | 'key'> & { readonly channel: Channel };

/** Whose commands are counted together, and take turns on a bus with those of others. */
export function partyOf({ channel, user, key }: Pick<CommandOrigin, 'channel' | 'user' | 'key'>): string {
  switch (channel) {
    case 'console':
    case 'cli':
    case 'reader':
      return `${channel}/${user}`;
    case 'upstream':
      return `${channel}/${key ?? ''}`;
    default:
      return channel;
  }
}

/** The box itself, when it raises an arm or opens in a fire, asks nobody. */
export function isLimited(origin: CommandOrigin): origin is CommandOrigin & LimitedOrigin {
  return origin.channel !== 'box';
}
