import type { CommandOrigin, DeviceAction, Permissions } from '@gatehouse/contracts';

type Channel = keyof Permissions;

/** How much of a minute's commands may come at once. */
const burstShare = 1 / 3;
/** More than anybody has logins for; past it those who come new share one rate. */
const mostParties = 1_000;
/** A flood lets one command through with each part of its rate; it has ended when nothing was refused for so long, milliseconds. */
const floodEndsMs = 60_000;

interface Bucket {
  level: number;
  atMs: number;
  refusedMs: number;
}

/**
 * Commands a minute for each person, so that nobody's flood keeps another from a door (drop policy: refuse-newest, nothing is queued): each
 * login of the console and the command line, each card reader, each key of the platform. What flows and schedules call themselves is
 * free text, so each of these is one party. Stops are counted apart.
 */
export class RateLimit {
  readonly #permissions: Permissions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(permissions: Permissions) {
    this.#permissions = permissions;
  }

  /** `first` is the refusal that begins a flood: it is worth an entry in the audit, the others are not. */
  take(origin: LimitedOrigin, action: DeviceAction, nowMs: number): 'taken' | 'first' | 'refused' {
    const { perMinute } = this.#permissions[origin.channel];
    const most = Math.max(1, perMinute * burstShare);
    const bucket = this.#bucket(`${partyOf(origin)}/${action === 'stop' ? 'stop' : 'others'}`, most, nowMs);
    bucket.level = Math.min(most, bucket.level + ((nowMs - bucket.atMs) * perMinute) / 60_000);
    bucket.atMs = nowMs;
    if (bucket.level >= 1) {
      bucket.level--;
      return 'taken';
    }
    const first = nowMs - bucket.refusedMs >= floodEndsMs;
    bucket.refusedMs = nowMs;
    return first ? 'first' : 'refused';
  }

  #bucket(key: string, most: number, nowMs: number): Bucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    if (this.#buckets.size >= mostParties) this.#dropIdle(nowMs);
    const shared = this.#buckets.size >= mostParties ? 'others' : key;
    const bucket = this.#buckets.get(shared) ?? {
      level: most,
      atMs: nowMs,
      refusedMs: Number.NEGATIVE_INFINITY,
    };
    this.#buckets.set(shared, bucket);
    return bucket;
  }

  /** Who has asked for nothing within a minute has a whole rate again: nothing is to be remembered. */
  #dropIdle(nowMs: number): void {
    for (const [key, { atMs }] of this.#buckets) if (nowMs - atMs >= 60_000) this.#buckets.delete(key);
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
